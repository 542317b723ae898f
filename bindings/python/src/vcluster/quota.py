# SPDX-License-Identifier: Apache-2.0
"""Quota: whether objects fit, the values of a tenant, who uses how much."""

from __future__ import annotations

from ._base import Record
from ._native import capi
from .config import native_config
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .chart import Chart
    from .config import Config, ConfigLike


class UsedResource(Record):
    """One resource of one quota; amounts are Kubernetes quantities such as ``"1500m"``."""

    __slots__ = ("quota", "resource", "hard", "used", "control_plane", "left")

    quota: str  #: name of the ResourceQuota
    resource: str  #: such as ``"requests.cpu"``
    hard: str  #: what is allowed
    used: str  #: what is used, by all together
    control_plane: str  #: what was not copied from inside uses: the control plane and its objects
    left: str  #: what is left

    @classmethod
    def _from_native(cls, native: capi.vcluster_usage_entry) -> UsedResource:
        return cls(
            capi.vcluster_usage_entry_quota(native),
            capi.vcluster_usage_entry_resource(native),
            capi.vcluster_usage_entry_hard(native),
            capi.vcluster_usage_entry_used(native),
            capi.vcluster_usage_entry_control_plane(native),
            capi.vcluster_usage_entry_left(native),
        )


class Usage:
    """What :meth:`Client.usage` found: what quotas allow, and what is used."""

    __slots__ = ("_native", "resources", "objects")

    resources: tuple[UsedResource, ...]  #: one for each resource of each quota
    #: what the virtual cluster has on the host, by its names inside:
    #: ``{"kind", "namespace", "name", "hostName", "uses"}``
    objects: list[dict[str, Any]]

    def __init__(self, native: capi.vcluster_usage) -> None:
        import json

        self._native = native
        found = (capi.vcluster_usage_at(native, i) for i in range(capi.vcluster_usage_size(native)))
        self.resources = tuple(UsedResource._from_native(entry) for entry in found if entry)
        self.objects = json.loads(self.to_json())["objects"]

    def to_json(self) -> str:
        """All of it as JSON: ``{"resources": [...], "objects": [...]}``."""
        return capi.vcluster_usage_to_json(self._native)


def fits(
    constraints: str,
    manifests: str,
    *,
    config: ConfigLike = None,
    nodes: int = 0,
) -> Report:
    """Whether objects would be admitted into a namespace, as its API server would decide.

    They are admitted one after the other, in the order of the text, and what was admitted is used
    up for the rest. Nothing is sent anywhere. :meth:`Client.fits` asks a host.

    >>> report = vcluster.quota.fits(pathlib.Path("quota.yaml").read_text(), manifests)
    >>> print(report or "everything fits")

    :param constraints: ResourceQuotas and LimitRanges as YAML; ``status.used`` counts
    :param manifests: the objects as YAML; workloads count by their pods and claims
    :param config: values of the virtual cluster that they are meant for: only what it copies counts
        on its host. None: they go into the namespace itself; ``{}`` is upstream's defaults
    :param nodes: pods that a DaemonSet counts; 0: one
    :returns: a finding for each object that does not fit; without any, everything fits. A warning
        says where several limit ranges leave the answer to chance
    :raises ConfigError: text that cannot be read, with the line
    """
    return Report(
        capi.vcluster_quota_fits(constraints, manifests, native_config(config), {"nodes": nodes})
    )


def set_tenant(
    config: Config, tenant: str | Mapping[str, Any], *, chart: Chart | None = None
) -> str:
    """Set the values of a tenant's virtual cluster in ``config``; gives a name for it.

    ResourceQuota, LimitRange and network policies are switched on; the quota is what the team may
    use, with the control plane's own use on top. :meth:`Client.ensure` puts it into force, also on
    a running virtual cluster.

    >>> config = vcluster.Config()
    >>> name = vcluster.quota.set_tenant(config, {
    ...     "kind": "TeamCluster",
    ...     "spec": {"team": "payments", "resourceQuota": {"cpu": "8", "memory": "16Gi"}},
    ... })
    >>> client.ensure(name, config)

    :param tenant: a TeamCluster: YAML text or a mapping
    :param chart: chart whose control plane it will be; None: upstream's, as the library knows it
    :raises ConfigError: everything that is wrong with it, as findings
    """
    if not isinstance(tenant, str):
        import json

        tenant = json.dumps(tenant)
    return capi.vcluster_config_set_tenant(
        config._handle, tenant, chart._handle if chart else None
    )
