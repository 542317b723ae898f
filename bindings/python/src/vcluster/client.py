# SPDX-License-Identifier: Apache-2.0
"""A client of one Kubernetes cluster: usually the host, but also a virtual cluster."""

from __future__ import annotations

import atexit
import os

from ._base import call_options, timeout_ms
from ._client_connect import ConnectCalls
from ._client_inspect import InspectCalls
from ._client_lifecycle import LifecycleCalls
from ._client_upkeep import UpkeepCalls
from ._native import capi
from .pod import Pods
from .release import Releases
from .resource import Resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Literal

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel

    ExecPolicy = Literal["default", "allow", "deny", "allowlist"]

_EXEC_POLICIES = {
    "default": capi.VCLUSTER_EXEC_DEFAULT,
    "allow": capi.VCLUSTER_EXEC_ALLOW,
    "deny": capi.VCLUSTER_EXEC_DENY,
    "allowlist": capi.VCLUSTER_EXEC_ALLOWLIST,
}

#: Levels of the library as those of the logging module.
_LOG_LEVELS = {
    capi.VCLUSTER_LOG_DEBUG: 10,
    capi.VCLUSTER_LOG_INFO: 20,
    capi.VCLUSTER_LOG_WARNING: 30,
}
# From then on no thread of the library enters Python any more.
atexit.register(capi.stop_callbacks)


def _native_log(log: Callable[[int, str], object]) -> Callable[[int, str], None]:
    """The log callback with levels of the logging module."""

    def native_log(level: int, message: str) -> None:
        log(_LOG_LEVELS.get(level, 20), message)

    return native_log


class Client(LifecycleCalls, InspectCalls, UpkeepCalls, ConnectCalls):
    """A connection to a cluster. Safe to use from many threads; a context manager.

    Every method that talks to the server takes ``timeout`` (seconds or a timedelta; ``None`` is
    the client's default, ``math.inf`` none), ``cancel`` (a :class:`Cancel`) and ``progress`` (a
    callable that gets :class:`Progress`; raising in it stops the call with that exception).
    Ctrl-C stops them as well.
    """

    __slots__ = ()

    def __init__(
        self,
        kubeconfig: str | os.PathLike[str] | None = None,
        *,
        kubeconfig_text: str | None = None,
        context: str | None = None,
        timeout: Timeout = None,
        log: Callable[[int, str], object] | None = None,
        user_agent: str | None = None,
        server: str | None = None,
        namespace: str | None = None,
        impersonate_user: str | None = None,
        impersonate_groups: Iterable[str] = (),
        exec_policy: ExecPolicy = "default",
        exec_allowlist: Iterable[str] = (),
        allow_file_references: bool = False,
        on_warning: Callable[[str, str], object] | None = None,
    ) -> None:
        """Read a kubeconfig; nothing is sent, and no program runs yet.

        :param kubeconfig: a path; None: ``$KUBECONFIG``, ``~/.kube/config``, the pod's account
        :param kubeconfig_text: a kubeconfig as text; wins over the path. It may not name files or
            programs unless ``allow_file_references`` and ``exec_policy`` say so
        :param context: None: the kubeconfig's current one
        :param timeout: default deadline of blocking calls
        :param log: gets a level of the logging module and a line, from any thread, such as
            ``logging.getLogger("vcluster").log``; it must not use this client
        :param user_agent: put in front of the library's own, such as ``"backstage/1.2"``
        :param server: URL of the API server in place of the kubeconfig's, whose credentials it gets
        :param namespace: in place of the context's
        :param impersonate_user: act as this user, in place of the kubeconfig's ``as``
        :param impersonate_groups: and with these groups, in place of its ``as-groups``
        :param exec_policy: programs that the kubeconfig may run to log in: ``"default"``: those of
            files, none of a text; ``"allow"``: any; ``"deny"``: none; ``"allowlist"``
        :param exec_allowlist: those of ``"allowlist"``: absolute paths, or names in ``$PATH``
        :param allow_file_references: ``kubeconfig_text`` may name files
        :param on_warning: gets each warning of the API server: the request, such as
            ``"PATCH /apis/..."``, and the text; it must not use this client. Clients that
            :meth:`open` makes call it, too
        """
        if exec_policy not in _EXEC_POLICIES:
            raise ValueError(f"exec_policy {exec_policy!r} is none of {', '.join(_EXEC_POLICIES)}")
        options = {
            "kubeconfig_path": None if kubeconfig is None else os.fspath(kubeconfig),
            "kubeconfig_text": kubeconfig_text,
            "context": context,
            "timeout_ms": timeout_ms(timeout),
            "user_agent": user_agent,
            "log": None if log is None else _native_log(log),
            "server": server,
            "namespace_name": namespace,
            "impersonate_user": impersonate_user,
            "impersonate_groups": list(impersonate_groups) or None,
            "exec_policy": _EXEC_POLICIES[exec_policy],
            "exec_allowlist": list(exec_allowlist) or None,
            "allow_file_references": allow_file_references,
            "warning": on_warning,
        }
        self._native = capi.vcluster_client_new(options)

    @classmethod
    def _from_native(cls, native: capi.vcluster_client) -> Client:
        client = cls.__new__(cls)
        client._native = native
        return client

    @property
    def server(self) -> str:
        """URL of the API server."""
        return capi.vcluster_client_server(self._handle)

    @property
    def context(self) -> str:
        """Name of the context in use, or ``""``."""
        return capi.vcluster_client_context(self._handle)

    @property
    def namespace(self) -> str:
        """Namespace of the context, or ``""``."""
        return capi.vcluster_client_namespace(self._handle)

    @property
    def request_count(self) -> int:
        """Number of HTTP requests that were sent so far."""
        return capi.vcluster_client_request_count(self._handle)

    @property
    def resources(self) -> Resources:
        """Any Kubernetes object of the cluster."""
        return Resources(self)

    @property
    def pods(self) -> Pods:
        """Logs of pods, commands in them, tunnels to them."""
        return Pods(self)

    @property
    def releases(self) -> Releases:
        """Helm releases of any chart in the cluster."""
        return Releases(self)

    def server_version(
        self,
        *,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> str:
        """Ask the API server for its version, such as ``v1.35.4``."""
        options = call_options(timeout, cancel, progress)
        return capi.vcluster_client_server_version(self._handle, options)

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        return self._native is None

    def close(self) -> None:
        """Give the connections up as soon as calls and tunnels on them are done."""
        self._native = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<Client closed>" if self.closed else f"<Client {self.server}>"
