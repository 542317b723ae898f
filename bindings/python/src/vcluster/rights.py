# SPDX-License-Identifier: Apache-2.0
"""The smallest role with which an operation can be carried out."""

from __future__ import annotations

from ._native import capi
from .config import native_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .chart import Chart
    from .config import ConfigLike


def rights(
    operations: str | Iterable[str],
    config: ConfigLike = None,
    *,
    namespace: str | None = None,
    role_name: str | None = None,
    chart: Chart | None = None,
    service_account: str | None = None,
    service_account_namespace: str | None = None,
) -> str:
    """Print the smallest Role and ClusterRole that operations need, as YAML for ``kubectl apply``.

    Nothing is asked of any host.

    >>> print(vcluster.rights(["create", "delete"], namespace="team", service_account="platform"))

    :param operations: names such as ``"list"``, ``"connect"``, ``"create"``; the message of the
        error has all of them
    :param config: values of the virtual clusters that are made
    :param namespace: the only host namespace to work in; None: any, which takes a ClusterRole
    :param role_name: None: ``"vcluster-operator"``
    :param chart: whose objects are made; None: the embedded distribution's
    :param service_account: that the roles are bound to; None: no bindings are printed
    :param service_account_namespace: None: ``namespace``, else ``"default"``
    :raises InvalidArgumentError: there is no such operation
    """
    names = operations if isinstance(operations, str) else " ".join(operations)
    options = {
        "namespace_name": namespace,
        "role_name": role_name,
        "chart": chart._handle if chart else None,
        "service_account": service_account,
        "service_account_namespace": service_account_namespace,
    }
    return capi.vcluster_rights(names, native_config(config), options)
