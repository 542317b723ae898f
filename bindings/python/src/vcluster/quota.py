# SPDX-License-Identifier: Apache-2.0
"""Quota: whether objects fit into what ResourceQuotas and LimitRanges leave."""

from __future__ import annotations

from ._native import capi
from .config import native_config
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .config import ConfigLike


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
    :returns: a finding for each object that does not fit; without any, everything fits
    :raises ConfigError: text that cannot be read, with the line
    """
    return Report(
        capi.vcluster_quota_fits(constraints, manifests, native_config(config), {"nodes": nodes})
    )
