# SPDX-License-Identifier: Apache-2.0
"""Pods of any cluster that a client stands for: logs, commands, tunnels."""

from __future__ import annotations

from ._base import Record, call_options
from ._native import capi
from .tunnel import Tunnel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import IO

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .client import Client
    from .watch import Watch

    Input = bytes | IO[bytes] | Iterable[bytes] | None


class ExecResult(Record):
    """How a command ended. The outputs are empty where callbacks got them."""

    __slots__ = ("exit_code", "stdout", "stderr")

    exit_code: int  #: 0 to 255; 126 and 127: it could not be started
    stdout: bytes
    stderr: bytes


class Pods:
    """Pods by name: ``client.pods.exec("web-0", ["date"])``.

    ``namespace`` is that of the client's context, or ``default``; ``container`` what the pod's
    annotation names, or the only one. ``timeout`` (none by default), ``cancel`` and ``progress``
    are those of :class:`Client`.
    """

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def logs(
        self,
        pod: str,
        on_output: Callable[[bytes], object] | None = None,
        *,
        namespace: str | None = None,
        container: str | None = None,
        follow: bool = False,
        previous: bool = False,
        timestamps: bool = False,
        tail: int | None = None,
        since_seconds: int = 0,
        since_time: str | None = None,
        limit_bytes: int = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> bytes:
        """Read the log of a container.

        Without ``on_output`` it is returned; with it, each piece is handed over on this thread as
        it comes (a true answer ends the call with :class:`CancelledError`), and nothing is
        returned.

        :param follow: go on until the container ends
        :param previous: of the run before
        :param timestamps: each line begins with an RFC 3339 time
        :param tail: only that many lines from the end
        :param since_seconds: only what is younger; 0: all
        :param since_time: only what is younger than this RFC 3339 time
        :param limit_bytes: at most so many; 0: all
        """
        pieces: list[bytes] = []
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            container=container,
            follow=follow,
            previous=previous,
            timestamps=timestamps,
            tail=tail is not None,
            tail_lines=tail or 0,
            since_seconds=since_seconds,
            since_time=since_time,
            limit_bytes=limit_bytes,
        )

        sink: Callable[[bytes], object] = pieces.append if on_output is None else on_output

        def on_native(stream: int, data: bytes) -> object:
            return sink(data)

        capi.vcluster_pod_logs(self._client._handle, pod, options, on_native)
        return b"".join(pieces)

    def logs_iter(
        self,
        pod: str,
        *,
        namespace: str | None = None,
        container: str | None = None,
        follow: bool = True,
        previous: bool = False,
        timestamps: bool = False,
        tail: int | None = None,
        since_seconds: int = 0,
        since_time: str | None = None,
        timeout: Timeout = None,
    ) -> Watch[bytes]:
        """The same, followed, as an iterator of lines, which is also a context manager."""
        from .watch import Watch

        def run(put: Callable[[bytes], None], cancel: Cancel) -> None:
            rest = bytearray()

            def on_output(data: bytes) -> None:
                rest.extend(data)
                while (end := rest.find(b"\n")) >= 0:
                    put(bytes(rest[: end + 1]))
                    del rest[: end + 1]

            self.logs(
                pod,
                on_output,
                namespace=namespace,
                container=container,
                follow=follow,
                previous=previous,
                timestamps=timestamps,
                tail=tail,
                since_seconds=since_seconds,
                since_time=since_time,
                timeout=timeout,
                cancel=cancel,
            )
            if rest:
                put(bytes(rest))

        return Watch(run, f"log of {pod}")

    def exec(
        self,
        pod: str,
        command: Sequence[str],
        *,
        namespace: str | None = None,
        container: str | None = None,
        input: Input = None,
        on_stdout: Callable[[bytes], object] | None = None,
        on_stderr: Callable[[bytes], object] | None = None,
        tty: bool = False,
        terminal_size: Callable[[], tuple[int, int] | None] | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> ExecResult:
        """Run a command in a container and wait for its end, whatever its exit code.

        A call that ends early leaves the command running: Kubernetes has no way to end it.

        :param command: program and arguments; no shell is involved
        :param input: its standard input: bytes, a binary file, or an iterable of bytes
        :param on_stdout: gets the output as it comes, on this thread; None: it is returned
        :param on_stderr: the same for the error output
        :param tty: the command has a terminal, and one output
        :param terminal_size: gives (columns, rows) or None; asked for some times a second
        """
        stdout: list[bytes] = []
        stderr: list[bytes] = []
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            container=container,
            tty=tty,
            terminal_size=terminal_size,
        )

        output: Callable[[bytes], object] = stdout.append if on_stdout is None else on_stdout
        errors: Callable[[bytes], object] = stderr.append if on_stderr is None else on_stderr

        def on_native(stream: int, data: bytes) -> object:
            return output(data) if stream == capi.VCLUSTER_POD_OUTPUT else errors(data)

        words = list(command)
        if input is None or isinstance(input, bytes):
            options["input"] = input
            code = capi.vcluster_pod_exec(self._client._handle, pod, words, options, on_native)
        else:
            from .pipe import reading

            with reading(input) as options["input_fd"]:
                code = capi.vcluster_pod_exec(self._client._handle, pod, words, options, on_native)
        return ExecResult(code, b"".join(stdout), b"".join(stderr))

    def forward(
        self,
        pod: str | None,
        port: int,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        local_port: int = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Tunnel:
        """Open a port on 127.0.0.1 that leads to a port of a pod.

        :param pod: None: any running pod with the labels of ``label_selector``
        :param local_port: 0: any free one
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            label_selector=label_selector,
            local_port=local_port,
        )
        return Tunnel(capi.vcluster_pod_forward(self._client._handle, pod, port, options))
