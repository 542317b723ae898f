# SPDX-License-Identifier: Apache-2.0
"""A token that stops calls from another thread or a signal handler."""

from __future__ import annotations

from ._native import capi


class Cancel:
    """Give it to any number of calls as ``cancel=``; triggering it is permanent."""

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        self._handle = capi.vcluster_cancel_new()

    def trigger(self) -> None:
        """Stop every call that was given the token: they raise :class:`CancelledError`."""
        capi.vcluster_cancel_trigger(self._handle)

    @property
    def triggered(self) -> bool:
        """Whether the token was triggered."""
        return capi.vcluster_cancel_triggered(self._handle)

    def __repr__(self) -> str:
        return f"<Cancel {'triggered' if self.triggered else 'waiting'}>"
