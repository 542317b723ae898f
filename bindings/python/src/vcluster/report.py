# SPDX-License-Identifier: Apache-2.0
"""Reports: everything that a check found, at once."""

from __future__ import annotations

from ._native import capi
from .errors import Finding


class Report:
    """What a check found. One that found something has not failed: look at :attr:`severity`.

    It has a length and an order: that of files and lines where there are any. ``str()`` gives the
    text for a person.
    """

    __slots__ = ("_native", "findings", "severity")

    findings: tuple[Finding, ...]  #: all of them
    severity: str | None  #: the gravest: ``"error"``, ``"warning"``, ``"info"``, or ``None``

    def __init__(self, native: capi.vcluster_report) -> None:
        self._native = native
        found = (capi.vcluster_report_at(native, i) for i in range(capi.vcluster_report_size(native)))
        self.findings = tuple(Finding._from_native(finding) for finding in found if finding)
        gravest = capi.vcluster_report_severity(native)
        self.severity = capi.vcluster_severity_name(gravest) if gravest else None

    def __len__(self) -> int:
        return len(self.findings)

    def __str__(self) -> str:
        return capi.vcluster_report_to_text(self._native)

    def __repr__(self) -> str:
        return f"Report(severity={self.severity!r}, findings={self.findings!r})"

    def to_json(self) -> str:
        """The report as JSON: ``{"findings": [...], "errors", "warnings", "infos"}``."""
        return capi.vcluster_report_to_json(self._native)
