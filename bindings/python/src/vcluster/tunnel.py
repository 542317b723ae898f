# SPDX-License-Identifier: Apache-2.0
"""A port on 127.0.0.1 that leads to a virtual cluster, for other programs."""

from __future__ import annotations

from ._native import capi
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Tunnel:
    """A listening tunnel, closed by :meth:`close` or ``with``.

    Made by :meth:`Client.tunnel` and :meth:`Pods.forward`.
    """

    __slots__ = ("_native",)

    def __init__(self, native: capi.vcluster_tunnel) -> None:
        self._native: capi.vcluster_tunnel | None = native

    @property
    def _handle(self) -> capi.vcluster_tunnel:
        if self._native is None:
            raise InvalidArgumentError("the tunnel is closed")
        return self._native

    @property
    def port(self) -> int:
        """Local port on 127.0.0.1."""
        return capi.vcluster_tunnel_port(self._handle)

    @property
    def url(self) -> str:
        """``https://127.0.0.1:PORT``; that of a pod begins with ``tcp://``."""
        return capi.vcluster_tunnel_url(self._handle)

    @property
    def connection_count(self) -> int:
        """Number of connections that were accepted so far."""
        return capi.vcluster_tunnel_connection_count(self._handle)

    def kubeconfig(self) -> str:
        """A kubeconfig that works as long as the tunnel is open.

        It holds administrator credentials: write it to private files only.
        """
        return capi.vcluster_tunnel_kubeconfig(self._handle)

    @property
    def closed(self) -> bool:
        """Whether the tunnel was closed."""
        return self._native is None

    def close(self) -> None:
        """Close the tunnel and its connections. Again is allowed."""
        self._native = None

    def __enter__(self) -> Tunnel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<Tunnel closed>" if self.closed else f"<Tunnel {self.url}>"
