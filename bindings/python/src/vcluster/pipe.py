# SPDX-License-Identifier: Apache-2.0
"""A file or an iterable of bytes as a descriptor that the library can wait on.

Imported when it is needed, since threads take time to load.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

_PIECE = 64 * 1024


@contextmanager
def reading(source: IO[bytes] | Iterable[bytes]) -> Iterator[int]:
    """A descriptor to read the source from; an exception of the source is raised at the end."""
    failed: list[BaseException] = []
    fd, feed = os.pipe()
    thread = threading.Thread(
        target=_copy, args=(source, feed, failed), name="vcluster input", daemon=True
    )
    thread.start()
    try:
        yield fd
    finally:
        os.close(fd)  # a source that still waits for something is left to its thread
    if failed:
        raise failed[0]


def _copy(source: IO[bytes] | Iterable[bytes], fd: int, failed: list[BaseException]) -> None:
    try:
        for piece in _pieces(source):
            view = memoryview(piece)
            while view:
                view = view[os.write(fd, view) :]
    except BrokenPipeError:
        pass  # the command has ended
    except BaseException as error:
        failed.append(error)
    finally:
        os.close(fd)


def _pieces(source: IO[bytes] | Iterable[bytes]) -> Iterator[bytes]:
    read = getattr(source, "read1", None) or getattr(source, "read", None)
    if read is None:
        yield from source
        return
    while piece := read(_PIECE):
        yield piece
