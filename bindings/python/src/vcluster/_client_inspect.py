# SPDX-License-Identifier: Apache-2.0
"""Looking at virtual clusters."""

from __future__ import annotations

from ._base import call_options
from ._client_base import ClientBase
from ._native import capi
from .budget import Budget, budget_text
from .config import Config, native_config
from .description import Description
from .diagnosis import Diagnosis
from .instance import Instance, InstanceEvent
from .quota import Usage
from .report import Report
from .sync import HostObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable

    from ._base import ProgressCallback, Timeout
    from .budget import BudgetLike
    from .cancel import Cancel
    from .chart import Chart
    from .config import ConfigLike
    from .watch import Watch


class InspectCalls(ClientBase):
    """Looking at virtual clusters."""

    __slots__ = ()

    def get(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Get one virtual cluster; without a namespace it is searched in all of them."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Instance._from_native(capi.vcluster_instance_get(self._handle, name, options))

    def describe(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Description:
        """Tell everything that the host knows about one virtual cluster.

        What the user may not read is left out, and named in the note.

        >>> found = client.describe("dev")
        >>> found.store, [component.name for component in found.components if not component.ready]
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Description._from_native(
            capi.vcluster_instance_describe(self._handle, name, options)
        )

    def why(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Diagnosis:
        """Find out why a virtual cluster is not ready; one that does not exist has a cause too.

        One that began less than 30 s ago is asked itself, where the rights allow it.
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Diagnosis._from_native(capi.vcluster_instance_why(self._handle, name, options))

    def list(
        self,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> builtins.list[Instance]:
        """List virtual clusters by namespace and name, with four requests however many."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        native = capi.vcluster_instance_list_new(self._handle, options)
        return [
            Instance._from_native(capi.vcluster_instance_list_at(native, index))
            for index in range(capi.vcluster_instance_list_size(native))
        ]

    def watch(
        self,
        on_event: Callable[[InstanceEvent], object],
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Call ``on_event`` for each virtual cluster that exists, then for every change of one.

        It runs on this thread; a true answer ends the watch, an exception ends it with that
        exception. Cuts of the connection are ridden out, and no state is told twice. ``timeout``
        is the length of the watch, which ends with :class:`TimeoutError`.
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace)

        def on_native(event: int, native: capi.vcluster_instance) -> object:
            return on_event(InstanceEvent._from_native(event, native))

        capi.vcluster_instance_watch(self._handle, options, on_native)

    def watch_iter(
        self, *, namespace: str | None = None, timeout: Timeout = None
    ) -> Watch[InstanceEvent]:
        """The same as an iterator of :class:`InstanceEvent`, which is also a context manager."""
        from .watch import Watch

        def run(put: Callable[[InstanceEvent], None], cancel: Cancel) -> None:
            self.watch(put, namespace=namespace, timeout=timeout, cancel=cancel)

        return Watch(run, "watch")

    def wait(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Instance:
        """Wait until a virtual cluster is ready."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Instance._from_native(capi.vcluster_instance_wait(self._handle, name, options))

    def config(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> Config:
        """The values that a virtual cluster runs with: its chart's with the user's on them."""
        options = call_options(timeout, cancel, None, namespace_name=namespace)
        return Config._from_native(capi.vcluster_instance_config(self._handle, name, options))

    def host_objects(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
    ) -> builtins.list[HostObject]:
        """The objects on the host that stand for objects of a virtual cluster.

        They are told by upstream's labels and annotations, and ordered by kind and virtual name.
        """
        import json

        options = call_options(timeout, cancel, None, namespace_name=namespace)
        text = capi.vcluster_instance_host_objects(self._handle, name, options)
        return [HostObject._from_tree(tree) for tree in json.loads(text)]

    def fits(
        self,
        name: str,
        manifests: str,
        *,
        namespace: str | None = None,
        nodes: int = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Report:
        """Whether objects would fit into a virtual cluster as its host is now.

        As :func:`vcluster.quota.fits`, with the quotas and limit ranges of its host namespace, what
        is used of them, and its sync rules.

        :param manifests: the objects as YAML
        :param nodes: pods that a DaemonSet counts; 0: as many as the host has nodes
        """
        options = call_options(timeout, cancel, progress, namespace_name=namespace, nodes=nodes)
        return Report(capi.vcluster_instance_fits(self._handle, name, manifests, options))

    def usage(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Usage:
        """What quotas allow in the namespace of a virtual cluster, what is used, and by whom."""
        options = call_options(timeout, cancel, progress, namespace_name=namespace)
        return Usage(capi.vcluster_instance_usage(self._handle, name, options))

    def budget(
        self,
        budget: BudgetLike = None,
        *,
        overcommit_percent: int = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Budget:
        """What all virtual clusters of the host are promised together, against what there is.

        A virtual cluster is promised what the ResourceQuotas in its namespace allow; of what no
        quota bounds, it counts with what its pods request now.

        >>> for one in client.budget({"cpu": 64, "memory": "256Gi"}).resources:
        ...     print(one.resource, one.promised, "of", one.total)

        :param budget: what there is; None: what the nodes of the host have for pods
        :param overcommit_percent: how much of what the nodes have may be promised; 0: 100
        :raises ConfigError: a budget that cannot be read, with all findings
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            budget=budget_text(budget),
            overcommit_percent=overcommit_percent,
        )
        return Budget(capi.vcluster_budget_read(self._handle, options))

    def admit(
        self,
        config: ConfigLike = None,
        *,
        chart: Chart | None = None,
        budget: BudgetLike = None,
        overcommit_percent: int = 0,
        name: str | None = None,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Budget:
        """Whether a virtual cluster with these values would still fit, before it is made.

        It asks for what its ResourceQuota would allow; of a resource that this does not bound, for
        what its control plane requests. Nothing is reserved: of two that ask at once, both may be
        told yes.

        >>> answer = client.admit(config, budget={"cpu": 64})
        >>> if not answer.fits:
        ...     print(*(finding.message for finding in answer.findings), sep="\\n")

        :param chart: its chart; None: upstream's, as far as the library knows it
        :param budget: as in :meth:`budget`
        :param name: of the virtual cluster; one that is there is not counted, as it is changed
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            budget=budget_text(budget),
            overcommit_percent=overcommit_percent,
            name=name,
            namespace_name=namespace,
        )
        return Budget(
            capi.vcluster_budget_admit(
                self._handle, native_config(config), chart._handle if chart else None, options
            )
        )
