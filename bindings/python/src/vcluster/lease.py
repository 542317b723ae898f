# SPDX-License-Identifier: Apache-2.0
"""What came of one operation of many, and the reaper as a CronJob."""

from __future__ import annotations

from ._base import Record
from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from .errors import VClusterError

    Duration = float | timedelta | None


def ttl_seconds(duration: Duration) -> int:
    """Whole seconds, rounded up; None is 0."""
    if duration is None:
        return 0
    seconds = duration if isinstance(duration, (int, float)) else duration.total_seconds()
    if not -(2**62) < seconds < 2**62:
        raise ValueError(f"{duration!r} is out of range")
    if seconds == 0:
        raise ValueError("a duration of 0 is none: leave it out")
    return -int(-seconds // 1)


def epoch(time: datetime | None) -> int:
    """Seconds since 1970; None is 0."""
    if time is None:
        return 0
    if time.tzinfo is None:
        raise ValueError(f"{time!r} does not know its zone")
    return int(time.timestamp())


class Result(Record):
    """What came of one operation of a batch or of a reaper."""

    __slots__ = ("name", "namespace", "operation", "index", "error")

    name: str  #: of the virtual cluster
    namespace: str  #: on the host, as far as it was named
    operation: str  #: ``"ensure"``, ``"delete"``, ...; ``"none"`` of a reaper that only tells
    index: int  #: number of the operation in its batch, from 0
    error: VClusterError | None  #: why it failed

    @classmethod
    def _from_native(cls, native: capi.vcluster_result) -> Result:
        from .errors import _from_native

        error = capi.vcluster_result_error(native)
        failed = capi.vcluster_result_status(native) < 0
        return cls(
            capi.vcluster_result_name(native),
            capi.vcluster_result_namespace(native),
            capi.vcluster_result_operation(native),
            capi.vcluster_result_index(native),
            _from_native(error) if failed and error is not None else None,
        )


def reap_manifest(
    image: str,
    *,
    namespace: str | None = None,
    schedule: str | None = None,
    grace: Duration = None,
    only_namespace: str | None = None,
) -> str:
    """A CronJob that runs ``vcl reap``, with its account and the smallest role, as YAML.

    :param image: one with ``vcl`` in its path
    :param namespace: where it runs; None: ``default``
    :param schedule: as of cron; None: every five minutes
    :param only_namespace: reap this namespace only; None: all
    """
    return capi.vcluster_reap_manifest(
        {
            "image": image,
            "namespace_name": namespace,
            "schedule": schedule,
            "grace_s": ttl_seconds(grace),
            "only_namespace": only_namespace,
        }
    )
