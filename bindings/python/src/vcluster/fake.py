# SPDX-License-Identifier: Apache-2.0
"""A host cluster in memory, for the unit tests of programs that use this package.

>>> from vcluster import FakeClient
>>> with FakeClient(faults=[{"method": "PATCH", "status": 503, "at": 3}]) as host:
...     made = host.create("dev", distribution="embedded")
...     host.list()[0].ready
True

What it is, and what it is not, stands in ``libvcluster/fake.h``: nothing is scheduled, pulled or
run, but workloads get pods that are ready at once, and a control plane a virtual cluster that can
be opened.
"""

from __future__ import annotations

from ._base import Record, timeout_ms
from ._native import capi
from .client import Client, _native_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ._base import Timeout

    Faults = str | Sequence[Mapping[str, Any]] | None


class FakeRequest(Record):
    """One request that the fake host has got."""

    __slots__ = ("cluster", "method", "path", "status")

    cluster: str  #: "" for the host, ``NAMESPACE/NAME`` for the API server of a virtual cluster
    method: str
    path: str  #: with its query
    status: int  #: of the answer; 0: the connection ended without one


def _script(faults: Faults) -> str | None:
    if faults is None or isinstance(faults, str):
        return faults
    import json

    return json.dumps([dict(rule) for rule in faults])


def _manifests(objects: Sequence[Mapping[str, Any] | str]) -> str:
    import json

    texts = (one if isinstance(one, str) else json.dumps(dict(one)) for one in objects)
    return "\n---\n".join(texts)


class FakeClient(Client):
    """A client of a new fake host, which goes with it. Every method of :class:`Client` works on it."""

    __slots__ = ()

    def __init__(
        self,
        *objects: Mapping[str, Any] | str,
        faults: Faults = None,
        kubernetes_version: str | None = None,
        namespace: str | None = None,
        timeout: Timeout = None,
        log: Callable[[int, str], object] | None = None,
    ) -> None:
        """Make the host.

        :param objects: what is there from the start, as mappings or YAML, over what a new cluster
            has: its namespaces, a node, a default StorageClass
        :param faults: see :meth:`set_faults`
        :param kubernetes_version: what the host says it is; None: ``v1.35.4``
        :param namespace: of the client's context
        :param timeout: default deadline of blocking calls
        :param log: as for :class:`Client`
        :raises ConfigError: objects or faults cannot be read
        """
        options = {
            "kubernetes_version": kubernetes_version,
            "objects": _manifests(objects) if objects else None,
            "faults": _script(faults),
            "namespace_name": namespace,
            "timeout_ms": timeout_ms(timeout),
            "log": None if log is None else _native_log(log),
        }
        self._native = capi.vcluster_client_new_fake(options)

    def __enter__(self) -> FakeClient:
        return self

    def set_faults(self, faults: Faults) -> None:
        """Let requests fail, by rules that take the place of those before.

        A rule counts the requests that it fits and acts on the one numbered ``at`` (1) and those
        behind it, ``times`` (1; 0: always) in all. It fits by ``method``, ``path`` (a pattern, for
        the path without query) and ``cluster`` (``NAMESPACE/NAME`` of a virtual cluster; else the
        host). It answers ``status`` with ``reason``, ``message`` and ``retryAfter``, waits
        ``delayMs`` before, or ends the connection: ``cut`` is ``before``, ``after`` or ``answer``.

        :raises ConfigError: with a finding for each mistake; the old rules stay then
        """
        capi.vcluster_fake_set_faults(self._handle, _script(faults))

    def put(self, *objects: Mapping[str, Any] | str) -> None:
        """Store objects as they are, their status too, without a request.

        :raises ConfigError: one is not readable, or of a kind that the host does not know
        """
        capi.vcluster_fake_put(self._handle, _manifests(objects))

    def requests(self, *, forget: bool = False) -> list[FakeRequest]:
        """The requests that the host has got, in their order.

        :param forget: those that are told now are told no more
        """
        import json

        lines = json.loads(capi.vcluster_fake_requests(self._handle, int(forget)))
        return [FakeRequest(*(line[name] for name in FakeRequest.__slots__)) for line in lines]
