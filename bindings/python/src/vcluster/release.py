# SPDX-License-Identifier: Apache-2.0
"""Helm releases: install, upgrade, roll back and uninstall any chart."""

from __future__ import annotations

from ._base import Record, call_options
from ._native import capi
from .config import native_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Literal

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .chart import Chart
    from .client import Client
    from .config import ConfigLike

    ValuePolicy = Literal["default", "reset", "reuse", "reset-then-reuse"]

_POLICIES = {
    "default": capi.VCLUSTER_VALUES_DEFAULT,
    "reset": capi.VCLUSTER_VALUES_RESET,
    "reuse": capi.VCLUSTER_VALUES_REUSE,
    "reset-then-reuse": capi.VCLUSTER_VALUES_RESET_THEN_REUSE,
}


def _policy(name: str) -> int:
    if name not in _POLICIES:
        raise ValueError(f"value_policy {name!r} is none of {', '.join(_POLICIES)}")
    return _POLICIES[name]


class Release(Record):
    """One revision of a release as it was when it was read."""

    __slots__ = (
        "name",
        "namespace",
        "revision",
        "status",
        "description",
        "chart_name",
        "chart_version",
        "app_version",
        "first_deployed",
        "last_deployed",
        "manifest",
        "hooks",
        "notes",
        "values",
    )

    name: str  #: name of the release
    namespace: str  #: its namespace
    revision: int  #: 1, 2, ...
    status: str  #: ``"deployed"``, ``"failed"``, ``"superseded"``, ``"pending-install"``, ...
    description: str  #: what happened: ``"Install complete"``, the reason of a failure
    chart_name: str  #: name of the chart
    chart_version: str  #: version of the chart
    app_version: str  #: appVersion of the chart, or ``""``
    first_deployed: int  #: when revision 1 was installed: seconds since 1970, or 0
    last_deployed: int  #: when this revision was: seconds since 1970, or 0
    manifest: str  #: the manifests, without hooks
    hooks: str  #: the hooks as manifests, or ``""``
    notes: str  #: made from NOTES.txt, or ``""``
    values: str  #: the values the user gave, as YAML

    @classmethod
    def _from_native(cls, native: capi.vcluster_release) -> Release:
        return cls(
            capi.vcluster_release_name(native),
            capi.vcluster_release_namespace(native),
            capi.vcluster_release_revision(native),
            capi.vcluster_release_status(native),
            capi.vcluster_release_description(native),
            capi.vcluster_release_chart_name(native),
            capi.vcluster_release_chart_version(native),
            capi.vcluster_release_app_version(native),
            capi.vcluster_release_first_deployed(native),
            capi.vcluster_release_last_deployed(native),
            capi.vcluster_release_manifest(native),
            capi.vcluster_release_hooks(native),
            capi.vcluster_release_notes(native),
            capi.vcluster_release_values(native),
        )

    @property
    def last_deployed_at(self) -> datetime | None:
        """When this revision was deployed, in UTC, if it is known."""
        from datetime import datetime, timezone

        seconds = self.last_deployed
        return datetime.fromtimestamp(seconds, timezone.utc) if seconds else None

    def __repr__(self) -> str:  # not the manifests: they are long, and may hold secrets
        return (
            f"<Release {self.namespace}/{self.name} {self.revision} {self.status}"
            f" {self.chart_name}-{self.chart_version}>"
        )


class FieldChange(Record):
    """A field that an upgrade would change; a side without the field is None."""

    __slots__ = ("path", "old", "new")

    path: str  #: such as ``".spec.replicas"``
    old: Any
    new: Any


class Change(Record):
    """An object that an upgrade would change."""

    __slots__ = ("change", "api_version", "kind", "namespace", "name", "fields")

    change: str  #: ``"add"``, ``"modify"`` or ``"delete"``
    api_version: str
    kind: str
    namespace: str  #: ``""`` for an object that is in none
    name: str
    fields: tuple[FieldChange, ...]  #: of one that is modified

    @classmethod
    def _from_json(cls, change: dict[str, Any]) -> Change:
        fields = tuple(
            FieldChange(field["path"], field.get("old"), field.get("new"))
            for field in change.get("fields") or ()
        )
        return cls(
            change["change"],
            change["apiVersion"],
            change["kind"],
            change.get("namespace") or "",
            change["name"],
            fields,
        )


