# SPDX-License-Identifier: Apache-2.0
"""Virtual clusters as they were when they were read."""

from __future__ import annotations

from ._base import Record
from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


class Instance(Record):
    """A snapshot of one virtual cluster: reading it never asks the server."""

    __slots__ = (
        "name",
        "namespace",
        "status",
        "ready",
        "version",
        "distribution",
        "kubernetes_version",
        "created",
        "note",
        "expires",
        "owner",
    )

    name: str  #: name, which is that of the Helm release
    namespace: str  #: host namespace
    status: str  #: ``"Running"``, ``"Pending"``, ``"Paused"``, ...
    ready: bool  #: whether a control-plane pod is ready: what ``"Running"`` does not say
    version: str  #: of the chart and the syncer image, or ``""``
    distribution: str  #: ``"upstream"`` or ``"embedded"``
    kubernetes_version: str  #: such as ``"v1.35.4"``, or ``""`` when it is not known
    created: int  #: seconds since 1970, or 0
    note: str  #: what the user should know, or ``""``
    expires: int  #: seconds since 1970 after which a reaper deletes it, or 0: never
    owner: str  #: who it belongs to, or ``""``

    @classmethod
    def _from_native(cls, native: capi.vcluster_instance) -> Instance:
        return cls(
            capi.vcluster_instance_name(native),
            capi.vcluster_instance_namespace(native),
            capi.vcluster_instance_status(native),
            capi.vcluster_instance_ready(native),
            capi.vcluster_instance_version(native),
            capi.vcluster_instance_distribution(native),
            capi.vcluster_instance_kubernetes_version(native),
            capi.vcluster_instance_created(native),
            capi.vcluster_instance_note(native),
            capi.vcluster_instance_expires_at(native),
            capi.vcluster_instance_owner(native),
        )

    @property
    def created_at(self) -> datetime | None:
        """Time of creation in UTC, if it is known."""
        from datetime import datetime, timezone

        return datetime.fromtimestamp(self.created, timezone.utc) if self.created else None

    @property
    def expires_at(self) -> datetime | None:
        """Time in UTC after which a reaper deletes it, if it expires."""
        from datetime import datetime, timezone

        return datetime.fromtimestamp(self.expires, timezone.utc) if self.expires else None

    def to_dict(self) -> dict[str, object]:
        """The fields by the names that the library's JSON has."""
        names = {"kubernetes_version": "kubernetesVersion", "expires": "expiresAt"}
        return {names.get(name, name): getattr(self, name) for name in self.__slots__}


class InstanceEvent(Record):
    """One event of :meth:`Client.watch`."""

    __slots__ = ("type", "instance")

    type: str  #: ``"ADDED"``, ``"CHANGED"`` or ``"REMOVED"``
    instance: Instance  #: as it is; of a removed one, as it was told last

    @classmethod
    def _from_native(cls, event: int, native: capi.vcluster_instance) -> InstanceEvent:
        return cls(_EVENTS[event], Instance._from_native(native))


_EVENTS = {
    capi.VCLUSTER_INSTANCE_ADDED: "ADDED",
    capi.VCLUSTER_INSTANCE_CHANGED: "CHANGED",
    capi.VCLUSTER_INSTANCE_REMOVED: "REMOVED",
}
