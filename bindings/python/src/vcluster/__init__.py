# SPDX-License-Identifier: Apache-2.0
"""Manage virtual Kubernetes clusters.

>>> import vcluster
>>> with vcluster.Client() as host:
...     dev = host.ensure("dev", distribution="embedded")
...     with host.open("dev") as inside:
...         inside.resources.list("v1", "Namespace")
"""

from __future__ import annotations

from . import connection, gitops, kubeconfig, lint, quota, sync
from ._native import capi as _capi
from .batch import Batch
from .budget import Budget, BudgetResource
from .cancel import Cancel
from .chart import Chart, template
from .check import CheckRule, check_config, check_rules
from .client import Client
from .config import Config
from .connection import Connection
from .credential import Token
from .description import Component, Description
from .diagnosis import Cause, Diagnosis
from .endpoint import Endpoint, EndpointCandidate
from .errors import (
    AlreadyExistsError,
    CancelledError,
    ConfigError,
    ConflictError,
    Edit,
    Finding,
    InternalError,
    InvalidArgumentError,
    NoMemoryError,
    NotFoundError,
    PermissionError,
    PreconditionError,
    ProtocolError,
    QuotaError,
    TimeoutError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
    VClusterError,
)
from .fake import FakeClient, FakeRequest
from .instance import Instance, InstanceEvent
from .lease import Result, reap_manifest
from .lint import Lint, LintRule
from .plan import Plan, PlannedChange
from .pod import ExecResult, Pods
from .progress import Progress
from .quota import Usage, UsedResource
from .release import Change, FieldChange, Release, Releases
from .report import Report
from .resource import Event, Resources
from .rights import rights
from .snapshot import Certificate, Snapshot, SnapshotRequest, StoredSnapshot, describe_snapshot
from .sync import HostObject, SyncRule, SyncRules
from .tunnel import Tunnel, TunnelStats

#: Version of the library that is running.
__version__: str = _capi.vcluster_version()

__all__ = [
    "AlreadyExistsError",
    "Batch",
    "Budget",
    "BudgetResource",
    "Cancel",
    "CancelledError",
    "Cause",
    "Certificate",
    "Change",
    "Chart",
    "Client",
    "CheckRule",
    "Component",
    "Config",
    "ConfigError",
    "ConflictError",
    "Connection",
    "Description",
    "Diagnosis",
    "Edit",
    "Endpoint",
    "EndpointCandidate",
    "Event",
    "ExecResult",
    "FakeClient",
    "FakeRequest",
    "FieldChange",
    "Finding",
    "HostObject",
    "Instance",
    "InstanceEvent",
    "InternalError",
    "InvalidArgumentError",
    "Lint",
    "LintRule",
    "NoMemoryError",
    "NotFoundError",
    "PermissionError",
    "Plan",
    "PlannedChange",
    "Pods",
    "PreconditionError",
    "Progress",
    "ProtocolError",
    "QuotaError",
    "Release",
    "Releases",
    "Report",
    "Resources",
    "Snapshot",
    "SnapshotRequest",
    "StoredSnapshot",
    "SyncRule",
    "SyncRules",
    "Result",
    "TimeoutError",
    "Token",
    "Tunnel",
    "TunnelStats",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsupportedError",
    "Usage",
    "UsedResource",
    "VClusterError",
    "connection",
    "describe_snapshot",
    "gitops",
    "kubeconfig",
    "lint",
    "quota",
    "sync",
    "reap_manifest",
    "rights",
    "template",
    "check_config",
    "check_rules",
]
