# SPDX-License-Identifier: Apache-2.0
"""What virtual clusters are promised together, on a host in memory."""

import json

import pytest

import vcluster

BUDGET = {"cpu": 10, "memory": "64Gi"}
VALUES = {"policies": {"resourceQuota": {"enabled": True, "quota": {"requests.cpu": 3}}}}


def quota(namespace, **hard):
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "q", "namespace": namespace},
        "spec": {"hard": hard},
    }


@pytest.fixture
def host():
    with vcluster.FakeClient() as client:
        for name, cpu in (("a", "6"), ("b", "2")):
            client.create(name, distribution="embedded")
            client.put(quota(f"vcluster-{name}", cpu=cpu, memory="8Gi"))
        yield client


def test_what_is_promised_is_added_up(host):
    budget = host.budget(BUDGET)
    assert [(one.resource, one.total, one.promised, one.left) for one in budget.resources] == [
        ("requests.cpu", "10", "8", "2"),
        ("requests.memory", "64Gi", "16Gi", "48Gi"),
    ]
    assert [one["names"] for one in budget.clusters] == [["a"], ["b"]]
    assert budget.fits and budget.findings == ()
    assert json.loads(budget.to_json())["resources"][0]["asked"] == "0"


def test_one_more_fits_or_is_told_why_not(host):
    answer = host.admit(VALUES, budget=BUDGET)
    assert not answer.fits
    by_rule = {finding.rule: finding for finding in answer.findings}
    assert "3 asked for, 8 of 10 promised, 2 left" in by_rule["budget-exceeded"].message
    assert by_rule["budget-exceeded"].severity == "error"
    assert host.admit(VALUES, budget={"cpu": 11}).fits
    assert host.admit(VALUES, budget=BUDGET, name="a").fits  # it gives back its own 6


def test_the_nodes_are_the_budget_without_one(host):
    host.put(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "big"},
            "status": {
                "allocatable": {"example.com/gpu": "4"},
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }
    )
    found = {one.resource: one for one in host.budget(overcommit_percent=200).resources}
    assert found["requests.example.com/gpu"].total == "8"


def test_what_cannot_be_read_is_refused(host):
    with pytest.raises(vcluster.ConfigError) as caught:
        host.budget({"memry": "1Gi", "cpu": -1})
    assert [finding.path for finding in caught.value.findings] == ["memry", "cpu"]
    with pytest.raises(vcluster.InvalidArgumentError, match="overcommit"):
        host.budget(BUDGET, overcommit_percent=10)
