# SPDX-License-Identifier: Apache-2.0
"""What expires, what is left behind, and what others made."""

from __future__ import annotations

import os

from ._base import call_options, timeout_ms
from ._client_base import ClientBase
from ._native import capi
from .config import native_config
from .instance import Instance
from .lease import Result, epoch, ttl_seconds
from .plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable
    from datetime import datetime

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .chart import Chart
    from .config import ConfigLike
    from .lease import Duration


class UpkeepCalls(ClientBase):
    """What expires, and what is left behind."""

    __slots__ = ()

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
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Set the time at which a virtual cluster expires: one of ttl, expires_at and never.

        When this returns, no reaper deletes it before the new time. :class:`ConflictError` when it
        has expired and a reaper is at work already.

        :param ttl: so many seconds from now
        :param expires_at: a time, which knows its zone
        :param never: it does not expire any more
        :param only_later: an expiry that is later already stays: for heartbeats
        :param owner: None: as it is; ``""``: nobody
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            never=never,
            only_later=only_later,
            owner=owner,
        )
        return Instance._from_native(capi.vcluster_instance_extend(self._handle, name, options))

    def reap(
        self,
        on_result: Callable[[Result], object] | None = None,
        *,
        namespace: str | None = None,
        owner: str | None = None,
        grace: Duration = None,
        parallel: int = 0,
        interval: Timeout = None,
        dry_run: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> builtins.list[Result]:
        """Delete the virtual clusters that have expired; any number of reapers may run at once.

        One that could not be deleted has an ``error`` in its result. Without an expiry none is
        touched.

        :param on_result: called with each result as it comes; a true answer ends the call
        :param namespace: None: all
        :param owner: only those of this owner
        :param grace: delete what has expired so many seconds ago
        :param parallel: deletions at once; 0: 4
        :param interval: look again so long after each round, until ended; None: look once
        :param dry_run: tell what would be deleted
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            owner=owner,
            grace_s=ttl_seconds(grace),
            parallel=parallel,
            interval_ms=timeout_ms(interval),
            dry_run=dry_run,
        )
        results: builtins.list[Result] = []

        def on_native(native: capi.vcluster_result) -> object:
            result = Result._from_native(native)
            if interval is None:
                results.append(result)
            return on_result(result) if on_result is not None else False

        capi.vcluster_reap(self._handle, options, on_native)
        return results

    def adopt(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        chart: Chart | None = None,
        chart_source: str | os.PathLike[str] | None = None,
        chart_version: str | None = None,
        ttl: Duration = None,
        expires_at: datetime | None = None,
        owner: str | None = None,
        dry_run: bool = False,
        take_over: bool = False,
        align: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Plan:
        """Put a virtual cluster that others made under the care of this library: one of upstream's
        CLI, of Helm, or of manifests.

        Afterwards it can be upgraded, paused and deleted as one's own, and an :meth:`ensure` with
        the values it was made with finds nothing to do. It goes on running. The plan tells what was
        done, and who made it (:attr:`Plan.origin`).

        :param config: the values it was made with; None: as its release, or the host, has them
        :param namespace: host namespace; None: wherever it is
        :param chart: the chart it was made from, where there is no release; None: the
            distribution's, of upstream in the version that its labels name
        :param chart_source: as in :meth:`ensure`
        :param chart_version: as in :meth:`ensure`
        :param ttl: it expires so long from now; None: as it is
        :param expires_at: it expires then
        :param owner: whose it is; None: as it is; ``""``: nobody's
        :param dry_run: tell what would be done; what would be refused has the impact ``"refused"``
        :param take_over: also one that Argo CD, Flux or Cluster API makes, if that stands still:
            their marks are removed
        :param align: objects that differ from what its chart makes of its values are changed; such
            a one is refused otherwise (:class:`PreconditionError` with a finding for each)
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            chart=None if chart is None else chart._handle,
            chart_source=None if chart_source is None else os.fspath(chart_source),
            chart_version=chart_version,
            ttl_s=ttl_seconds(ttl),
            expires_at=epoch(expires_at),
            owner=owner,
            dry_run=dry_run,
            take_over=take_over,
            align=align,
        )
        return Plan._from_native(
            capi.vcluster_instance_adopt(self._handle, name, native_config(config), options)
        )

    def audit(
        self,
        *,
        namespace: str | None = None,
        grace: Duration = None,
        remove: bool = False,
        volumes_too: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Plan:
        """Find what virtual clusters left behind on the host, and remove it if asked.

        What stays is a change ``"leak"``, of impact ``"dataloss"`` where its removal would lose
        data and ``"refused"`` where it cannot be removed; what was removed is ``"remove"``.

        :param namespace: look only there; None: everywhere
        :param grace: what is younger is left out; None: ten minutes; 0: nothing
        :param remove: remove what is found, but for what holds data
        :param volumes_too: with remove, also volumes: their data is lost
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            grace_s=-1 if grace == 0 else ttl_seconds(grace),
            remove=remove,
            volumes_too=volumes_too,
        )
        return Plan._from_native(capi.vcluster_audit(self._handle, options))
