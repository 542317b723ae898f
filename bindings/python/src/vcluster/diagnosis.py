# SPDX-License-Identifier: Apache-2.0
"""Why a virtual cluster is not ready."""

from __future__ import annotations

from ._base import Record
from ._native import capi


class Cause(Record):
    """One possible cause, with what shows it and what to do."""

    __slots__ = (
        "reason",
        "certainty",
        "status",
        "message",
        "object",
        "container",
        "event",
        "evidence",
        "remedy",
        "waiting_helps",
    )

    reason: str  #: a stable code such as ``"image-not-found"``; docs/diagnosis.md has all of them
    certainty: str  #: ``"certain"``, ``"likely"`` or ``"possible"``
    status: str  #: code of the error that ends a wait because of this, such as ``"QUOTA"``
    message: str  #: what is wrong, as one sentence
    object: str  #: what it is about, such as ``"Pod/dev-0"``
    container: str  #: the container of the pod, or ``""``
    event: str  #: the event that says so, or ``""``
    evidence: str  #: what else shows it: a line of a log, the message of a condition
    remedy: str  #: what to do
    waiting_helps: bool  #: whether it may pass without anyone changing anything

    @classmethod
    def _from_native(cls, native: capi.vcluster_cause) -> Cause:
        return cls(
            capi.vcluster_reason_code(capi.vcluster_cause_reason(native)),
            capi.vcluster_certainty_name(capi.vcluster_cause_certainty(native)),
            capi.vcluster_status_name(capi.vcluster_cause_status(native)),
            capi.vcluster_cause_message(native),
            capi.vcluster_cause_object(native),
            capi.vcluster_cause_container(native),
            capi.vcluster_cause_event(native),
            capi.vcluster_cause_evidence(native),
            capi.vcluster_cause_remedy(native),
            capi.vcluster_cause_waiting_helps(native),
        )


class Diagnosis(Record):
    """What :meth:`Client.why` found out."""

    __slots__ = ("ready", "namespace", "note", "causes", "json")

    ready: bool  #: then there are no causes
    namespace: str  #: host namespace that was looked into
    note: str  #: what could not be looked at, or ``""``
    causes: tuple[Cause, ...]  #: the best one first
    json: str  #: the diagnosis in the form that all languages share

    @classmethod
    def _from_native(cls, native: capi.vcluster_diagnosis) -> Diagnosis:
        return cls(
            capi.vcluster_diagnosis_ready(native),
            capi.vcluster_diagnosis_namespace(native),
            capi.vcluster_diagnosis_note(native),
            tuple(
                Cause._from_native(capi.vcluster_diagnosis_at(native, index))
                for index in range(capi.vcluster_diagnosis_size(native))
            ),
            capi.vcluster_diagnosis_to_json(native),
        )