class Releases:
    """The releases of a cluster; made by :attr:`Client.releases`.

    Helm can take over what is installed here, and the other way round. Every method blocks and
    takes ``namespace`` (None: the context's, or ``default``), ``timeout``, ``cancel`` and
    ``progress`` as those of :class:`Client` do.
    """

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def install(
        self,
        name: str,
        chart: Chart,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        create_namespace: bool = False,
        wait: bool = False,
        wait_for_jobs: bool = False,
        atomic: bool = False,
        dry_run: bool = False,
        hooks: bool = True,
        crds: bool = True,
        validate: bool = True,
        take_over: bool = False,
        take_ownership: bool = False,
        force_conflicts: bool = False,
        description: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Release:
        """Install a chart as a new release.

        What a killed call left unfinished is completed by the same call.

        :param config: values: a :class:`Config`, a mapping, YAML text or a path object
        :param create_namespace: make the namespace when it is missing
        :param wait: until the objects are ready
        :param wait_for_jobs: jobs must have completed, too; implies ``wait``
        :param atomic: a failed install is uninstalled; implies ``wait``
        :param dry_run: everything but writing; the answer is what would be recorded
        :param hooks: False: hooks do not run
        :param crds: False: leave the files of ``crds/`` out
        :param validate: False: do not check the values against the schema
        :param take_over: take over a pending record that Helm itself left behind
        :param take_ownership: adopt objects that belong to nobody or to another release
        :param force_conflicts: take fields over from other field managers
        :raises ConfigError: values, schema or a template, with all findings
        :raises AlreadyExistsError: the release, or objects of others, one finding each
        :raises NotFoundError: the namespace is missing
        :raises ConflictError: another operation is at work, or fields of other managers
        :raises UnavailableError: with ``wait``: names the object that failed
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            create_namespace=create_namespace,
            wait=wait,
            wait_for_jobs=wait_for_jobs,
            atomic=atomic,
            dry_run=dry_run,
            no_hooks=not hooks,
            skip_crds=not crds,
            skip_schema=not validate,
            take_over=take_over,
            take_ownership=take_ownership,
            force_conflicts=force_conflicts,
            description=description,
        )
        return Release._from_native(
            capi.vcluster_release_install(
                self._client._handle, name, chart._handle, native_config(config), options
            )
        )

    def upgrade(
        self,
        name: str,
        chart: Chart,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        install: bool = False,
        create_namespace: bool = False,
        value_policy: ValuePolicy = "default",
        wait: bool = False,
        wait_for_jobs: bool = False,
        atomic: bool = False,
        dry_run: bool = False,
        hooks: bool = True,
        crds: bool = True,
        validate: bool = True,
        take_over: bool = False,
        take_ownership: bool = False,
        force_conflicts: bool = False,
        history_max: int = 0,
        description: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Release:
        """Upgrade a release to another chart, version or values.

        Objects that are no longer in the chart are deleted unless they are to be kept. Raises what
        :meth:`install` does, and :class:`NotFoundError` when there is no release.

        :param install: install when there is no release
        :param value_policy: ``"default"``: the values given now, or where none are given those of
            last time; ``"reset"``: those given now only; ``"reuse"``: over last time's;
            ``"reset-then-reuse"``: over last time's and the new chart's defaults
        :param atomic: a failed upgrade is rolled back; implies ``wait``
        :param history_max: revisions that are kept; 0: 10; -1: all
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            install=install,
            create_namespace=create_namespace,
            value_policy=_policy(value_policy),
            wait=wait,
            wait_for_jobs=wait_for_jobs,
            atomic=atomic,
            dry_run=dry_run,
            no_hooks=not hooks,
            skip_crds=not crds,
            skip_schema=not validate,
            take_over=take_over,
            take_ownership=take_ownership,
            force_conflicts=force_conflicts,
            history_max=history_max,
            description=description,
        )
        return Release._from_native(
            capi.vcluster_release_upgrade(
                self._client._handle, name, chart._handle, native_config(config), options
            )
        )

    def rollback(
        self,
        name: str,
        revision: int = 0,
        *,
        namespace: str | None = None,
        wait: bool = False,
        wait_for_jobs: bool = False,
        dry_run: bool = False,
        hooks: bool = True,
        take_over: bool = False,
        force_conflicts: bool = False,
        history_max: int = 0,
        description: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Release:
        """Make an earlier revision the newest one again, as a new revision.

        Raises what :meth:`upgrade` does, and :class:`NotFoundError` without such a revision.

        :param revision: 0: the one before the newest
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            wait=wait,
            wait_for_jobs=wait_for_jobs,
            dry_run=dry_run,
            no_hooks=not hooks,
            take_over=take_over,
            force_conflicts=force_conflicts,
            history_max=history_max,
            description=description,
        )
        return Release._from_native(
            capi.vcluster_release_rollback(self._client._handle, name, revision, options)
        )

    def uninstall(
        self,
        name: str,
        *,
        namespace: str | None = None,
        wait: bool = False,
        dry_run: bool = False,
        hooks: bool = True,
        keep_history: bool = False,
        missing_ok: bool = False,
        take_over: bool = False,
        description: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Remove a release: hooks, objects (but those to be kept), records.

        The namespace and what came from ``crds/`` stay.

        :param wait: until the objects are gone
        :param keep_history: keep the records, with status ``"uninstalled"``
        :param missing_ok: no error when there is no such release
        :raises NotFoundError: there is no such release
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            wait=wait,
            dry_run=dry_run,
            no_hooks=not hooks,
            keep_history=keep_history,
            missing_ok=missing_ok,
            take_over=take_over,
            description=description,
        )
        capi.vcluster_release_uninstall(self._client._handle, name, options)

    def diff(
        self,
        name: str,
        chart: Chart,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        install: bool = False,
        value_policy: ValuePolicy = "default",
        validate: bool = True,
        take_ownership: bool = False,
        force_conflicts: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> list[Change]:
        """What an upgrade would change, as the server says by a dry run; nothing is written.

        Objects that stay the same are left out; values of Secrets are not shown.
        """
        import json

        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            install=install,
            value_policy=_policy(value_policy),
            skip_schema=not validate,
            take_ownership=take_ownership,
            force_conflicts=force_conflicts,
        )
        text = capi.vcluster_release_diff(
            self._client._handle, name, chart._handle, native_config(config), options
        )
        return [Change._from_json(change) for change in json.loads(text)]

    def get(
        self,
        name: str,
        revision: int = 0,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Release:
        """Read one revision of a release.

        :param revision: 0: the newest
        :raises NotFoundError: there is no such release or revision
        :raises ProtocolError: a Secret that is no release
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Release._from_native(
            capi.vcluster_release_get(self._client._handle, name, revision, options)
        )

    def history(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> list[Release]:
        """Read all revisions of a release, oldest first; raises as :meth:`get` does."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        native = capi.vcluster_release_history(self._client._handle, name, options)
        return [
            Release._from_native(capi.vcluster_release_list_at(native, index))
            for index in range(capi.vcluster_release_list_size(native))
        ]
