# SPDX-License-Identifier: Apache-2.0
"""Lint: mistakes in what describes virtual clusters, in files and where they run."""

from __future__ import annotations

from ._base import Record, call_options
from ._native import capi
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Literal

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .chart import Chart
    from .client import Client

    Format = Literal["text", "json", "sarif", "junit", "github"]


class LintRule(Record):
    """One rule, as docs/lint.md lists it."""

    __slots__ = ("id", "name", "severity", "text", "fix")

    id: str  #: such as ``VC101``
    name: str  #: such as ``quota-missing``
    severity: str  #: ``"error"``, ``"warning"`` or ``"info"``
    text: str  #: what it finds
    fix: bool  #: whether :meth:`Lint.fix` can repair it


def _data(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)


class Lint:
    """Files that are looked at together. One thread at a time may use it.

    >>> lint = vcluster.Lint()
    >>> lint.add("values.yaml", "sync: {toHost: {secrets: {all: true}}}")
    >>> [finding.rule for finding in lint.run().findings]
    ['VC101', 'VC501', 'VC504', 'VC511', 'VC601']
    """

    __slots__ = ("_chart", "_native")

    def __init__(self, settings: str | bytes | None = None, *, chart: Chart | None = None) -> None:
        """Make an empty set of files.

        :param settings: the text of a ``.vclint.yaml``
        :param chart: whose schema and defaults hold; None: what the library knows of upstream's
        :raises ConfigError: an unknown key, rule or severity in the settings, with all findings
        """
        self._native = capi.vcluster_lint_new()
        self._chart = chart
        if settings is not None:
            capi.vcluster_lint_configure(self._native, _data(settings))

    @property
    def _chart_handle(self) -> capi.vcluster_chart | None:
        return self._chart._handle if self._chart else None

    def add(self, file: str, text: str | bytes) -> None:
        """Add the text of a file: values, or manifests with values inside.

        :param file: its name in findings
        :raises ConfigError: it is no YAML
        :raises InvalidArgumentError: a file of that name was added
        """
        capi.vcluster_lint_add(self._native, file, _data(text))

    def load(self, path: str | os.PathLike[str]) -> None:
        """:meth:`add` a file from the disk."""
        import os

        with open(path, "rb") as file:
            self.add(os.fspath(path), file.read())

    def add_instance(
        self,
        client: Client,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Add a virtual cluster that runs: its values in force, and what its host has beside it.

        Its findings have the file ``NAMESPACE/NAME`` and no line. Files for a virtual cluster of
        that name are then looked at as a change of it.

        :param namespace: host namespace; None: wherever it is
        :raises PermissionError: its release, quotas, limit ranges or policies may not be read
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        capi.vcluster_lint_add_instance(self._native, client._handle, name, options)

    def run(self) -> Report:
        """Look at all files. One that has findings has not failed."""
        return Report(capi.vcluster_lint_run(self._native, self._chart_handle))

    def fix(self, file: str) -> str:
        """Repair a file where its findings have one right answer, and return its text.

        Comments and layout stay. The new text takes the place of the file's here; nothing is
        written to the disk.

        :raises NotFoundError: no file of that name was added
        """
        return capi.vcluster_lint_fix(self._native, self._chart_handle, file)


def render(report: Report, format: Format) -> str:
    """The report of :meth:`Lint.run` for another program, such as SARIF 2.1.0 for code scanning."""
    return capi.vcluster_lint_print(report._native, format)


def rules() -> list[LintRule]:
    """All rules, by id."""
    import json

    return [
        LintRule(rule["id"], rule["name"], rule["severity"], rule["text"], rule["fix"])
        for rule in json.loads(capi.vcluster_lint_rules())
    ]
