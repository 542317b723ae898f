# SPDX-License-Identifier: Apache-2.0
"""Making, changing, pausing and deleting virtual clusters."""

from __future__ import annotations

import os

from ._base import call_options
from ._client_base import ClientBase
from ._native import capi
from .config import Config, native_config
from .instance import Instance
from .lease import epoch, ttl_seconds
from .plan import Plan
from .report import Report
from .snapshot import Certificate, Snapshot, SnapshotRequest, StoredSnapshot, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from datetime import datetime

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .chart import Chart
    from .config import ConfigLike
    from .lease import Duration
    from .snapshot import SnapshotFile


class LifecycleCalls(ClientBase):
    """Making, changing, pausing and deleting virtual clusters."""

    __slots__ = ()

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
        unchecked: bool = False,
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
        :param unchecked: values that :meth:`Config.check` calls an error are tried all the same;
            they are a :class:`ConfigError` with all findings otherwise
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
            unchecked=unchecked,
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
        unchecked: bool = False,
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
            unchecked=unchecked,
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
        unchecked: bool = False,
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
            unchecked=unchecked,
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
        leftovers_too: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Delete a virtual cluster and wait until its objects are gone.

        :param missing_ok: no error when there is nothing to delete
        :param keep_volumes: PersistentVolumeClaims stay, and the namespace with them
        :param keep_namespace: the namespace stays, even if the library made it
        :param wait: False: return when the deletions are asked for
        :param gitops_too: also one that Argo CD or Flux makes, and would make again
        :param leftovers_too: remove also what it would leave behind, by the rules and with the
            rights of :meth:`audit`, once the control plane has ended; not with ``wait=False``
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
            leftovers_too=leftovers_too,
        )
        capi.vcluster_instance_delete(self._handle, name, options)

    def plan_delete(
        self,
        name: str,
        *,
        namespace: str | None = None,
        missing_ok: bool = False,
        keep_volumes: bool = False,
        keep_namespace: bool = False,
        gitops_too: bool = False,
        leftovers_too: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Plan:
        """Tell what :meth:`delete` with the same arguments would do; nothing is changed.

        Changes are ``"remove"``, ``"keep"`` and ``"leak"``: what would be left behind, for
        :meth:`audit` to remove afterwards; with ``leftovers_too`` that is ``"remove"``, too, but
        for what has to stay. A protected one has a change of impact ``"refused"``.
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
            leftovers_too=leftovers_too,
        )
        return Plan._from_native(capi.vcluster_instance_plan_delete(self._handle, name, options))

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

    def request_snapshot(
        self,
        name: str,
        url: str,
        *,
        namespace: str | None = None,
        wait: bool = True,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> SnapshotRequest:
        """Have upstream's control plane take a snapshot and keep it, as ``vcluster snapshot create``.

        :param url: ``container:///data/FILE``, ``s3://BUCKET/KEY`` or
            ``oci://[USER:PASSWORD@]REGISTRY/REPOSITORY``, with upstream's parameters
        :param wait: until it is kept
        :raises UnsupportedError: it is of the embedded distribution: see :meth:`snapshot`
        :raises UnavailableError: the control plane says why it failed
        """
        import json

        options = call_options(timeout, cancel, progress, namespace_name=namespace, no_wait=not wait)
        text = capi.vcluster_instance_request_snapshot(self._handle, name, url, options)
        return SnapshotRequest._from_tree(json.loads(text))

    def delete_snapshot(
        self,
        name: str,
        url: str,
        *,
        namespace: str | None = None,
        wait: bool = True,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> SnapshotRequest:
        """Have upstream's control plane delete a snapshot that it keeps.

        :param url: as in :meth:`request_snapshot`; the name of a file has to end with ``tar.gz``
        :param wait: until it is deleted
        :raises UnavailableError: the control plane says why it failed, such as that there is none
        """
        import json

        options = call_options(timeout, cancel, progress, namespace_name=namespace, no_wait=not wait)
        text = capi.vcluster_instance_delete_snapshot(self._handle, name, url, options)
        return SnapshotRequest._from_tree(json.loads(text))

    def stored_snapshots(
        self,
        name: str,
        url: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> builtins.list[StoredSnapshot]:
        """List the snapshots at a URL, as upstream's control plane finds them there.

        :param url: as in :meth:`request_snapshot`: its folder, prefix or repository is looked at
        :raises UnavailableError: the control plane says why it cannot look there
        """
        import json

        options = call_options(timeout, cancel, None, namespace_name=namespace)
        text = capi.vcluster_instance_stored_snapshots(self._handle, name, url, options)
        return [StoredSnapshot._from_tree(tree) for tree in json.loads(text)]

    def snapshot_requests(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> builtins.list[SnapshotRequest]:
        """What upstream's control plane was asked to keep in the last day, the oldest first."""
        import json

        options = call_options(timeout, cancel, None, namespace_name=namespace)
        text = capi.vcluster_instance_snapshot_requests(self._handle, name, options)
        return [SnapshotRequest._from_tree(tree) for tree in json.loads(text)]

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

    def restore_from(
        self,
        name: str,
        url: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Restore an upstream virtual cluster from a URL, as ``vcluster restore``, and wait for it.

        What does not fit is refused before anything is touched. Once upstream's program has begun it
        is not stopped: after a timeout or a kill the same call completes the work.

        :param url: as in :meth:`request_snapshot`
        :raises UnsupportedError: it is of the embedded distribution: see :meth:`restore`
        :raises UnavailableError: upstream's program says why it failed; the old state is back
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Instance._from_native(
            capi.vcluster_instance_restore_from(self._handle, name, url, options)
        )

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
