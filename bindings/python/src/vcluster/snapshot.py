# SPDX-License-Identifier: Apache-2.0
"""The state of a virtual cluster in a file, and the certificates of its control plane."""

from __future__ import annotations

import os

from ._base import Record
from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, Union

    class HasFileno(Protocol):
        """A file, a pipe or a socket."""

        def fileno(self) -> int:
            """Give its descriptor."""

    #: A path, or something with a descriptor
    SnapshotFile = Union[str, os.PathLike[str], HasFileno]


class Snapshot(Record):
    """What a snapshot file is."""

    __slots__ = (
        "name",
        "namespace",
        "distribution",
        "kubernetes_version",
        "store",
        "created",
        "size",
        "sha256",
    )

    name: str  #: of the virtual cluster it was taken from
    namespace: str  #: host namespace of that
    distribution: str  #: ``"embedded"``
    kubernetes_version: str  #: such as ``"v1.35.4"``
    store: str  #: ``"sqlite"`` or ``"etcd"``
    created: str  #: RFC 3339
    size: int  #: of the data in bytes
    sha256: str  #: of the data

    @classmethod
    def _from_json(cls, text: str) -> Snapshot:
        import json

        tree = json.loads(text)
        return cls(
            tree["name"],
            tree["namespace"],
            tree["distribution"],
            tree["kubernetesVersion"],
            tree["store"],
            tree["created"],
            tree["size"],
            tree["sha256"],
        )


class SnapshotRequest(Record):
    """What upstream's control plane was asked to keep, and what became of it."""

    __slots__ = ("name", "url", "phase", "created", "error")

    name: str  #: of the request's ConfigMap on the host
    url: str  #: without credentials
    phase: str  #: ``"Requested"``, then upstream's words, such as ``"Completed"`` and ``"Failed"``
    created: str  #: RFC 3339
    error: str  #: why it failed

    @classmethod
    def _from_tree(cls, tree: dict[str, Any]) -> SnapshotRequest:
        return cls(tree["name"], tree["url"], tree["phase"], tree["created"], tree["error"])


class StoredSnapshot(Record):
    """A snapshot that upstream's control plane has found at a URL."""

    __slots__ = ("name", "url", "created")

    name: str  #: such as that of its file
    url: str  #: without credentials
    created: str  #: RFC 3339

    @classmethod
    def _from_tree(cls, tree: dict[str, Any]) -> StoredSnapshot:
        return cls(tree["name"], tree["url"], tree["created"])


class Certificate(Record):
    """One certificate of a control plane."""

    __slots__ = (
        "name",
        "subject",
        "issuer",
        "not_before",
        "not_after",
        "seconds_left",
        "authority",
        "status",
    )

    name: str  #: such as ``"apiserver.crt"`` or ``"admin.conf"``
    subject: str  #: such as ``"CN=kube-apiserver"``
    issuer: str
    not_before: str  #: RFC 3339
    not_after: str  #: RFC 3339
    seconds_left: int  #: until it expires; negative afterwards
    authority: bool  #: whether it signs others
    status: str  #: ``"valid"``, ``"expiring"`` (90 days or less) or ``"expired"``

    @classmethod
    def _from_tree(cls, tree: dict[str, Any]) -> Certificate:
        return cls(
            tree["name"],
            tree["subject"],
            tree["issuer"],
            tree["notBefore"],
            tree["notAfter"],
            tree["secondsLeft"],
            tree["authority"],
            tree["status"],
        )


def describe_snapshot(path: str | os.PathLike[str]) -> Snapshot:
    """Check a snapshot file whole and tell what it is.

    :raises ProtocolError: it is no snapshot, cut or damaged
    """
    return Snapshot._from_json(capi.vcluster_snapshot_describe(os.fspath(path)))


def place(file: SnapshotFile) -> tuple[str | None, dict[str, int]]:
    """Path and options of the library for what the user gave."""
    if hasattr(file, "fileno"):
        if hasattr(file, "flush"):
            file.flush()
        return None, {"use_fd": True, "fd": file.fileno()}
    return os.fspath(file), {}
