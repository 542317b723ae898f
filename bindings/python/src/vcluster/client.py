# SPDX-License-Identifier: Apache-2.0
"""A client of one Kubernetes cluster: usually the host, but also a virtual cluster."""

from __future__ import annotations

import atexit
import os

from ._base import call_options, timeout_ms
from ._native import capi
from .config import Config, native_config
from .credential import Token, account_options
from .diagnosis import Diagnosis
from .endpoint import Endpoint
from .connection import Connection
from .errors import InvalidArgumentError
from .instance import Instance, InstanceEvent
from .lease import Result, epoch, ttl_seconds
from .plan import Plan
from .pod import Pods
from .quota import Usage
from .release import Releases
from .report import Report
from .resource import Resources
from .snapshot import Certificate, Snapshot, place
from .sync import HostObject
from .tunnel import Tunnel

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta
    from types import TracebackType
    from typing import Literal

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .chart import Chart
    from .config import ConfigLike
    from .snapshot import SnapshotFile
    from .lease import Duration
    from .watch import Watch

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


class Client:
    """A connection to a cluster. Safe to use from many threads; a context manager.

    Every method that talks to the server takes ``timeout`` (seconds or a timedelta; ``None`` is
    the client's default, ``math.inf`` none), ``cancel`` (a :class:`Cancel`) and ``progress`` (a
    callable that gets :class:`Progress`; raising in it stops the call with that exception).
    Ctrl-C stops them as well.
    """

    __slots__ = ("_native", "__weakref__")

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
        self._native: capi.vcluster_client | None = capi.vcluster_client_new(options)

    @classmethod
    def _from_native(cls, native: capi.vcluster_client) -> Client:
        client = cls.__new__(cls)
        client._native = native
        return client

    @property
    def _handle(self) -> capi.vcluster_client:
        if self._native is None:
            raise InvalidArgumentError("the client is closed")
        return self._native

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

    def ensure(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        distribution: str | None = None,
        chart: Chart | None = None,
        chart_source: str | os.PathLike[str] | None = None,
        chart_version: str | None = None,
        kubernetes_version: str | None = None,
        profile: str | None = None,
        reset_values: bool = False,
        atomic: bool = False,
        resume: bool = False,
        preflight: bool = False,
        wait: bool = True,
        take_over: bool = False,
        ttl: Duration = None,
        expires_at: datetime | None = None,
        owner: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Make sure that a virtual cluster exists and is ready.

        Idempotent: what an interrupted call left unfinished is completed, and an existing one that
        differs from what is asked for is upgraded: its values, chart and version of Kubernetes stay
        but for what is given here. A report of the step ``"plan"`` says beforehand whether the
        control plane restarts; what cannot go well is refused with all findings
        (:class:`PreconditionError`) before anything is touched.

        :param config: values: a :class:`Config`, a mapping, YAML text or a path object
        :param namespace: host namespace; None: the context's, or ``vcluster-NAME``
        :param distribution: ``"upstream"`` (default) or ``"embedded"``
        :param chart: a chart to install instead of the distribution's
        :param chart_source: where upstream's chart comes from: a chart repository,
            ``oci://HOST/PATH/CHART``, a directory or a ``.tgz``; None: as :meth:`Chart.upstream`
        :param chart_version: its version, or a constraint; None: as :meth:`Chart.upstream`
        :param kubernetes_version: Kubernetes inside, such as ``1.35``; None: as the values, or an
            existing one, or the chart has it
        :param profile: ``"default"``, ``"fast"`` or ``"lean"``: values below those that are given
        :param reset_values: values given earlier are dropped, not merged
        :param atomic: what fails is undone: a creation deleted, an upgrade rolled back
        :param resume: a paused one is resumed first, where it would be refused
        :param preflight: what :meth:`preflight` finds of severity error about a new one refuses it
            (:class:`PreconditionError` with all findings) before anything is touched
        :param wait: False: return as soon as the objects are applied
        :param take_over: take over a pending release that Helm itself left behind
        :param ttl: it expires so many seconds from now; an existing one is extended. None: it does
            not, and an existing one keeps its expiry
        :param expires_at: the same as a time, which knows its zone
        :param owner: who it belongs to; None: nobody is named, or as it is
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            distribution=distribution,
            chart=None if chart is None else chart._handle,
            chart_source=None if chart_source is None else os.fspath(chart_source),
            chart_version=chart_version,
            no_wait=not wait,
            take_over=take_over,
            kubernetes_version=kubernetes_version,
            profile=profile,
            reset_values=reset_values,
            atomic=atomic,
            resume=resume,
            preflight=preflight,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            owner=owner,
        )
        return Instance._from_native(
            capi.vcluster_instance_ensure(self._handle, name, native_config(config), options)
        )

    def create(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        distribution: str | None = None,
        chart: Chart | None = None,
        chart_source: str | os.PathLike[str] | None = None,
        chart_version: str | None = None,
        kubernetes_version: str | None = None,
        profile: str | None = None,
        reset_values: bool = False,
        atomic: bool = False,
        resume: bool = False,
        preflight: bool = False,
        wait: bool = True,
        take_over: bool = False,
        ttl: Duration = None,
        expires_at: datetime | None = None,
        owner: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """As :meth:`ensure`, but :class:`AlreadyExistsError` when it exists."""
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            distribution=distribution,
            chart=None if chart is None else chart._handle,
            chart_source=None if chart_source is None else os.fspath(chart_source),
            chart_version=chart_version,
            no_wait=not wait,
            take_over=take_over,
            kubernetes_version=kubernetes_version,
            profile=profile,
            reset_values=reset_values,
            atomic=atomic,
            resume=resume,
            preflight=preflight,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            owner=owner,
        )
        return Instance._from_native(
            capi.vcluster_instance_create(self._handle, name, native_config(config), options)
        )

    def plan(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        distribution: str | None = None,
        chart: Chart | None = None,
        chart_source: str | os.PathLike[str] | None = None,
        chart_version: str | None = None,
        kubernetes_version: str | None = None,
        profile: str | None = None,
        reset_values: bool = False,
        take_over: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Plan:
        """Tell what :meth:`ensure` with the same arguments would do; nothing is changed.

        Each object is sent to the host as a dry run, so that what it refuses is a change of impact
        ``"refused"``.
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            distribution=distribution,
            chart=None if chart is None else chart._handle,
            chart_source=None if chart_source is None else os.fspath(chart_source),
            chart_version=chart_version,
            take_over=take_over,
            kubernetes_version=kubernetes_version,
            profile=profile,
            reset_values=reset_values,
        )
        return Plan._from_native(
            capi.vcluster_instance_plan(self._handle, name, native_config(config), options)
        )

    def preflight(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        distribution: str | None = None,
        chart: Chart | None = None,
        chart_source: str | os.PathLike[str] | None = None,
        chart_version: str | None = None,
        kubernetes_version: str | None = None,
        profile: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Report:
        """Tell what would make :meth:`create` with the same arguments fail; nothing is changed.

        Everything comes at once: rights, storage class, quotas, limit ranges, pod security level,
        names, images, and values that upstream refuses or that need its licence. Of severity
        ``"error"`` is what will certainly make it fail, or the control plane never start.
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            distribution=distribution,
            chart=None if chart is None else chart._handle,
            chart_source=None if chart_source is None else os.fspath(chart_source),
            chart_version=chart_version,
            kubernetes_version=kubernetes_version,
            profile=profile,
        )
        return Report(
            capi.vcluster_instance_preflight(self._handle, name, native_config(config), options)
        )

    def pause(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Scale a virtual cluster to nothing and wait until its pods are gone.

        Its objects, volumes, Services and Secrets stay. One that is paused already is success.
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        capi.vcluster_instance_pause(self._handle, name, options)

    def resume(
        self,
        name: str,
        *,
        namespace: str | None = None,
        wait: bool = True,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Bring a paused virtual cluster back, or one that was scaled down by hand.

        :param wait: False: return when it is scaled, without waiting until it is ready
        """
        options = call_options(
            timeout, cancel, progress, namespace_name=namespace, no_wait=not wait
        )
        capi.vcluster_instance_resume(self._handle, name, options)

    def get(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Get one virtual cluster; without a namespace it is searched in all of them."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Instance._from_native(capi.vcluster_instance_get(self._handle, name, options))

    def why(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Diagnosis:
        """Find out why a virtual cluster is not ready; one that does not exist has a cause too."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Diagnosis._from_native(capi.vcluster_instance_why(self._handle, name, options))

    def list(
        self,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> builtins.list[Instance]:
        """List virtual clusters by namespace and name, with four requests however many."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        native = capi.vcluster_instance_list_new(self._handle, options)
        return [
            Instance._from_native(capi.vcluster_instance_list_at(native, index))
            for index in range(capi.vcluster_instance_list_size(native))
        ]

    def watch(
        self,
        on_event: Callable[[InstanceEvent], object],
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Call ``on_event`` for each virtual cluster that exists, then for every change of one.

        It runs on this thread; a true answer ends the watch, an exception ends it with that
        exception. Cuts of the connection are ridden out, and no state is told twice. ``timeout``
        is the length of the watch, which ends with :class:`TimeoutError`.
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)

        def on_native(event: int, native: capi.vcluster_instance) -> object:
            return on_event(InstanceEvent._from_native(event, native))

        capi.vcluster_instance_watch(self._handle, options, on_native)

    def watch_iter(
        self, *, namespace: str | None = None, timeout: Timeout = None
    ) -> Watch[InstanceEvent]:
        """The same as an iterator of :class:`InstanceEvent`, which is also a context manager."""
        from .watch import Watch

        def run(put: Callable[[InstanceEvent], None], cancel: Cancel) -> None:
            self.watch(put, namespace=namespace, timeout=timeout, cancel=cancel)

        return Watch(run, "watch")

    def wait(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Wait until a virtual cluster is ready."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Instance._from_native(capi.vcluster_instance_wait(self._handle, name, options))

    def delete(
        self,
        name: str,
        *,
        namespace: str | None = None,
        missing_ok: bool = False,
        keep_volumes: bool = False,
        keep_namespace: bool = False,
        wait: bool = True,
        gitops_too: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Delete a virtual cluster and wait until its objects are gone.

        :param missing_ok: no error when there is nothing to delete
        :param keep_volumes: PersistentVolumeClaims stay, and the namespace with them
        :param keep_namespace: the namespace stays, even if the library made it
        :param wait: False: return when the deletions are asked for
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            missing_ok=missing_ok,
            keep_volumes=keep_volumes,
            keep_namespace=keep_namespace,
            no_wait=not wait,
            gitops_too=gitops_too,
        )
        capi.vcluster_instance_delete(self._handle, name, options)

    def extend(
        self,
        name: str,
        ttl: Duration = None,
        *,
        expires_at: datetime | None = None,
        never: bool = False,
        only_later: bool = False,
        owner: str | None = None,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Set the time at which a virtual cluster expires: one of ttl, expires_at and never.

        When this returns, no reaper deletes it before the new time. :class:`ConflictError` when it
        has expired and a reaper is at work already.

        :param ttl: so many seconds from now
        :param expires_at: a time, which knows its zone
        :param never: it does not expire any more
        :param only_later: an expiry that is later already stays: for heartbeats
        :param owner: None: as it is; ``""``: nobody
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            never=never,
            only_later=only_later,
            owner=owner,
        )
        return Instance._from_native(capi.vcluster_instance_extend(self._handle, name, options))

    def reap(
        self,
        on_result: Callable[[Result], object] | None = None,
        *,
        namespace: str | None = None,
        owner: str | None = None,
        grace: Duration = None,
        parallel: int = 0,
        interval: Timeout = None,
        dry_run: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> builtins.list[Result]:
        """Delete the virtual clusters that have expired; any number of reapers may run at once.

        One that could not be deleted has an ``error`` in its result. Without an expiry none is
        touched.

        :param on_result: called with each result as it comes; a true answer ends the call
        :param namespace: None: all
        :param owner: only those of this owner
        :param grace: delete what has expired so many seconds ago
        :param parallel: deletions at once; 0: 4
        :param interval: look again so long after each round, until ended; None: look once
        :param dry_run: tell what would be deleted
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            owner=owner,
            grace_s=ttl_seconds(grace),
            parallel=parallel,
            interval_ms=timeout_ms(interval),
            dry_run=dry_run,
        )
        results: builtins.list[Result] = []

        def on_native(native: capi.vcluster_result) -> object:
            result = Result._from_native(native)
            if interval is None:
                results.append(result)
            return on_result(result) if on_result is not None else False

        capi.vcluster_reap(self._handle, options, on_native)
        return results

    def plan_delete(
        self,
        name: str,
        *,
        namespace: str | None = None,
        missing_ok: bool = False,
        keep_volumes: bool = False,
        keep_namespace: bool = False,
        gitops_too: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Plan:
        """Tell what :meth:`delete` with the same arguments would do; nothing is changed.

        Changes are ``"remove"``, ``"keep"`` and ``"leak"``: what would be left behind, for
        :meth:`audit` to remove afterwards. A protected one has a change of impact ``"refused"``.
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            missing_ok=missing_ok,
            keep_volumes=keep_volumes,
            keep_namespace=keep_namespace,
            gitops_too=gitops_too,
        )
        return Plan._from_native(capi.vcluster_instance_plan_delete(self._handle, name, options))

    def audit(
        self,
        *,
        namespace: str | None = None,
        grace: Duration = None,
        remove: bool = False,
        volumes_too: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Plan:
        """Find what virtual clusters left behind on the host, and remove it if asked.

        What stays is a change ``"leak"``, of impact ``"dataloss"`` where its removal would lose
        data and ``"refused"`` where it cannot be removed; what was removed is ``"remove"``.

        :param namespace: look only there; None: everywhere
        :param grace: what is younger is left out; None: ten minutes; 0: nothing
        :param remove: remove what is found, but for what holds data
        :param volumes_too: with remove, also volumes: their data is lost
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            grace_s=-1 if grace == 0 else ttl_seconds(grace),
            remove=remove,
            volumes_too=volumes_too,
        )
        return Plan._from_native(capi.vcluster_audit(self._handle, options))

    def snapshot(
        self,
        name: str,
        file: SnapshotFile,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Snapshot:
        """Keep the state of a running virtual cluster in a file.

        :param file: its path, or an open file, pipe or socket. It holds secrets.
        :raises UnsupportedError: an external database has the state: the message has the command
        """
        path, where = place(file)
        options = call_options(timeout, cancel, progress, namespace_name=namespace, **where)
        return Snapshot._from_json(
            capi.vcluster_instance_snapshot(self._handle, name, path, options)
        )

    def restore(
        self,
        name: str,
        file: SnapshotFile,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Put the state of a snapshot in the place of that of a virtual cluster, and wait for it.

        The file is checked whole before anything is touched. A virtual cluster that does not exist
        is made first, as the one of the snapshot was. After a kill the same call completes the work.

        :param file: its path, or an open file, pipe or socket, which is read to its end
        :raises PreconditionError: the snapshot does not fit: the message says why
        """
        path, where = place(file)
        options = call_options(timeout, cancel, progress, namespace_name=namespace, **where)
        return Instance._from_native(
            capi.vcluster_instance_restore(self._handle, name, path, options)
        )

    def config(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> Config:
        """The values that a virtual cluster runs with: its chart's with the user's on them."""
        options = call_options(timeout, cancel, None, namespace_name=namespace)
        return Config._from_native(capi.vcluster_instance_config(self._handle, name, options))

    def sync_apply(
        self,
        name: str,
        config: ConfigLike,
        *,
        namespace: str | None = None,
        atomic: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Change the sync rules of a running virtual cluster and wait until they are in force.

        :param config: what is to change, such as :func:`sync.set_rule` makes of an empty one
        :param atomic: what fails is rolled back
        :raises NotFoundError: there is no such virtual cluster: none is made
        :raises ConfigError: it cannot run with them; nothing was touched
        """
        options = call_options(
            timeout, cancel, progress, namespace_name=namespace, atomic=atomic
        )
        return Instance._from_native(
            capi.vcluster_sync_apply(self._handle, name, Config(config)._handle, options)
        )

    def host_objects(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> builtins.list[HostObject]:
        """The objects on the host that stand for objects of a virtual cluster.

        They are told by upstream's labels and annotations, and ordered by kind and virtual name.
        """
        import json

        options = call_options(timeout, cancel, None, namespace_name=namespace)
        text = capi.vcluster_instance_host_objects(self._handle, name, options)
        return [HostObject._from_tree(tree) for tree in json.loads(text)]

    def certs(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> builtins.list[Certificate]:
        """Tell the certificates of a virtual cluster, sorted by name."""
        import json

        options = call_options(timeout, cancel, None, namespace_name=namespace)
        text = capi.vcluster_instance_certs(self._handle, name, options)
        return [Certificate._from_tree(tree) for tree in json.loads(text)]

    def rotate_certs(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Renew the certificates, restart the control plane and wait until it is ready with them."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Instance._from_native(
            capi.vcluster_instance_rotate_certs(self._handle, name, options)
        )

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

    def fits(
        self,
        name: str,
        manifests: str,
        *,
        namespace: str | None = None,
        nodes: int = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Report:
        """Whether objects would fit into a virtual cluster as its host is now.

        As :func:`vcluster.quota.fits`, with the quotas and limit ranges of its host namespace, what
        is used of them, and its sync rules.

        :param manifests: the objects as YAML
        :param nodes: pods that a DaemonSet counts; 0: as many as the host has nodes
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace, nodes=nodes)
        return Report(capi.vcluster_instance_fits(self._handle, name, manifests, options))

    def usage(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Usage:
        """What quotas allow in the namespace of a virtual cluster, what is used, and by whom."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Usage(capi.vcluster_instance_usage(self._handle, name, options))

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
