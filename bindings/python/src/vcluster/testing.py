# SPDX-License-Identifier: Apache-2.0
"""What test harnesses need: a virtual cluster with all ways into it, and what went wrong with it."""

from __future__ import annotations

import json
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

from .client import Client
from .errors import VClusterError
from .instance import Instance
from .tunnel import Tunnel

_LOG_LINES = 40
_EVENTS = 30


class Cluster:
    """A virtual cluster that belongs to tests."""

    def __init__(self, host: Client, instance: Instance) -> None:
        self.host = host  #: client of the host
        self.instance = instance  #: as it was when it was made
        self._client: Client | None = None
        self._tunnel: Tunnel | None = None
        self._kubeconfig: pathlib.Path | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.instance.name

    @property
    def namespace(self) -> str:
        """Its namespace on the host."""
        return self.instance.namespace

    @property
    def client(self) -> Client:
        """A client of the virtual cluster itself, which lasts as long as it."""
        if self._client is None:
            self._client = self.host.open(self.name, namespace=self.namespace)
        return self._client

    @property
    def kubeconfig(self) -> pathlib.Path:
        """A private file for other programs, which leads through a tunnel of this process."""
        if self._kubeconfig is None:
            self._tunnel = self.host.tunnel(self.name, namespace=self.namespace)
            descriptor, path = tempfile.mkstemp(prefix="vcluster-", suffix=".kubeconfig")
            self._kubeconfig = pathlib.Path(path)
            with open(descriptor, "w") as file:
                file.write(self._tunnel.kubeconfig())
        return self._kubeconfig

    def kubectl(self, *arguments: str, timeout: float = 120) -> Any:
        """Run kubectl inside; the document it prints with ``-o json``, else its text."""
        done = subprocess.run(
            ["kubectl", f"--kubeconfig={self.kubeconfig}", *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout) if "json" in arguments else done.stdout

    def close(self) -> None:
        """Give up client, tunnel and kubeconfig; the virtual cluster stays."""
        if self._client is not None:
            self._client.close()
        if self._tunnel is not None:
            self._tunnel.close()
        if self._kubeconfig is not None:
            self._kubeconfig.unlink(missing_ok=True)
        self._client = self._tunnel = self._kubeconfig = None


def diagnosis(host: Client, namespace: str) -> str:
    """Pods, events and last log lines of a namespace on the host; never raises for them."""
    lines: list[str] = []
    for part in (_pods, _events):
        try:
            lines.extend(part(host, namespace))
        except VClusterError as error:
            lines.append(f"not known: {error}")
    return "\n".join(lines) or f"there are neither pods nor events in '{namespace}'"


def _pods(host: Client, namespace: str) -> Iterator[str]:
    for pod in host.resources.list("v1", "Pod", namespace=namespace, timeout=20):
        status = pod["status"]
        name = pod["metadata"]["name"]
        yield f"pod {name}: {status.get('phase', 'no phase')}"
        states = status.get("initContainerStatuses", []) + status.get("containerStatuses", [])
        for one in states:
            yield f"  {one['name']}: {_state(one['state'])}, restarts: {one['restartCount']}"
            if not one.get("ready"):
                yield from _log(host, namespace, name, one["name"])


def _state(state: dict[str, Any]) -> str:
    """Such as ``waiting (ImagePullBackOff)``."""
    for kind, details in state.items():
        words = [str(details[key]) for key in ("reason", "exitCode", "message") if key in details]
        return f"{kind} ({': '.join(words)})" if words else kind
    return "no state"


def _log(host: Client, namespace: str, pod: str, container: str) -> Iterator[str]:
    try:
        text = host.pods.logs(
            pod, namespace=namespace, container=container, tail=_LOG_LINES, timeout=20
        )
    except VClusterError:
        return  # it has not begun: its state says why
    for line in text.decode(errors="replace").splitlines():
        yield f"    | {line}"


def _events(host: Client, namespace: str) -> Iterator[str]:
    events = host.resources.list("v1", "Event", namespace=namespace, timeout=20)
    events.sort(key=lambda event: event.get("lastTimestamp") or "")
    for event in events[-_EVENTS:]:
        about = event["involvedObject"]
        yield (
            f"{event.get('type')} {event.get('reason')} {about.get('kind')}/{about.get('name')}: "
            f"{event.get('message')}"
        )
