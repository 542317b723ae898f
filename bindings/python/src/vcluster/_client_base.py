# SPDX-License-Identifier: Apache-2.0
"""What every part of a client stands on: the handle of the library's."""

from __future__ import annotations

from ._native import capi
from .errors import InvalidArgumentError


class ClientBase:
    """The handle of a client, or None when it is closed."""

    __slots__ = ("_native", "__weakref__")

    _native: capi.vcluster_client | None

    @property
    def _handle(self) -> capi.vcluster_client:
        if self._native is None:
            raise InvalidArgumentError("the client is closed")
        return self._native
