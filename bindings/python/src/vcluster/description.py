# SPDX-License-Identifier: Apache-2.0
"""Everything that its host tells about one virtual cluster."""

from __future__ import annotations

from ._base import Record
from ._native import capi
from .diagnosis import Cause
from .endpoint import EndpointCandidate
from .instance import Instance
from .quota import UsedResource
from .sync import SyncRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Component(Record):
    """One container of the control plane."""

    __slots__ = ("pod", "name", "image", "state", "ready", "restarts")

    pod: str  #: name of its pod
    name: str  #: such as ``"syncer"``
    image: str  #: its image
    state: str  #: ``"Running"``, or why it does not: ``"CrashLoopBackOff"``, ``"Waiting"``, ...
    ready: bool  #: whether its probes say that it is ready
    restarts: int  #: how often it was started again

    @classmethod
    def _from_native(cls, native: capi.vcluster_component) -> Component:
        return cls(
            capi.vcluster_component_pod(native),
            capi.vcluster_component_name(native),
            capi.vcluster_component_image(native),
            capi.vcluster_component_state(native),
            capi.vcluster_component_ready(native),
            capi.vcluster_component_restarts(native),
        )


class Description(Record):
    """What :meth:`Client.describe` found."""

    __slots__ = (
        "instance",
        "maker",
        "chart_name",
        "chart_version",
        "revision",
        "release_status",
        "store",
        "components",
        "endpoints",
        "quota",
        "sync_rules",
        "causes",
        "user_values",
        "effective_values",
        "note",
        "json",
    )

    instance: Instance  #: what a list tells
    maker: str  #: ``"libvcluster"``, ``"Helm"``, ``"Argo CD"``, ``"Flux"``, or ``""``
    chart_name: str  #: or ``""`` without a release record
    chart_version: str  #: or ``""``
    revision: int  #: newest revision of its release, or 0 without a record
    release_status: str  #: of that revision, such as ``"deployed"``, or ``""``
    store: str  #: ``"SQLite"``, ``"embedded etcd"``, ...; ``""`` when it is not known
    components: tuple[Component, ...]  #: containers of its control plane
    endpoints: tuple[EndpointCandidate, ...]  #: ways that may lead to it; none was tried
    quota: tuple[UsedResource, ...]  #: what quotas allow, and who uses how much
    sync_rules: tuple[SyncRule, ...]  #: those that are active
    causes: tuple[Cause, ...]  #: why it is not ready; none where it is
    #: the values that users gave; None without a release record. In place of what looks like a
    #: secret stands ``"(hidden)"``: :meth:`Client.config` has it
    user_values: dict[str, Any] | None
    effective_values: dict[str, Any] | None  #: the values in force, in the same form
    note: str  #: what the user should know, and what could not be read, or ``""``
    json: str  #: the description in the form that all languages share

    @classmethod
    def _from_native(cls, native: capi.vcluster_description) -> Description:
        return cls(
            Instance._from_native(capi.vcluster_description_instance(native)),
            capi.vcluster_description_maker(native),
            capi.vcluster_description_chart_name(native),
            capi.vcluster_description_chart_version(native),
            capi.vcluster_description_revision(native),
            capi.vcluster_description_release_status(native),
            capi.vcluster_description_store(native),
            tuple(
                Component._from_native(capi.vcluster_description_component_at(native, index))
                for index in range(capi.vcluster_description_component_count(native))
            ),
            tuple(
                EndpointCandidate._from_native(capi.vcluster_description_endpoint_at(native, index))
                for index in range(capi.vcluster_description_endpoint_count(native))
            ),
            _quota(native),
            _rules(native),
            _causes(native),
            _values(capi.vcluster_description_user_values(native)),
            _values(capi.vcluster_description_effective_values(native)),
            capi.vcluster_description_note(native),
            capi.vcluster_description_to_json(native),
        )


def _quota(native: capi.vcluster_description) -> tuple[UsedResource, ...]:
    usage = capi.vcluster_description_usage(native)
    if usage is None:
        return ()
    found = (capi.vcluster_usage_at(usage, i) for i in range(capi.vcluster_usage_size(usage)))
    return tuple(UsedResource._from_native(entry) for entry in found if entry)


def _rules(native: capi.vcluster_description) -> tuple[SyncRule, ...]:
    rules = capi.vcluster_description_sync_rules(native)
    if rules is None:
        return ()
    found = (
        capi.vcluster_sync_rules_at(rules, index)
        for index in range(capi.vcluster_sync_rules_size(rules))
    )
    return tuple(
        SyncRule._from_native(rule)
        for rule in found
        if rule and capi.vcluster_sync_rule_active(rule)
    )


def _causes(native: capi.vcluster_description) -> tuple[Cause, ...]:
    diagnosis = capi.vcluster_description_diagnosis(native)
    if diagnosis is None:
        return ()
    return tuple(
        Cause._from_native(capi.vcluster_diagnosis_at(diagnosis, index))
        for index in range(capi.vcluster_diagnosis_size(diagnosis))
    )


def _values(text: str) -> dict[str, Any] | None:
    import json

    values: dict[str, Any] | None = json.loads(text) if text else None
    return values
