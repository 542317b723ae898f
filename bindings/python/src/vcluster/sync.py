# SPDX-License-Identifier: Apache-2.0
"""Sync rules: what a configuration copies between a virtual cluster and its host."""

from __future__ import annotations

from ._base import Record
from ._native import capi
from .config import Config, native_config
from .plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    from .chart import Chart
    from .config import ConfigLike

    Direction = Literal["toHost", "fromHost"]
    State = Literal["off", "on", "auto"]

_STATES: dict[str, int] = {
    "off": capi.VCLUSTER_SYNC_OFF,
    "on": capi.VCLUSTER_SYNC_ON,
    "auto": capi.VCLUSTER_SYNC_AUTO,
}


class SyncRule(Record):
    """One rule of a configuration."""

    __slots__ = (
        "direction",
        "resource",
        "kind",
        "path",
        "state",
        "default",
        "active",
        "settings",
        "rights",
        "licence",
        "description",
    )

    direction: str  #: ``"toHost"`` or ``"fromHost"``
    resource: str  #: the key, such as ``persistentVolumeClaims`` or ``gatewayApi.httpRoutes``
    kind: str  #: of the objects, or ``""`` where it is not known
    path: str  #: in the values, such as ``sync.toHost.pods``
    state: str  #: ``"off"``, ``"on"`` or ``"auto"``
    default: str  #: without the user's values; ``""`` for one that only they have
    active: bool  #: whether objects are copied: the state, with auto decided
    settings: dict[str, Any]  #: everything else that is set: selector, mappings, patches, ...
    rights: str  #: on the whole host that an active rule needs, or ``""``
    licence: str  #: of upstream that an active rule needs: ``"free"``, ``"scale"``, or ``""``
    description: str  #: what it does, in one line

    @classmethod
    def _from_native(cls, native: capi.vcluster_sync_rule) -> SyncRule:
        import json

        return cls(
            capi.vcluster_sync_rule_direction(native),
            capi.vcluster_sync_rule_resource(native),
            capi.vcluster_sync_rule_kind(native),
            capi.vcluster_sync_rule_path(native),
            capi.vcluster_sync_state_name(capi.vcluster_sync_rule_state(native)),
            capi.vcluster_sync_state_name(capi.vcluster_sync_rule_default(native)),
            capi.vcluster_sync_rule_active(native),
            json.loads(capi.vcluster_sync_rule_settings(native)),
            capi.vcluster_sync_rule_rights(native),
            capi.vcluster_sync_rule_licence(native),
            capi.vcluster_sync_rule_description(native),
        )


class SyncRules:
    """The sync rules of one configuration, those of ``toHost`` first.

    >>> rules = vcluster.SyncRules({"sync": {"toHost": {"ingresses": {"enabled": True}}}})
    >>> rules["ingress"].active
    True
    """

    __slots__ = ("_native",)

    def __init__(self, config: ConfigLike = None, *, chart: Chart | None = None) -> None:
        """Read the rules of a configuration; nothing is sent anywhere.

        :param config: the user's values; None: the defaults
        :param chart: whose rules they are; None: what the library knows of upstream's
        :raises ConfigError: a rule that is neither on, off nor auto, with all findings
        """
        handle = chart._handle if chart else None
        self._native = capi.vcluster_sync_rules_new(handle, native_config(config))

    def __len__(self) -> int:
        return capi.vcluster_sync_rules_size(self._native)

    def __iter__(self) -> Iterator[SyncRule]:
        for index in range(len(self)):
            native = capi.vcluster_sync_rules_at(self._native, index)
            if native:
                yield SyncRule._from_native(native)

    def __getitem__(self, resource: str) -> SyncRule:
        """:meth:`find` in both directions."""
        return self.find(resource)

    def find(self, resource: str, direction: Direction | None = None) -> SyncRule:
        """Find a rule by any usual spelling of its kind: ``pvc``, ``PersistentVolumeClaim``.

        :param direction: needed where both directions have the kind
        :raises NotFoundError: the message names the nearest
        :raises InvalidArgumentError: both directions have it
        """
        return SyncRule._from_native(
            capi.vcluster_sync_rules_find(self._native, direction, resource)
        )

    def to_json(self) -> str:
        """All rules as a JSON array."""
        return capi.vcluster_sync_rules_to_json(self._native)


def set_rule(
    config: Config,
    resource: str,
    state: State | bool | None = None,
    *,
    direction: Direction | None = None,
    settings: Mapping[str, Any] | None = None,
    chart: Chart | None = None,
) -> None:
    """Switch a rule on or off, and change its settings, in ``config``.

    The exact key is written, whatever the spelling. ``PLURAL.GROUP`` with a direction makes a rule
    for a custom resource.

    :param state: True, False, ``"on"``, ``"off"`` or ``"auto"``; None leaves it
    :param settings: merged into the rule's, such as ``{"selector": {"all": True}}``
    """
    import json

    if isinstance(state, bool):
        state = "on" if state else "off"
    capi.vcluster_sync_set(
        config._handle,
        chart._handle if chart else None,
        direction,
        resource,
        0 if state is None else _STATES[state],
        None if settings is None else json.dumps(dict(settings)),
    )


def diff(
    before: ConfigLike,
    after: ConfigLike,
    *,
    chart: Chart | None = None,
    name: str | None = None,
    namespace: str | None = None,
    kubernetes_version: str | None = None,
) -> Plan:
    """Compare what two configurations copy, and with a chart, which rights on the host that takes.

    A change of kind ``Values`` is a rule that starts (``add``) or stops (``remove``) to copy, or is
    set otherwise; one of kind ``Role`` or ``ClusterRole`` is a right, named by the resource.

    :param before: values, such as :meth:`Client.config` gives
    """
    options = {
        "name": name,
        "namespace_name": namespace,
        "kubernetes_version": kubernetes_version,
    }
    handle = chart._handle if chart else None
    return Plan._from_native(
        capi.vcluster_sync_diff(handle, native_config(before), native_config(after), options)
    )


class HostObject(Record):
    """An object on the host that stands for one of a virtual cluster."""

    __slots__ = (
        "api_version",
        "kind",
        "namespace",
        "name",
        "virtual_namespace",
        "virtual_name",
        "note",
    )

    api_version: str
    kind: str
    namespace: str  #: on the host; ``""`` for kinds of the whole host
    name: str  #: on the host
    virtual_namespace: str
    virtual_name: str
    note: str  #: why it is not what it seems, or ``""``

    @classmethod
    def _from_tree(cls, tree: Mapping[str, str]) -> HostObject:
        return cls(
            tree["apiVersion"],
            tree["kind"],
            tree["namespace"],
            tree["name"],
            tree["virtualNamespace"],
            tree["virtualName"],
            tree["note"],
        )


def host_name(
    vcluster_name: str,
    host_namespace: str,
    kind: str,
    name: str,
    namespace: str | None = None,
) -> str:
    """The name on the host of an object of a virtual cluster, by upstream's rule.

    At most 63 bytes; what would be longer is cut and hashed. The way back is by annotations only.

    :param namespace: in the virtual cluster; None for cluster-scoped kinds
    """
    return capi.vcluster_host_name(vcluster_name, host_namespace, kind, namespace, name)
