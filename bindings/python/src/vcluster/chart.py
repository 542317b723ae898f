# SPDX-License-Identifier: Apache-2.0
"""Helm charts: the built-in one of the embedded control plane, or one from anywhere."""

from __future__ import annotations

import os

from ._base import call_options
from ._native import capi
from .config import native_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .config import ConfigLike

    Path = str | os.PathLike[str]


class Chart:
    """A loaded chart. Immutable; many threads may use one."""

    __slots__ = ("_handle",)

    def __init__(self, path: Path) -> None:
        """Load a chart from a directory or a ``.tgz`` file."""
        self._handle = capi.vcluster_chart_load(os.fspath(path))

    @classmethod
    def _from_native(cls, handle: capi.vcluster_chart) -> Chart:
        chart = cls.__new__(cls)
        chart._handle = handle
        return chart

    @classmethod
    def embedded(cls) -> Chart:
        """The chart of the embedded control plane, which comes with the library."""
        return cls._from_native(capi.vcluster_chart_embedded())

    @classmethod
    def load(cls, path: Path) -> Chart:
        """Load a chart from a directory or a ``.tgz`` file, as the constructor does."""
        return cls(path)

    @classmethod
    def parse(cls, data: bytes | bytearray | memoryview) -> Chart:
        """Load a chart from the bytes of a ``.tgz``; :class:`ConfigError` when it is none."""
        return cls._from_native(capi.vcluster_chart_parse(bytes(data)))

    @classmethod
    def fetch(
        cls,
        reference: Path,
        *,
        repository: str | None = None,
        version: str | None = None,
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        client_cert_file: Path | None = None,
        client_key_file: Path | None = None,
        registry_config: Path | None = None,
        cache_directory: Path | None = None,
        cache: bool = True,
        prereleases: bool = False,
        plain_http: bool = False,
        pass_credentials: bool = False,
        verify_tls: bool = True,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Chart:
        """Get a chart from wherever it is. Blocks; Ctrl-C stops it.

        What came over the network is checked against its digest and kept in a cache, so that a
        version is fetched once.

        :param reference: a directory or ``.tgz``; the URL of a ``.tgz``;
            ``oci://HOST/PATH/CHART[:VERSION]``; the name of a chart in ``repository``;
            ``"vcluster"``, which is upstream's
        :param repository: URL of a chart repository
        :param version: a version, or a constraint such as ``"^1.2"``; None: the newest that is no
            pre-release
        :param username: with ``password`` sent to the host of the repository or registry only
        :param ca_file: PEM bundle to trust instead of the system's
        :param registry_config: credentials of registries in docker's form
        :param cache_directory: None: ``$XDG_CACHE_HOME/libvcluster``
        :param cache: False: neither read nor write the cache
        :param prereleases: versions such as 1.0.0-rc.1 count, too
        :param plain_http: speak http to an OCI registry
        :param pass_credentials: send them to the host of a chart URL, too
        :param verify_tls: False: accept any certificate
        :param timeout: None: 120 seconds
        :raises NotFoundError: no such chart or version; the message lists the nearest
        :raises ProtocolError: a digest does not match, an index cannot be read
        :raises ConfigError: what was fetched is no chart
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            repository=repository,
            version=version,
            username=username,
            password=password,
            ca_file=_path(ca_file),
            client_cert_file=_path(client_cert_file),
            client_key_file=_path(client_key_file),
            registry_config=_path(registry_config),
            cache_directory=_path(cache_directory),
            no_cache=not cache,
            prereleases=prereleases,
            plain_http=plain_http,
            pass_credentials=pass_credentials,
            insecure_skip_tls_verify=not verify_tls,
        )
        return cls._from_native(capi.vcluster_chart_fetch(os.fspath(reference), options))

    @classmethod
    def upstream(
        cls,
        version: str | None = None,
        *,
        repository: str | None = None,
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        cache_directory: Path | None = None,
        cache: bool = True,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Chart:
        """The chart of the upstream distribution; blocks and raises as :meth:`fetch` does.

        :param version: None: the one of the configuration file, else the newest that the library
            was tested with
        :param repository: a mirror; None: that of the configuration file, else upstream's own
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            repository=repository,
            version=version,
            username=username,
            password=password,
            ca_file=_path(ca_file),
            cache_directory=_path(cache_directory),
            no_cache=not cache,
        )
        return cls._from_native(capi.vcluster_chart_upstream(options))

    @property
    def name(self) -> str:
        """Name of the chart."""
        return capi.vcluster_chart_name(self._handle)

    @property
    def version(self) -> str:
        """Version of the chart."""
        return capi.vcluster_chart_version(self._handle)

    @property
    def app_version(self) -> str:
        """Version of what the chart installs, or ``""``."""
        return capi.vcluster_chart_app_version(self._handle)

    @property
    def values(self) -> str:
        """The text of ``values.yaml``, with its comments."""
        return capi.vcluster_chart_values(self._handle)

    @property
    def schema(self) -> str:
        """The text of ``values.schema.json``, or ``""``."""
        return capi.vcluster_chart_schema(self._handle)

    @property
    def metadata(self) -> dict[str, Any]:
        """What ``Chart.yaml`` says."""
        import json

        metadata: dict[str, Any] = json.loads(capi.vcluster_chart_metadata(self._handle))
        return metadata

    def validate(self, config: ConfigLike = None) -> None:
        """Check values against the schema of the chart and of its enabled subcharts.

        :raises ConfigError: with one finding for each violation
        """
        capi.vcluster_chart_validate(self._handle, native_config(config))

    def template(
        self,
        name: str,
        config: ConfigLike = None,
        *,
        namespace: str | None = None,
        kubernetes_version: str | None = None,
        api_versions: Iterable[str] = (),
        is_upgrade: bool = False,
        include_crds: bool = False,
        hooks: bool = True,
        tests: bool = True,
        validate: bool = True,
    ) -> str:
        """Render the manifests without a cluster, as ``helm template`` prints them.

        :param namespace: None: ``"default"``
        :param kubernetes_version: of the cluster to render for
        :param api_versions: more that it offers, such as ``"cert-manager.io/v1"``
        :param is_upgrade: render as for an upgrade
        :param include_crds: the files of ``crds/`` come first
        :param hooks: False: without documents that are hooks
        :param tests: False: without hooks that are tests
        :param validate: False: do not check the values against the schema
        :raises ConfigError: values that the schema forbids, or a template that failed
        """
        options = {
            "namespace_name": namespace,
            "kubernetes_version": kubernetes_version,
            "api_versions": list(api_versions),
            "is_upgrade": is_upgrade,
            "include_crds": include_crds,
            "no_hooks": not hooks,
            "skip_tests": not tests,
            "skip_schema": not validate,
        }
        return capi.vcluster_chart_template(self._handle, name, native_config(config), options)

    def __repr__(self) -> str:
        return f"<Chart {self.name} {self.version}>"


def _path(path: Path | None) -> str | None:
    return None if path is None else os.fspath(path)


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
