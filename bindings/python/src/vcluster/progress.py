# SPDX-License-Identifier: Apache-2.0
"""Reports of what a blocking call is doing."""

from __future__ import annotations

from ._base import Record
from ._native import capi


class Progress(Record):
    """One report. ``str()`` is the line to show; it is empty for a tick.

    A tick says that nothing is new, at least four times a second, so that a display can move and
    a callback can stop the call by raising.
    """

    __slots__ = ("step", "object", "message", "elapsed")

    step: str  #: ``"tick"``, ``"namespace"``, ``"object"``, ``"pod"``, ``"ready"``, ...
    object: str  #: the object concerned, such as ``pod/dev-0``, or ``""``
    message: str  #: what happened, for a person
    elapsed: float  #: seconds since the call began

    @classmethod
    def _from_native(cls, native: capi.vcluster_progress) -> Progress:
        return cls(
            capi.vcluster_step_name(capi.vcluster_progress_step(native)),
            capi.vcluster_progress_object(native),
            capi.vcluster_progress_message(native),
            capi.vcluster_progress_elapsed_ms(native) / 1000,
        )

    @property
    def is_tick(self) -> bool:
        """Whether this is only a sign of life."""
        return self.step == "tick"

    def __str__(self) -> str:
        return self.message
