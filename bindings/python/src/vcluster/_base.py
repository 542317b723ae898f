# SPDX-License-Identifier: Apache-2.0
"""What the façade's modules share: read-only records and the options that every call has.

Imports are few on purpose: ``import vcluster`` should cost little more than loading the library.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any, NoReturn

    from .cancel import Cancel
    from .progress import Progress

    Timeout = float | timedelta | None
    ProgressCallback = Callable[[Progress], object]


class Record:
    """An immutable record of what the library said; its ``__slots__`` are its fields."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, *values: object) -> None:
        for name, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, name, value)

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[type[Record], tuple[object, ...]]:
        return type(self), self._values()


def timeout_ms(timeout: Timeout) -> int:
    """Milliseconds as the library counts them: 0 is its default, -1 is no deadline."""
    if timeout is None:
        return 0
    seconds = timeout if isinstance(timeout, (int, float)) else timeout.total_seconds()
    if seconds == float("inf"):
        return -1
    if not seconds >= 0:
        raise ValueError(f"timeout {timeout!r} is not a positive number of seconds")
    return min(max(1, int(seconds * 1000)), 2**62)


def call_options(
    timeout: Timeout,
    cancel: Cancel | None,
    progress: ProgressCallback | None,
    **options: object,
) -> dict[str, Any]:
    """The options of one blocking call, by the names of the C struct's members."""
    options["timeout_ms"] = timeout_ms(timeout)
    if cancel is not None:
        options["cancel"] = cancel._handle
    if progress is not None:
        from .progress import Progress

        callback = progress
        options["progress"] = lambda native: callback(Progress._from_native(native))
    return options
