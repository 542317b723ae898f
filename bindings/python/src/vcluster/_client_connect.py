# SPDX-License-Identifier: Apache-2.0
"""The ways into a virtual cluster."""

from __future__ import annotations

import os

from ._base import call_options, timeout_ms
from ._client_base import ClientBase
from ._native import capi
from .connection import Connection
from .credential import Token, account_options
from .endpoint import Endpoint
from .tunnel import Tunnel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .client import Client


class ConnectCalls(ClientBase):
    """The ways into a virtual cluster."""

    __slots__ = ()

    def open(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Client:
        """A client of the virtual cluster itself, over a tunnel inside this process."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        from .client import Client

        return Client._from_native(capi.vcluster_instance_open(self._handle, name, options))

    def token(
        self,
        name: str,
        *,
        namespace: str | None = None,
        service_account: str | None = None,
        service_account_namespace: str | None = None,
        create: bool = False,
        cluster_role: str | None = None,
        role: str | None = None,
        role_namespace: str | None = None,
        expiration: float | timedelta | None = None,
        audiences: Iterable[str] = (),
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Token:
        """Get a short-lived token of a service account of a virtual cluster.

        :param service_account: None: ``libvcluster``, in ``service_account_namespace``, which is
            ``kube-system`` unless it is given
        :param create: make what is missing: the account, and the binding of its role
        :param cluster_role: with ``create``: bind the account to this ClusterRole; or else
        :param role: to this Role, in ``role_namespace`` (None: the account's)
        :param expiration: seconds or a timedelta, ten minutes at least; None: an hour
        :param audiences: who shall accept it; empty: the API server
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            **account_options(
                namespace,
                service_account,
                service_account_namespace,
                create=create,
                cluster_role=cluster_role,
                role=role,
                role_namespace=role_namespace,
                expiration_s=timeout_ms(expiration) // 1000,
                audiences=list(audiences) or None,
            ),
        )
        return Token(capi.vcluster_instance_token(self._handle, name, options))

    def open_token(
        self,
        name: str,
        *,
        namespace: str | None = None,
        service_account: str | None = None,
        service_account_namespace: str | None = None,
        create: bool = False,
        cluster_role: str | None = None,
        role: str | None = None,
        role_namespace: str | None = None,
        expiration: float | timedelta | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Client:
        """As :meth:`open`, but logged in as a service account; see :meth:`token`.

        Its token is renewed before it expires, and when the API server refuses it.
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            **account_options(
                namespace,
                service_account,
                service_account_namespace,
                create=create,
                cluster_role=cluster_role,
                role=role,
                role_namespace=role_namespace,
                expiration_s=timeout_ms(expiration) // 1000,
            ),
        )
        from .client import Client

        return Client._from_native(capi.vcluster_instance_open_token(self._handle, name, options))

    def revoke_token(
        self,
        name: str,
        *,
        namespace: str | None = None,
        service_account: str | None = None,
        service_account_namespace: str | None = None,
        missing_ok: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Remove what :meth:`token` made for a service account: every token of it ends.

        An account that somebody else made stays, but loses the bindings of ours.

        :param missing_ok: no error when nothing of ours is there
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            **account_options(
                namespace, service_account, service_account_namespace, missing_ok=missing_ok
            ),
        )
        capi.vcluster_instance_token_revoke(self._handle, name, options)

    def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        namespace: str | None = None,
        environment: Mapping[str, str] | None = None,
        kill_after: float = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> int:
        """Run a program whose KUBECONFIG leads to the virtual cluster, and return its exit code.

        It has this process's standard streams. 128 and more is a signal, 127 a program that is not
        there. A private kubeconfig and a tunnel last as long as it does.

        :param environment: in place of :data:`os.environ`; KUBECONFIG is set in either
        :param kill_after: seconds from SIGTERM to SIGKILL when the call is cancelled; 0 is ten,
            a negative number means never
        :param timeout: for reaching the virtual cluster; the program has none
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            environment=None if environment is None else [f"{k}={v}" for k, v in environment.items()],
            kill_after_ms=-1 if kill_after < 0 else round(kill_after * 1000),
        )
        return capi.vcluster_instance_run(self._handle, name, list(command), options)

    def start_connection(
        self,
        name: str,
        *,
        namespace: str | None = None,
        program: str | os.PathLike[str] | None = None,
        local_port: int = 0,
        context_name: str | None = None,
        state_directory: str | os.PathLike[str] | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Connection:
        """Have a process of its own hold a tunnel, which outlives this program.

        It ends by :func:`vcluster.connection.stop`, SIGTERM, or when the virtual cluster is
        deleted. One like it that is running already is returned.

        :param program: path of ``vcl``, which holds it; None: the one in ``PATH``
        :param context_name: of the kubeconfig context that will lead there
        :param state_directory: where it is written down; None: ``libvcluster/connections`` in
            ``$XDG_STATE_HOME`` or ``~/.local/state``
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            program=None if program is None else os.fspath(program),
            local_port=local_port,
            context_name=context_name,
            state_directory=None if state_directory is None else os.fspath(state_directory),
        )
        native = capi.vcluster_connection_start(self._handle, name, options)
        return Connection._from_native(native)

    def tunnel(
        self,
        name: str,
        *,
        namespace: str | None = None,
        local_port: int = 0,
        remote_port: int = 0,
        unix_socket: bool | str = False,
        wait: float = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Tunnel:
        """Open a port on 127.0.0.1 that leads to the virtual cluster, for other programs.

        :param unix_socket: listen on a unix socket instead: ``True`` for one in a new folder that
            only this user can enter, or its path
        :param wait: seconds that a connection waits for a pod that takes it; 0 is a minute
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            local_port=local_port,
            remote_port=remote_port,
            unix_socket=bool(unix_socket),
            socket_path=unix_socket if isinstance(unix_socket, str) else None,
            wait_ms=round(wait * 1000),
        )
        return Tunnel(capi.vcluster_tunnel_open(self._handle, name, options))

    def kubeconfig(
        self,
        name: str,
        *,
        namespace: str | None = None,
        server: str | None = None,
        tls_server_name: str | None = None,
        context_name: str | None = None,
        insecure: bool = False,
        unverified: bool = False,
        token: Token | None = None,
        exec_plugin: bool = False,
        exec_command: str | os.PathLike[str] | None = None,
        service_account: str | None = None,
        service_account_namespace: str | None = None,
        cluster_role: str | None = None,
        expiration: float | timedelta | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> str:
        """A kubeconfig that works without this program, tried out before it is handed out.

        It leads to ``server``, or to what :meth:`endpoint` chooses; where nothing works,
        :class:`PreconditionError` has a finding for each way, and :meth:`Tunnel.kubeconfig` is
        left. ``tls_server_name``, ``insecure`` and ``unverified`` are those of
        :meth:`endpoint`. It holds administrator credentials unless ``token`` or ``exec_plugin``
        says otherwise.

        :param token: log in with it instead of as administrator
        :param exec_plugin: hold no credentials, but name the program ``vcl credential``, which
            fetches a token with the host's kubeconfig each time that kubectl starts
        :param exec_command: that program; None: ``vcl``, looked up in ``$PATH``
        :param service_account: with ``exec_plugin``: whose tokens; None: ``libvcluster-admin``,
            made and bound to cluster-admin when it is first used
        :param cluster_role: make ``service_account``, bound to this ClusterRole
        :param expiration: with ``exec_plugin``: of each token; None: an hour
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            server=server,
            tls_server_name=tls_server_name,
            context_name=context_name,
            insecure=insecure,
            unverified=unverified,
            token=None if token is None else token._native,
            exec_plugin=exec_plugin,
            exec_command=None if exec_command is None else os.fspath(exec_command),
            service_account=service_account,
            service_account_namespace=service_account_namespace,
            cluster_role=cluster_role,
            expiration_s=timeout_ms(expiration) // 1000,
        )
        return capi.vcluster_instance_kubeconfig(self._handle, name, options)

    def endpoint(
        self,
        name: str,
        *,
        namespace: str | None = None,
        server: str | None = None,
        tls_server_name: str | None = None,
        insecure: bool = False,
        exposed_only: bool = False,
        unverified: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Endpoint:
        """The best way to a virtual cluster that works from here, tried out with its own CA.

        :param server: taken in place of all others
        :param tls_server_name: name to verify in place of the URL's host
        :param insecure: do not verify certificates, nor log in to try it
        :param exposed_only: the tunnel does not count: :class:`PreconditionError` then
        :param unverified: take ``server`` as it is: it can be reached from elsewhere only
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            server=server,
            tls_server_name=tls_server_name,
            insecure=insecure,
            exposed_only=exposed_only,
            unverified=unverified,
        )
        native = capi.vcluster_instance_endpoint(self._handle, name, options)
        return Endpoint._from_native(native)
