# SPDX-License-Identifier: Apache-2.0
"""Where a virtual cluster can be reached, and why not elsewhere."""

from __future__ import annotations

from ._base import Record
from ._native import capi


class EndpointCandidate(Record):
    """One way to a virtual cluster that was looked at."""

    __slots__ = ("kind", "url", "tls_server_name", "reason")

    kind: str  #: ``"given"``, ``"published"``, ``"load-balancer"``, ``"node-port"``, ...
    url: str  #: such as ``"https://dev.example.com"``, or ``""`` where there is no such way
    tls_server_name: str  #: name to verify in place of the URL's host, or ``""``
    reason: str  #: why it was not taken; ``""`` for the one that was

    @classmethod
    def _from_native(cls, native: capi.vcluster_endpoint_candidate) -> EndpointCandidate:
        return cls(
            capi.vcluster_endpoint_kind_name(capi.vcluster_endpoint_candidate_kind(native)),
            capi.vcluster_endpoint_candidate_url(native),
            capi.vcluster_endpoint_candidate_tls_server_name(native),
            capi.vcluster_endpoint_candidate_reason(native),
        )

    def to_dict(self) -> dict[str, object]:
        """The fields by the names that the library's JSON has."""
        names = {"tls_server_name": "tlsServerName"}
        return {names.get(name, name): getattr(self, name) for name in self.__slots__}


class Endpoint(Record):
    """The way that :meth:`Client.endpoint` chose, and all that it looked at.

    Kinds, the better one first: ``"given"``, ``"published"``, ``"load-balancer"``,
    ``"node-port"``, ``"ingress"``, ``"tls-route"``, ``"service"`` (inside the host), ``"tunnel"``
    (none: :meth:`Client.tunnel` makes a way).
    """

    __slots__ = ("kind", "url", "tls_server_name", "candidates")

    kind: str  #: of the way that was taken
    url: str  #: such as ``"https://dev.example.com"``; ``""`` for the tunnel
    tls_server_name: str  #: name to verify in place of the URL's host, or ``""``
    candidates: tuple[EndpointCandidate, ...]  #: the better one first

    @classmethod
    def _from_native(cls, native: capi.vcluster_endpoint) -> Endpoint:
        taken = EndpointCandidate._from_native(capi.vcluster_endpoint_taken(native))
        candidates = tuple(
            EndpointCandidate._from_native(capi.vcluster_endpoint_candidate_at(native, index))
            for index in range(capi.vcluster_endpoint_candidate_count(native))
        )
        return cls(taken.kind, taken.url, taken.tls_server_name, candidates)
