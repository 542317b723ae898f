# SPDX-License-Identifier: Apache-2.0
"""Exceptions: one class for each status code of the library.

They are named after the codes, and most are also the built-in exception that a Python programmer
would expect, so ``except LookupError`` catches a :class:`NotFoundError`.
"""

from __future__ import annotations

import builtins

from ._base import Record
from ._native import capi

class Edit(Record):
    """A repair of a file: ``text`` takes the place of what stands between two positions of it.

    Lines and columns count from 1, columns in characters; the end is the first one that stays.
    """

    __slots__ = ("line", "column", "end_line", "end_column", "text")

    line: int  #: where it begins
    column: int  #: where it begins
    end_line: int  #: of the first character that stays
    end_column: int  #: of the first character that stays
    text: str  #: what is written there, or ``""`` where something only goes

    @classmethod
    def _from_native(cls, native: capi.vcluster_edit) -> Edit:
        return cls(
            capi.vcluster_edit_line(native),
            capi.vcluster_edit_column(native),
            capi.vcluster_edit_end_line(native),
            capi.vcluster_edit_end_column(native),
            capi.vcluster_edit_text(native),
        )


class Finding(Record):
    """One thing that was found in a document or on the host."""

    __slots__ = ("path", "line", "rule", "severity", "message", "remedy", "file", "column", "fix")

    path: str  #: of the value, such as ``sync.toHost.pods``, or ``""``
    line: int  #: from 1, or 0 when it is not known
    rule: str  #: stable name of the rule that was broken
    severity: str  #: ``"error"``, ``"warning"`` or ``"info"``
    message: str  #: what is wrong
    remedy: str  #: what to do about it, or ``""``
    file: str  #: the file it was found in, or ``""`` where there is only one document
    column: int  #: in characters from 1, or 0 when it is not known
    fix: Edit | None  #: of the file as it is, where there is one right answer

    @classmethod
    def _from_native(cls, native: capi.vcluster_finding) -> Finding:
        fix = capi.vcluster_finding_fix(native)
        return cls(
            capi.vcluster_finding_path(native),
            capi.vcluster_finding_line(native),
            capi.vcluster_finding_rule(native),
            capi.vcluster_severity_name(capi.vcluster_finding_severity(native)),
            capi.vcluster_finding_message(native),
            capi.vcluster_finding_remedy(native),
            capi.vcluster_finding_file(native),
            capi.vcluster_finding_column(native),
            Edit._from_native(fix) if fix else None,
        )


class VClusterError(Exception):
    """A call failed. ``str()`` gives the whole story in one line."""

    code: str = "UNKNOWN"  #: status code, such as ``"NOT_FOUND"``
    message: str  #: the sentence alone, without operation and cause
    operation: str | None = None  #: such as ``"create virtual cluster 'dev' in 'team-a'"``
    reason: str | None = None  #: of Kubernetes, such as ``"AlreadyExists"``
    http_status: int = 0  #: of the answer that led to the error, or 0
    field: str | None = None  #: path of the offending field of a document
    retryable: bool = False  #: whether the same call may succeed later
    findings: tuple[Finding, ...] = ()  #: what was found in a document

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class InvalidArgumentError(VClusterError, ValueError):
    """An argument is not usable: not a DNS label, out of range."""

    code = "INVALID_ARGUMENT"


class ConfigError(VClusterError, ValueError):
    """A document is wrong: kubeconfig, values, chart. The findings say where."""

    code = "CONFIG"


class NotFoundError(VClusterError, LookupError):
    """The object does not exist."""

    code = "NOT_FOUND"


class AlreadyExistsError(VClusterError):
    """An object of that name exists already."""

    code = "ALREADY_EXISTS"


class ConflictError(VClusterError):
    """Somebody else holds or changed the object."""

    code = "CONFLICT"


class PermissionError(VClusterError, builtins.PermissionError):
    """The cluster refuses the user this operation."""

    code = "PERMISSION"


class UnauthenticatedError(VClusterError):
    """The cluster does not know the user: credentials missing, wrong or expired."""

    code = "UNAUTHENTICATED"


class UnavailableError(VClusterError, ConnectionError):
    """No connection, or a server that cannot answer now."""

    code = "UNAVAILABLE"


class TimeoutError(VClusterError, builtins.TimeoutError):
    """The deadline of the call passed."""

    code = "TIMEOUT"


class CancelledError(VClusterError):
    """The cancel token was triggered."""

    code = "CANCELLED"


class UnsupportedError(VClusterError):
    """This version of the library, or this cluster, cannot do it."""

    code = "UNSUPPORTED"


class NoMemoryError(VClusterError, MemoryError):
    """Memory could not be allocated."""

    code = "NO_MEMORY"


class ProtocolError(VClusterError):
    """A peer said something that its protocol does not allow, or more than the limit."""

    code = "PROTOCOL"


class InternalError(VClusterError, RuntimeError):
    """A defect of the library. Please report it."""

    code = "INTERNAL"


class QuotaError(VClusterError):
    """A ResourceQuota or LimitRange of the host stands in the way."""

    code = "QUOTA"


class PreconditionError(VClusterError):
    """The state of the object does not allow the operation, and waiting does not help."""

    code = "PRECONDITION"


_CLASSES: dict[str, type[VClusterError]] = {
    kind.code: kind for kind in VClusterError.__subclasses__()
}


def _from_native(native: capi.vcluster_error) -> VClusterError:
    """The exception for an error of the library, with its causes. Called by the native module."""
    code = capi.vcluster_status_name(capi.vcluster_error_code(native))
    error = _CLASSES.get(code, VClusterError)(capi.vcluster_error_to_string(native))
    error.code = code
    error.message = capi.vcluster_error_message(native)
    error.operation = capi.vcluster_error_operation(native)
    error.reason = capi.vcluster_error_reason(native)
    error.http_status = capi.vcluster_error_http_status(native)
    error.field = capi.vcluster_error_field(native)
    error.retryable = capi.vcluster_error_retryable(native)
    found = (
        capi.vcluster_error_finding_at(native, index)
        for index in range(capi.vcluster_error_finding_count(native))
    )
    error.findings = tuple(Finding._from_native(finding) for finding in found if finding)
    cause = capi.vcluster_error_cause(native)
    if cause is not None:
        error.__cause__ = _from_native(cause)
    return error
