# SPDX-License-Identifier: Apache-2.0
"""A watch as an iterator: a thread runs it, a bounded queue carries the events over.

Imported when the first one is made, since threads and queues take time to load.
"""

from __future__ import annotations

import atexit
import queue
import threading
import weakref

from typing import Generic, TypeVar

from .cancel import Cancel
from .errors import CancelledError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

_QUEUE_SIZE = 1024  #: a slow reader holds the watch up rather than filling memory
_open_watches: weakref.WeakSet[Watch[Any]] = weakref.WeakSet()

T = TypeVar("T")
if TYPE_CHECKING:
    # An event, or the end and the error that it came with.
    _Item = tuple[T | None, BaseException | None]


class Watch(Generic[T]):
    """What a call that goes on tells, as an iterator; closed by :meth:`close` or ``with``.

    Made by :meth:`Client.watch_iter`, :meth:`Resources.watch_iter` and :meth:`Pods.logs_iter`.
    """

    def __init__(self, run: Callable[[Callable[[T], None], Cancel], None], name: str) -> None:
        self._cancel = Cancel()
        self._events: queue.Queue[_Item[T]] = queue.Queue(_QUEUE_SIZE)
        self._done = False
        self._thread = threading.Thread(
            target=_run,
            args=(run, self._cancel, self._events),
            name=f"vcluster {name}",
            daemon=True,  # closed at exit below, so that a forgotten one does not keep us alive
        )
        _open_watches.add(self)
        self._thread.start()

    def __iter__(self) -> Watch[T]:
        return self

    def __next__(self) -> T:
        if self._done:
            raise StopIteration
        event, end = self._events.get()
        if event is None:
            self.close()
            raise end or StopIteration
        return event

    def close(self) -> None:
        """End the watch and its thread. Again is allowed."""
        self._done = True
        self._cancel.trigger()
        self._thread.join()
        try:
            self._events.put_nowait((None, None))  # for a reader on another thread
        except queue.Full:
            pass

    def __del__(self) -> None:
        if hasattr(self, "_cancel"):
            self._cancel.trigger()

    def __enter__(self) -> Watch[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _run(
    run: Callable[[Callable[[T], None], Cancel], None],
    cancel: Cancel,
    events: queue.Queue[_Item[T]],
) -> None:
    def put(item: _Item[T]) -> None:
        while not cancel.triggered:
            try:
                events.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    end: BaseException | None = None
    try:
        run(lambda event: put((event, None)), cancel)
    except CancelledError:
        pass
    except BaseException as error:
        end = error
    put((None, end))


@atexit.register
def _close_all() -> None:
    for watch in tuple(_open_watches):
        watch.close()
