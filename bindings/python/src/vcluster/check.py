# SPDX-License-Identifier: Apache-2.0
"""Checking a configuration offline, before a control plane refuses it."""

from __future__ import annotations

from ._base import Record
from ._native import capi
from .config import native_config
from .report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from .chart import Chart
    from .config import ConfigLike

    Licence = Literal["none", "free", "dev", "prod", "scale"]


class CheckRule(Record):
    """One rule that a configuration is checked by."""

    __slots__ = ("id", "name", "severity", "source", "text")

    id: str  #: what a finding names, such as ``VC604``
    name: str  #: such as ``class-both-ways``
    severity: str  #: ``"error"`` or ``"warning"``; a finding may be less grave
    source: str  #: who says so: ``"schema"``, ``"chart"``, ``"cli"``, ``"syncer"``, ``"library"``
    text: str  #: what it finds, in a line


def check_config(
    config: ConfigLike = None,
    *,
    chart: Chart | None = None,
    old: ConfigLike = None,
    name: str | None = None,
    namespace: str | None = None,
    kubernetes_version: str | None = None,
    licence: Licence | None = None,
    text: str | None = None,
    file: str | None = None,
) -> Report:
    """Check a configuration without a cluster and tell all findings at once.

    >>> report = vcluster.check_config({"policies": {"podSecurityStandard": "strict"}})
    >>> report.severity
    'error'

    :param config: the user's values; None: the defaults
    :param chart: its schema and templates are asked, too; None: what the library knows of upstream's
    :param old: the values of the virtual cluster that is there, for what must not change in one
    :param kubernetes_version: of the host
    :param licence: of upstream's control plane; None: not known, and what needs one is a warning
    :param text: the YAML that ``config`` was read from: findings get its lines
    :param file: its name in findings
    """
    options = {
        "name": name,
        "namespace_name": namespace,
        "kubernetes_version": kubernetes_version,
        "licence": licence,
        "text": text,
        "file": file,
    }
    native = capi.vcluster_config_check(
        native_config(config), chart._handle if chart else None, native_config(old), options
    )
    return Report(native)


def check_rules() -> list[CheckRule]:
    """All rules of :func:`check_config`."""
    import json

    return [
        CheckRule(rule["id"], rule["name"], rule["severity"], rule["source"], rule["text"])
        for rule in json.loads(capi.vcluster_check_rules_to_json())
    ]
