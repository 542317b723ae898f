# SPDX-License-Identifier: Apache-2.0
"""Files for Git: the same bytes as in C, and what is refused."""

import pathlib

import pytest

import vcluster
from vcluster import gitops

FIXTURES = pathlib.Path(__file__).resolve().parents[3] / "tests/fixtures/gitops"


def folder(name):
    root = FIXTURES / name / "files"
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    "name",
    [
        "argocd",
        "argocd-git",
        "applicationset",
        "cluster",
        "flux",
        "flux-oci",
        "lease",
        "team-cluster",
        "team-cluster-set",
    ],
)
def test_each_format_is_byte_for_byte_the_same(name):
    assert gitops.render((FIXTURES / name / "spec.yaml").read_text()) == folder(name)


def test_a_chart_is_rendered_to_manifests():
    chart = vcluster.Chart.load(FIXTURES / "manifests/chart")
    spec = (FIXTURES / "manifests/spec.yaml").read_text()
    assert gitops.render(spec, chart=chart) == folder("manifests")


def test_a_spec_may_be_a_mapping():
    files = gitops.render({"name": "dev", "quota": {"pods": "5"}}, format="manifests")
    assert 'pods: "5"' in files["clusters/dev/quota.yaml"]
    assert list(files) == sorted(files)


def test_all_that_is_wrong_is_told():
    with pytest.raises(vcluster.ConfigError) as caught:
        gitops.render({"name": "dev", "chart": {"version": "*"}, "values": {"insecure": True}})
    assert [finding.path for finding in caught.value.findings] == [
        "chart.version",
        "values.insecure",
    ]


def test_what_is_read_back_is_in_the_fields_it_was_in():
    spec = {"name": "a", "owner": "o", "expires": "2026-12-31T18:00:00Z", "quota": {"pods": 5}, "networkPolicy": True}
    back = gitops.read(gitops.render(spec))
    assert set(back.splitlines()) >= {"owner: o", "networkPolicy: true", "quota:", "  pods: 5"}
    assert "values:" not in back
    tenant = {"kind": "TeamCluster", "metadata": {"name": "a"}, "spec": {"team": "b", "preset": "small"}, "owner": "o"}
    files = gitops.render(tenant, format="manifests")
    back = gitops.read(files)
    assert set(back.splitlines()) >= {"kind: TeamCluster", "  team: b", '    cpu: "2"', "    memory: 4Gi", "owner: o"}
    assert "values:" not in back
    assert gitops.render(back) == files


def test_what_is_read_back_makes_the_same_files():
    files = folder("applicationset")
    assert gitops.render(gitops.read(files)) == files
    with pytest.raises(vcluster.NotFoundError):
        gitops.read(files, "other")
    with pytest.raises(vcluster.InvalidArgumentError):
        gitops.read({"../x.yaml": ""})
