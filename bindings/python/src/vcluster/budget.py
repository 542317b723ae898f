# SPDX-License-Identifier: Apache-2.0
"""Budgets: what all virtual clusters of a host are promised, and whether one more fits."""

from __future__ import annotations

from ._base import Record
from ._native import capi
from .errors import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    #: Such as ``{"cpu": 64, "memory": "256Gi"}``, or the same as YAML.
    BudgetLike = str | Mapping[str, str | int] | None


class BudgetResource(Record):
    """One resource; amounts are Kubernetes quantities such as ``"1500m"``."""

    __slots__ = ("resource", "total", "elsewhere", "promised", "used", "left", "asked")

    resource: str  #: such as ``"requests.cpu"`` or ``"pods"``
    total: str  #: what there is: the budget's, or what may be promised of the nodes
    elsewhere: str  #: what pods outside of virtual clusters request; ``"0"`` with a budget
    promised: str  #: what the virtual clusters are promised
    used: str  #: what they use of it now
    left: str  #: what is left to be promised
    asked: str  #: what the new one asks for

    @classmethod
    def _from_native(cls, native: capi.vcluster_budget_entry) -> BudgetResource:
        return cls(
            capi.vcluster_budget_entry_resource(native),
            capi.vcluster_budget_entry_total(native),
            capi.vcluster_budget_entry_elsewhere(native),
            capi.vcluster_budget_entry_promised(native),
            capi.vcluster_budget_entry_used(native),
            capi.vcluster_budget_entry_left(native),
            capi.vcluster_budget_entry_asked(native),
        )


class Budget:
    """What :meth:`Client.budget` and :meth:`Client.admit` found."""

    __slots__ = ("_native", "clusters", "findings", "fits", "resources")

    resources: tuple[BudgetResource, ...]  #: one for each resource of the budget
    #: who is promised how much, those that hold the most of what is scarcest in front:
    #: ``{"namespace", "names", "promised", "used", "unbounded"}``
    clusters: list[dict[str, Any]]
    fits: bool  #: whether what was asked for fits; True where nothing was
    findings: tuple[Finding, ...]  #: why it does not, and what makes the answer uncertain

    def __init__(self, native: capi.vcluster_budget) -> None:
        import json

        self._native = native
        entries = (
            capi.vcluster_budget_at(native, i) for i in range(capi.vcluster_budget_size(native))
        )
        found = (
            capi.vcluster_budget_finding_at(native, i)
            for i in range(capi.vcluster_budget_finding_count(native))
        )
        self.resources = tuple(BudgetResource._from_native(entry) for entry in entries if entry)
        self.findings = tuple(Finding._from_native(finding) for finding in found if finding)
        self.fits = capi.vcluster_budget_fits(native)
        self.clusters = json.loads(self.to_json())["clusters"]

    def to_json(self) -> str:
        """All of it: ``{"fits", "resources": [...], "clusters": [...], "findings": [...]}``."""
        return capi.vcluster_budget_to_json(self._native)


def budget_text(budget: BudgetLike) -> str | None:
    """A budget as the library reads it."""
    if budget is None or isinstance(budget, str):
        return budget
    import json

    return json.dumps(dict(budget))
