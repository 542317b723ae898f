# SPDX-License-Identifier: Apache-2.0
"""What expires, and what is left behind."""

from __future__ import annotations

from ._base import call_options, timeout_ms
from ._client_base import ClientBase
from ._native import capi
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
