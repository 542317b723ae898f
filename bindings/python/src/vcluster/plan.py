# SPDX-License-Identifier: Apache-2.0
"""Plans: what an ensure or a delete would do."""

from __future__ import annotations

from ._base import Record
from ._native import capi


class PlannedChange(Record):
    """One change of a plan: an object, or one of its fields."""

    __slots__ = (
        "action",
        "impact",
        "api_version",
        "kind",
        "namespace",
        "name",
        "path",
        "before",
        "after",
        "reason",
    )

    action: str  #: ``"add"``, ``"modify"``, ``"remove"``, ``"keep"`` or ``"leak"``
    impact: str  #: ``"none"``, ``"live"``, ``"restart"``, ``"dataloss"`` or ``"refused"``
    api_version: str  #: of the object; ``""`` for one of the values
    kind: str  #: of the object, or ``"Values"``
    namespace: str  #: of the object, or ``""``
    name: str  #: of the object
    path: str  #: the field, such as ``".spec.replicas"``; ``""``: the whole object
    before: str  #: the field as it is, as JSON, or ``""``
    after: str  #: the field as it would be, as JSON, or ``""``
    reason: str  #: why, for a person

    @classmethod
    def _from_native(cls, native: capi.vcluster_change) -> PlannedChange:
        return cls(
            capi.vcluster_action_name(capi.vcluster_change_action(native)),
            capi.vcluster_impact_name(capi.vcluster_change_impact(native)),
            capi.vcluster_change_api_version(native),
            capi.vcluster_change_kind(native),
            capi.vcluster_change_namespace(native),
            capi.vcluster_change_name(native),
            capi.vcluster_change_path(native),
            capi.vcluster_change_before(native),
            capi.vcluster_change_after(native),
            capi.vcluster_change_reason(native),
        )


class Plan(Record):
    """What an operation would do; nothing of it was done."""

    __slots__ = ("operation", "impact", "changes", "text", "json", "origin")

    #: ``"create"``, ``"complete"``, ``"upgrade"``, ``"none"``, ``"delete"``, ``"audit"``, ``"adopt"``
    operation: str
    impact: str  #: the gravest one of its changes
    changes: tuple[PlannedChange, ...]  #: each object or field
    text: str  #: the plan for a person, several lines
    json: str  #: the plan in the form that all languages share
    #: of an adoption, who made it: ``"libvcluster"``, ``"cli"``, ``"helm"``, ``"cluster-api"``,
    #: ``"argocd"``, ``"flux"``, ``"manifests"``; else ``""``
    origin: str

    @classmethod
    def _from_native(cls, native: capi.vcluster_plan) -> Plan:
        return cls(
            capi.vcluster_plan_operation(native),
            capi.vcluster_impact_name(capi.vcluster_plan_impact(native)),
            tuple(
                PlannedChange._from_native(capi.vcluster_plan_at(native, index))
                for index in range(capi.vcluster_plan_size(native))
            ),
            capi.vcluster_plan_to_text(native),
            capi.vcluster_plan_to_json(native),
            capi.vcluster_plan_origin(native),
        )

    def __str__(self) -> str:
        return self.text
