# SPDX-License-Identifier: Apache-2.0
"""Quota: what fits, offline."""

import json

import pytest

import vcluster

QUOTA = """
kind: ResourceQuota
apiVersion: v1
metadata: {name: q}
spec: {hard: {requests.cpu: "1", count/configmaps: 0}}
"""
POD = """
---
kind: Pod
apiVersion: v1
metadata: {name: NAME}
spec: {containers: [{name: c, resources: {requests: {cpu: 600m}}}]}
"""
CONFIG_MAP = """
---
kind: ConfigMap
apiVersion: v1
metadata: {name: settings}
"""


def test_what_fits_has_no_findings():
    report = vcluster.quota.fits(QUOTA, POD.replace("NAME", "a"))
    assert len(report) == 0
    assert report.severity is None


def test_what_does_not_fit_is_told_object_by_object():
    report = vcluster.quota.fits(QUOTA, POD.replace("NAME", "a") + POD.replace("NAME", "b"))
    assert [(f.path, f.rule) for f in report.findings] == [("Pod/b", "quota-exceeded")]
    assert "600m of 1 used" in report.findings[0].message
    assert report.severity == "error"


def test_of_a_virtual_cluster_only_what_is_copied_counts():
    assert len(vcluster.quota.fits(QUOTA, CONFIG_MAP)) == 1
    assert len(vcluster.quota.fits(QUOTA, CONFIG_MAP, config={})) == 0
    everything = {"sync": {"toHost": {"configMaps": {"all": True}}}}
    assert len(vcluster.quota.fits(QUOTA, CONFIG_MAP, config=everything)) == 1


def test_what_cannot_be_read_is_refused():
    with pytest.raises(vcluster.ConfigError, match="read manifests"):
        vcluster.quota.fits(QUOTA, "- [")
    with pytest.raises(vcluster.InvalidArgumentError, match="requests.cpu"):
        vcluster.quota.fits(QUOTA.replace('"1"', '"one"'), POD)
    with pytest.raises(vcluster.InvalidArgumentError, match="nodes"):
        vcluster.quota.fits(QUOTA, POD, nodes=-1)


def tenant(**spec):
    return {"kind": "TeamCluster", "metadata": {"name": "team-a"}, "spec": {"team": "a", **spec}}


def test_a_tenant_becomes_values():
    config = vcluster.Config()
    quota = {"cpu": "8", "memory": "16Gi", "pods": 50}
    name = vcluster.quota.set_tenant(config, tenant(kubernetesVersion="1.35", resourceQuota=quota))
    assert name == "team-a"
    policies = config.get("policies")
    assert policies["limitRange"] == {"enabled": True}
    assert policies["networkPolicy"]["enabled"] is True
    assert "169.254.0.0/16" in policies["networkPolicy"]["workload"]["publicEgress"]["except"]
    # 200m of the control plane and 20m of CoreDNS; their two pods.
    assert policies["resourceQuota"]["quota"]["requests.cpu"] == "8220m"
    assert policies["resourceQuota"]["quota"]["pods"] == "52"
    assert policies["resourceQuota"]["quota"]["count/pods"] is None
    assert config.get("controlPlane.distro.k8s.version") == "1.35"


def test_the_share_of_the_control_plane_is_that_of_the_chart():
    """A tenant that may use nothing leaves room for the control plane, and for nothing else."""
    config = vcluster.Config()
    chart = vcluster.Chart.embedded()
    nothing = {"cpu": 0, "memory": 0, "storage": 0, "pods": 0, "services": 0}
    vcluster.quota.set_tenant(config, tenant(resourceQuota=nothing), chart=chart)
    manifests = vcluster.template("a", config, chart=chart, namespace="a")
    assert "kind: ResourceQuota" in manifests
    assert len(vcluster.quota.fits(manifests, manifests)) == 0
    one_more = vcluster.quota.fits(manifests, manifests + POD.replace("600m", "1m"))
    assert [finding.path for finding in one_more.findings] == ["Pod/NAME"]
    for resource in ("requests.cpu: 1m wanted", "pods: 1 wanted", "limits.memory"):
        assert resource in one_more.findings[0].message


def test_everything_that_is_wrong_with_a_tenant_is_said_at_once():
    wrong = tenant(resourceQuota={"cpu": "-1", "memry": "1Gi", "memory": 16, "pods": "1.5"}, temp=1)
    with pytest.raises(vcluster.ConfigError) as caught:
        vcluster.quota.set_tenant(vcluster.Config(), wrong)
    found = {finding.path: finding for finding in caught.value.findings}
    assert set(found) == {
        "spec.temp",
        "spec.resourceQuota.cpu",
        "spec.resourceQuota.memry",
        "spec.resourceQuota.memory",
        "spec.resourceQuota.pods",
    }
    assert "negative" in found["spec.resourceQuota.cpu"].message
    assert "'memory'" in found["spec.resourceQuota.memry"].remedy
    assert "suffix" in found["spec.resourceQuota.memory"].message
