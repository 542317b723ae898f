# SPDX-License-Identifier: Apache-2.0
"""Quota: what fits, offline."""

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
