# SPDX-License-Identifier: Apache-2.0
"""Reading requests, running them, writing answers."""

from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

from .. import errors
from .._native import capi
from ..cancel import Cancel
from .methods import METHODS, Call
from .schema import schema, violations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

    from ..client import Client

    Id = int | str

PROTOCOL = 1  #: raised when an older caller could not read the answers any more
MAX_LINE = 8 << 20  #: bytes of one request; a values document may have 4 MiB
MAX_WAITING = 10_000  #: requests that were read and not answered


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "text": message, "retryable": False}


def _describe(error: errors.VClusterError) -> dict[str, Any]:
    described = {
        "code": error.code,
        "message": error.message,
        "text": str(error),
        "operation": error.operation,
        "reason": error.reason,
        "httpStatus": error.http_status,
        "field": error.field,
        "retryable": error.retryable,
        "findings": [
            {
                "path": finding.path,
                "line": finding.line,
                "rule": finding.rule,
                "severity": finding.severity,
                "message": finding.message,
                "remedy": finding.remedy,
            }
            for finding in error.findings
        ],
    }
    return {name: value for name, value in described.items() if value or name == "retryable"}


class Server:
    """Serves one pair of streams until the input ends.

    :param make_client: makes the client of the host when a request first needs it
    :param workers: requests that run at once; further ones wait
    """

    def __init__(
        self,
        source: BinaryIO,
        sink: BinaryIO,
        make_client: Callable[[], Client],
        *,
        workers: int = 16,
    ) -> None:
        self._source = source
        self._sink = sink
        self._make_client = make_client
        self._client: Client | None = None
        self._lock = threading.Lock()  # of everything below, and of the sink
        self._running: dict[Id, Cancel] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="vcluster-rpc")
        self._broken = False

    def serve(self) -> bool:
        """Read until the end of the input and finish what is under way; False: nobody reads."""
        self._write(
            {
                "hello": {
                    "protocol": PROTOCOL,
                    "version": capi.vcluster_version(),
                    "methods": sorted([*METHODS, "cancel"]),
                }
            }
        )
        while not self._broken and (line := self._read_line()) is not None:
            self._accept(line)
        self._pool.shutdown(wait=True)
        if self._client:
            self._client.close()
        return not self._broken

    def stop(self) -> None:
        """Stop every request that is under way. May be called from a signal handler's thread."""
        with self._lock:
            running = list(self._running.values())
        for cancel in running:
            cancel.trigger()

    def _read_line(self) -> bytes | None:
        """A line without its end; None at the end of the input, b"" for one that is too long."""
        line = self._source.readline(MAX_LINE + 1)
        if not line:
            return None
        if len(line) <= MAX_LINE:
            return line.strip() or b" "
        while line and not line.endswith(b"\n"):
            line = self._source.readline(MAX_LINE)
        return b""

    def _write(self, answer: dict[str, Any]) -> None:
        line = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            if self._broken:
                return
            try:
                self._sink.write(line)
                self._sink.flush()
                return
            except (BrokenPipeError, ValueError):
                self._broken = True
        self.stop()

    def _refuse(self, request_id: object, code: str, message: str) -> None:
        self._write({"id": request_id, "error": _error(code, message)})

    def _accept(self, line: bytes) -> None:
        """Look at a request on the reading thread, and have it run on another."""
        if line == b" ":
            return
        if not line:
            self._refuse(None, "INVALID_REQUEST", f"a line of more than {MAX_LINE} bytes")
            return
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as why:
            self._refuse(None, "INVALID_REQUEST", f"this is no JSON: {why}")
            return
        wrong = list(violations(request, schema()["$defs"]["request"], "request"))
        request_id = request.get("id") if isinstance(request, dict) else None
        if wrong:
            usable = isinstance(request_id, (int, str)) and not isinstance(request_id, bool)
            self._refuse(request_id if usable else None, "INVALID_REQUEST", "; ".join(wrong))
        else:
            self._start(request_id, request["method"], request.get("params", {}))

    def _start(self, request_id: Any, method: str, params: dict[str, Any]) -> None:
        described = schema()["methods"].get(method)
        if described is None or (method != "cancel" and method not in METHODS):
            self._refuse(request_id, "METHOD_NOT_FOUND", f"there is no method '{method}'")
            return
        if wrong := list(violations(params, described["params"])):
            self._refuse(request_id, "INVALID_ARGUMENT", "; ".join(wrong))
        elif method == "cancel":
            self._write({"id": request_id, "result": {"cancelled": self._cancel(params["id"])}})
        elif cancel := self._register(request_id):
            self._pool.submit(self._run, request_id, method, params, cancel)

    def _register(self, request_id: Id) -> Cancel | None:
        with self._lock:
            taken = request_id in self._running
            full = len(self._running) >= MAX_WAITING
            if not taken and not full:
                cancel = self._running[request_id] = Cancel()
                return cancel
        if taken:
            self._refuse(request_id, "INVALID_REQUEST", f"id {request_id!r} is under way already")
        else:
            self._refuse(request_id, "UNAVAILABLE", f"{MAX_WAITING} requests are under way")
        return None

    def _cancel(self, request_id: Id) -> bool:
        with self._lock:
            cancel = self._running.get(request_id)
        if cancel:
            cancel.trigger()
        return cancel is not None

    def _host(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    def _run(self, request_id: Id, method: str, params: dict[str, Any], cancel: Cancel) -> None:
        def emit(event: str, members: dict[str, Any]) -> None:
            self._write({"id": request_id, "event": event, **members})

        answer: dict[str, Any] = {"id": request_id}
        try:
            if cancel.triggered:
                raise errors.CancelledError("it was cancelled before it began")
            named = {_snake(name): value for name, value in params.items()}
            answer["result"] = METHODS[method](Call(self._host, cancel, emit), named)
        except errors.VClusterError as error:
            answer["error"] = _describe(error)
        except Exception as error:  # a defect: the caller gets an answer all the same
            answer["error"] = _error("INTERNAL", f"{type(error).__name__}: {error}")
        with self._lock:
            del self._running[request_id]
        self._write(answer)
