# SPDX-License-Identifier: Apache-2.0
"""Virtual clusters that live in a Git repository: files for Argo CD, Flux or kustomize.

>>> from vcluster import gitops
>>> files = gitops.render({"name": "team-alpha", "team": "alpha"}, format="flux")
>>> sorted(files)[0]
'clusters/team-alpha/kustomization.yaml'
"""

from __future__ import annotations

from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from .chart import Chart

    Format = Literal["argocd", "argocd-applicationset", "argocd-cluster", "flux", "manifests"]


def _text(document: Mapping[str, Any] | str) -> str:
    import json

    return document if isinstance(document, str) else json.dumps(dict(document))


def _to_dict(native: capi.vcluster_files) -> dict[str, str]:
    return {
        capi.vcluster_files_path(native, index): capi.vcluster_files_text(native, index)
        for index in range(capi.vcluster_files_size(native))
    }


def render(
    spec: Mapping[str, Any] | str,
    *,
    format: Format | None = None,
    chart: Chart | None = None,
) -> dict[str, str]:
    """The files of one virtual cluster, by path; byte for byte the same from the same spec.

    Nothing is sent anywhere, nothing is written. ``argocd-cluster`` makes a file that holds
    credentials: apply it, or seal it before it goes into a repository.

    :param spec: a mapping, or YAML: ``name``, ``namespace``, ``team``, ``owner``, ``expires``,
        ``format``, ``chart``, ``git``, ``argocd``, ``flux``, ``quota``, ``limitRange``,
        ``networkPolicy``, ``values``, ``kubeconfig``; all but the name have defaults.
        Or a TeamCluster document (see :func:`vcluster.quota.set_tenant`), with those keys beside its own
    :param format: None: that of the spec, which is ``argocd`` by default
    :param chart: for ``manifests``: what is rendered; None: that of the embedded control plane
    :raises ConfigError: with all findings: what is not known, not pinned or not safe
    """
    handle = chart._handle if chart else None
    return _to_dict(capi.vcluster_gitops_render(_text(spec), format, handle))


def read(files: Mapping[str, str], name: str | None = None) -> str:
    """Read the spec of a virtual cluster back from files, as YAML.

    Of what :func:`render` made, the spec makes the same files again, and says owner, expiry and
    policies in its own keys; it is a TeamCluster document where one stands for the files. Others
    are read as far as a spec can say the same.

    :param files: texts, by the paths they have in the repository
    :param name: which virtual cluster; None where the files describe one
    :raises NotFoundError: no such virtual cluster; a file that another one names is missing
    :raises UnsupportedError: ``helm.parameters``, ``valuesFrom``, several places of values
    """
    native = capi.vcluster_files_new()
    for path, text in files.items():
        capi.vcluster_files_add(native, path, text)
    return capi.vcluster_gitops_import(native, name)
