# SPDX-License-Identifier: Apache-2.0
"""A watch as an iterator: a thread runs it, a bounded queue carries the events over.

Imported when the first one is made, since threads and queues take time to load.
"""

from __future__ import annotations

import atexit
import queue
import threading
import weakref

from .cancel import Cancel
from .errors import CancelledError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from .resource import Event, Resources

_QUEUE_SIZE = 1024  #: a slow reader holds the watch up rather than filling memory
_open_watches: weakref.WeakSet[Watch] = weakref.WeakSet()


class Watch:
    """Events of one kind; made by :meth:`Resources.watch_iter`, closed by ``with``."""

    def __init__(self, resources: Resources, api_version: str, kind: str, **options: Any) -> None:
        self._cancel = Cancel()
        self._events: queue.Queue[Event | BaseException | None] = queue.Queue(_QUEUE_SIZE)
        self._done = False
        self._thread = threading.Thread(
            target=_run,
            args=(resources, api_version, kind, options, self._cancel, self._events),
            name=f"vcluster watch {kind}",
            daemon=True,  # closed at exit below, so that a forgotten one does not keep us alive
        )
        _open_watches.add(self)
        self._thread.start()

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> Event:
        if self._done:
            raise StopIteration
        event = self._events.get()
        if event is None or isinstance(event, BaseException):
            self.close()
            raise event or StopIteration
        return event

    def close(self) -> None:
        """End the watch and its thread. Again is allowed."""
        self._done = True
        self._cancel.trigger()
        self._thread.join()
        try:
            self._events.put_nowait(None)  # for a reader on another thread
        except queue.Full:
            pass

    def __del__(self) -> None:
        if hasattr(self, "_cancel"):
            self._cancel.trigger()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _run(
    resources: Resources,
    api_version: str,
    kind: str,
    options: dict[str, Any],
    cancel: Cancel,
    events: queue.Queue[Event | BaseException | None],
) -> None:
    def put(event: Event | BaseException | None) -> None:
        while not cancel.triggered:
            try:
                events.put(event, timeout=0.1)
                return
            except queue.Full:
                continue

    end: BaseException | None = None
    try:
        resources.watch(api_version, kind, put, cancel=cancel, **options)
    except CancelledError:
        pass
    except BaseException as error:
        end = error
    put(end)


@atexit.register
def _close_all() -> None:
    for watch in tuple(_open_watches):
        watch.close()
