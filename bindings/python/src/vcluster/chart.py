# SPDX-License-Identifier: Apache-2.0
"""Helm charts: the built-in one of the embedded control plane, or one from a file."""

from __future__ import annotations

import os

from ._native import capi
from .config import native_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .config import ConfigLike


class Chart:
    """A loaded chart. Immutable; many threads may use one."""

    __slots__ = ("_handle",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Load a chart from a directory or a ``.tgz`` file."""
        self._handle = capi.vcluster_chart_load(os.fspath(path))

    @classmethod
    def embedded(cls) -> Chart:
        """The chart of the embedded control plane, which comes with the library."""
        chart = cls.__new__(cls)
        chart._handle = capi.vcluster_chart_embedded()
        return chart

    @property
    def name(self) -> str:
        """Name of the chart."""
        return capi.vcluster_chart_name(self._handle)

    @property
    def version(self) -> str:
        """Version of the chart."""
        return capi.vcluster_chart_version(self._handle)

    def template(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        kubernetes_version: str | None = None,
    ) -> str:
        """Render the manifests without a cluster, as ``helm template`` prints them."""
        options = {"namespace_name": namespace, "kubernetes_version": kubernetes_version}
        return capi.vcluster_chart_template(self._handle, name, native_config(config), options)

    def __repr__(self) -> str:
        return f"<Chart {self.name} {self.version}>"


def template(
    name: str,
    config: ConfigLike = None,
    *,
    chart: Chart | None = None,
    namespace: str | None = None,
    kubernetes_version: str | None = None,
) -> str:
    """Render a chart (by default the built-in one) without a cluster."""
    return (chart or Chart.embedded()).template(
        name, config, namespace=namespace, kubernetes_version=kubernetes_version
    )
