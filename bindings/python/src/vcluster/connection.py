# SPDX-License-Identifier: Apache-2.0
"""Tunnels that processes of their own hold; :meth:`Client.start_connection` starts one.

>>> from vcluster import connection
>>> dev = host.start_connection("dev")
>>> text = host.kubeconfig("dev", server=dev.url)
>>> [one.name for one in connection.running()]
['dev']
>>> connection.stop(dev)
"""

from __future__ import annotations

import os

from ._base import Record, call_options
from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._base import Timeout
    from .cancel import Cancel

    Path = str | os.PathLike[str]


class Connection(Record):
    """A tunnel that a process in the background holds, as it was written down."""

    __slots__ = (
        "id",
        "name",
        "namespace",
        "host_context",
        "context",
        "url",
        "log",
        "pid",
        "started",
        "alive",
    )

    id: str  #: what :func:`stop` knows it by
    name: str  #: of the virtual cluster
    namespace: str  #: on the host
    host_context: str  #: context of its host, or ``""``
    context: str  #: that leads there in a kubeconfig, if one was merged
    url: str  #: ``"https://127.0.0.1:PORT"``
    log: str  #: path of the log of its process
    pid: int
    started: int  #: seconds since 1970
    alive: bool  #: whether its process ran when it was asked for

    @classmethod
    def _from_native(cls, native: capi.vcluster_connection) -> Connection:
        return cls(
            capi.vcluster_connection_id(native),
            capi.vcluster_connection_name(native),
            capi.vcluster_connection_namespace(native),
            capi.vcluster_connection_host_context(native),
            capi.vcluster_connection_context(native),
            capi.vcluster_connection_url(native),
            capi.vcluster_connection_log(native),
            capi.vcluster_connection_pid(native),
            capi.vcluster_connection_started(native),
            capi.vcluster_connection_alive(native),
        )


def _options(
    state_directory: Path | None, timeout: Timeout, cancel: Cancel | None
) -> dict[str, object]:
    folder = None if state_directory is None else os.fspath(state_directory)
    return call_options(timeout, cancel, None, state_directory=folder)


def running(
    *,
    state_directory: Path | None = None,
    timeout: Timeout = None,
    cancel: Cancel | None = None,
) -> list[Connection]:
    """The connections of this user that are running, the older ones first.

    What is written down of others, whose process is gone, is removed together with its log.
    """
    native = capi.vcluster_connection_list_new(_options(state_directory, timeout, cancel))
    return [
        Connection._from_native(capi.vcluster_connection_list_at(native, index))
        for index in range(capi.vcluster_connection_list_size(native))
    ]


def stop(
    connection: Connection | str,
    *,
    state_directory: Path | None = None,
    timeout: Timeout = None,
    cancel: Cancel | None = None,
) -> None:
    """End the process of a connection and wait until it is gone.

    It gets SIGTERM, and SIGKILL when the deadline passes. A context in a kubeconfig stays.

    :param connection: one of :func:`running`, or its id
    :param timeout: None: ten seconds
    """
    name = connection.id if isinstance(connection, Connection) else connection
    capi.vcluster_connection_stop(name, _options(state_directory, timeout, cancel))
