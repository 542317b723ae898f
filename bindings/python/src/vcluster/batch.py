# SPDX-License-Identifier: Apache-2.0
"""One operation each on many virtual clusters."""

from __future__ import annotations

import os

from ._base import call_options
from ._native import capi
from .config import native_config
from .lease import Result, epoch, ttl_seconds
from .snapshot import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable
    from datetime import datetime

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .chart import Chart
    from .client import Client
    from .config import ConfigLike
    from .lease import Duration
    from .snapshot import SnapshotFile


class Batch:
    """Operations on virtual clusters, carried out a few at once by :meth:`run`.

    >>> batch = Batch()
    >>> for name in ("one", "two"):
    ...     batch.ensure(name, ttl=3600)
    >>> len(batch)
    2

    For one thread at a time. ``timeout`` is that of the one operation.
    """

    __slots__ = ("_native", "_borrowed")

    def __init__(self) -> None:
        self._native = capi.vcluster_batch_new()
        self._borrowed: list[object] = []  # what the native batch points to

    def __len__(self) -> int:
        return capi.vcluster_batch_size(self._native)

    def ensure(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        create: bool = False,
        namespace: str | None = None,
        distribution: str | None = None,
        chart: Chart | None = None,
        chart_source: str | os.PathLike[str] | None = None,
        chart_version: str | None = None,
        kubernetes_version: str | None = None,
        profile: str | None = None,
        reset_values: bool = False,
        atomic: bool = False,
        resume: bool = False,
        preflight: bool = False,
        unchecked: bool = False,
        wait: bool = True,
        take_over: bool = False,
        ttl: Duration = None,
        expires_at: datetime | None = None,
        owner: str | None = None,
        timeout: Timeout = None,
    ) -> None:
        """Add :meth:`Client.ensure`, or with ``create`` :meth:`Client.create`."""
        values = native_config(config)
        native_chart = None if chart is None else chart._handle
        options = call_options(
            timeout,
            None,
            None,
            namespace_name=namespace,
            distribution=distribution,
            chart=native_chart,
            chart_source=None if chart_source is None else os.fspath(chart_source),
            chart_version=chart_version,
            kubernetes_version=kubernetes_version,
            profile=profile,
            reset_values=reset_values,
            atomic=atomic,
            resume=resume,
            preflight=preflight,
            unchecked=unchecked,
            no_wait=not wait,
            take_over=take_over,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            owner=owner,
        )
        add = capi.vcluster_batch_add_create if create else capi.vcluster_batch_add_ensure
        add(self._native, name, values, options)
        self._borrowed += [values, options]

    def wait(self, name: str, *, namespace: str | None = None, timeout: Timeout = None) -> None:
        """Add :meth:`Client.wait`."""
        options = call_options(timeout, None, None, namespace_name=namespace)
        capi.vcluster_batch_add_wait(self._native, name, options)
        self._borrowed.append(options)

    def extend(
        self,
        name: str,
        ttl: Duration = None,
        *,
        expires_at: datetime | None = None,
        never: bool = False,
        only_later: bool = False,
        owner: str | None = None,
        namespace: str | None = None,
        timeout: Timeout = None,
    ) -> None:
        """Add :meth:`Client.extend`."""
        options = call_options(
            timeout,
            None,
            None,
            namespace_name=namespace,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            never=never,
            only_later=only_later,
            owner=owner,
        )
        capi.vcluster_batch_add_extend(self._native, name, options)
        self._borrowed.append(options)

    def pause(
        self, name: str, *, namespace: str | None = None, timeout: Timeout = None
    ) -> None:
        """Add :meth:`Client.pause`."""
        options = call_options(timeout, None, None, namespace_name=namespace)
        capi.vcluster_batch_add_pause(self._native, name, options)
        self._borrowed.append(options)

    def resume(
        self,
        name: str,
        *,
        namespace: str | None = None,
        wait: bool = True,
        timeout: Timeout = None,
    ) -> None:
        """Add :meth:`Client.resume`."""
        options = call_options(timeout, None, None, namespace_name=namespace, no_wait=not wait)
        capi.vcluster_batch_add_resume(self._native, name, options)
        self._borrowed.append(options)

    def delete(
        self,
        name: str,
        *,
        namespace: str | None = None,
        missing_ok: bool = False,
        keep_volumes: bool = False,
        keep_namespace: bool = False,
        wait: bool = True,
        gitops_too: bool = False,
        leftovers_too: bool = False,
        timeout: Timeout = None,
    ) -> None:
        """Add :meth:`Client.delete`."""
        options = call_options(
            timeout,
            None,
            None,
            namespace_name=namespace,
            missing_ok=missing_ok,
            keep_volumes=keep_volumes,
            keep_namespace=keep_namespace,
            no_wait=not wait,
            gitops_too=gitops_too,
            leftovers_too=leftovers_too,
        )
        capi.vcluster_batch_add_delete(self._native, name, options)
        self._borrowed.append(options)

    def snapshot(
        self,
        name: str,
        file: SnapshotFile,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
    ) -> None:
        """Add :meth:`Client.snapshot`.

        What the file has become tells :func:`describe_snapshot`.

        :param file: its path, or an open file, pipe or socket, for this operation alone
        """
        path, where = place(file)
        options = call_options(timeout, None, None, namespace_name=namespace, **where)
        capi.vcluster_batch_add_snapshot(self._native, name, path, options)
        self._borrowed += [options, file]

    def restore(
        self,
        name: str,
        file: SnapshotFile,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
    ) -> None:
        """Add :meth:`Client.restore`.

        :param file: its path, or an open file, pipe or socket, for this operation alone
        """
        path, where = place(file)
        options = call_options(timeout, None, None, namespace_name=namespace, **where)
        capi.vcluster_batch_add_restore(self._native, name, path, options)
        self._borrowed += [options, file]

    def run(
        self,
        client: Client,
        on_result: Callable[[Result], object] | None = None,
        *,
        parallel: int = 0,
        stop_on_error: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> builtins.list[Result]:
        """Carry the operations out; the results in the order in which they ended.

        That an operation fails is no failure of the run: its result has an ``error``.

        :param on_result: called with each result as it comes; a true answer ends the run
        :param parallel: operations at once, at most 256; 0: 16
        :param stop_on_error: begin no more once one has failed
        :param timeout: of the whole run; None: only the operations have one
        """
        options = call_options(
            timeout, cancel, progress, parallel=parallel, stop_on_error=stop_on_error
        )
        results: builtins.list[Result] = []

        def on_native(native: capi.vcluster_result) -> object:
            results.append(Result._from_native(native))
            return on_result(results[-1]) if on_result is not None else False

        capi.vcluster_batch_run(client._handle, self._native, options, on_native)
        return results
