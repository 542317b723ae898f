# SPDX-License-Identifier: Apache-2.0
"""A port on 127.0.0.1 that leads to a virtual cluster, for other programs."""

from __future__ import annotations

from ._base import Record
from ._native import capi
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class TunnelStats(Record):
    """What a tunnel has done so far."""

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "failed",
        "last_error",
        "open",
        "reconnects",
        "total",
    )

    #: Bytes that came from the pod.
    bytes_in: int
    #: Bytes that came from the local programs.
    bytes_out: int
    #: Connections that were reset: there was no pod for them, or it was lost.
    failed: int
    #: Why a connection or the search for the pod failed last.
    last_error: str | None
    #: Connections that are open now, or wait for the pod.
    open: int
    #: Pods found after one that had answered was lost.
    reconnects: int
    #: Connections that were accepted.
    total: int


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
        """Local port on 127.0.0.1; 0 for a tunnel on a unix socket."""
        return capi.vcluster_tunnel_port(self._handle)

    @property
    def url(self) -> str:
        """``https://127.0.0.1:PORT``, for that of a pod ``tcp://...``, or ``unix:PATH``."""
        return capi.vcluster_tunnel_url(self._handle)

    @property
    def socket_path(self) -> str | None:
        """Path of the unix socket; ``None`` for a tunnel on a port."""
        return capi.vcluster_tunnel_socket_path(self._handle) or None

    @property
    def connection_count(self) -> int:
        """Number of connections that were accepted so far."""
        return capi.vcluster_tunnel_connection_count(self._handle)

    def stats(self) -> TunnelStats:
        """What the tunnel has done so far."""
        import json  # few programs need it

        said = json.loads(capi.vcluster_tunnel_to_json(self._handle))
        connections = said["connections"]
        return TunnelStats(
            said["bytesIn"],
            said["bytesOut"],
            connections["failed"],
            said["lastError"],
            connections["open"],
            said["reconnects"],
            connections["total"],
        )

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
