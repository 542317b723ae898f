# SPDX-License-Identifier: Apache-2.0
"""The host in memory, as a user's unit tests take it."""

import pytest

import vcluster


def test_a_virtual_cluster_comes_and_goes():
    with vcluster.FakeClient() as host:
        assert host.create("dev", distribution="embedded").ready
        with host.open("dev") as inside:
            found = inside.resources.list("v1", "Namespace")
            assert "kube-system" in [one["metadata"]["name"] for one in found]
        host.delete("dev")
        assert list(host.list()) == []


def test_a_delete_takes_along_what_it_would_leave_where_that_is_asked_for():
    left = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "copy", "namespace": "default"}}
    left["metadata"]["labels"] = {"app": "vcluster", "vcluster-name": "dev"}
    with vcluster.FakeClient(left) as host:
        host.create("dev", distribution="embedded", wait=False)
        plans = [host.plan_delete("dev", leftovers_too=too).changes for too in (False, True)]
        actions = [one.action for plan in plans for one in plan if one.name == "copy"]
        assert actions == ["leak", "remove"]
        with pytest.raises(vcluster.InvalidArgumentError, match="exclude each other"):
            host.delete("dev", leftovers_too=True, wait=False)
        host.delete("dev", leftovers_too=True)
        with pytest.raises(vcluster.NotFoundError):
            host.resources.get("v1", "Secret", "copy", namespace="default")


def test_objects_are_there_from_the_start_and_can_be_put():
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "default"},
        "data": {"x": "1"},
    }
    with vcluster.FakeClient(settings, kubernetes_version="v1.34.2") as host:
        assert host.server_version() == "v1.34.2"
        assert host.resources.get("v1", "ConfigMap", "a", namespace="default")["data"]["x"] == "1"
        host.put({**settings, "data": {"x": "2"}}, "{apiVersion: v1, kind: Node, metadata: {name: b}}")
        assert host.resources.get("v1", "ConfigMap", "a", namespace="default")["data"]["x"] == "2"
        assert host.resources.get("v1", "Node", "b")


def test_faults_fail_requests_and_the_log_tells_them():
    with vcluster.FakeClient(faults=[{"path": "/version", "status": 403, "message": "no"}]) as host:
        with pytest.raises(vcluster.PermissionError, match="no"):
            host.server_version()
        host.set_faults(None)
        assert host.server_version() == "v1.35.4"
        assert host.requests(forget=True) == [
            vcluster.FakeRequest("", "GET", "/version", 403),
            vcluster.FakeRequest("", "GET", "/version", 200),
        ]
        assert host.requests() == []


def test_mistakes_in_a_script_are_findings():
    with pytest.raises(vcluster.ConfigError) as caught:
        vcluster.FakeClient(faults=[{"status": 99}, {"cut": "maybe"}])
    assert [one.path for one in caught.value.findings] == ["[0].status", "[1].cut"]


def test_log_lines_come_and_end_with_the_client():
    lines = []
    host = vcluster.FakeClient(log=lambda level, line: lines.append(line))
    host.server_version()
    host.close()
    assert any("GET /version 200" in line for line in lines)


def test_the_plugin_has_a_fake_host(vcluster_fake):
    assert vcluster_fake.ensure("dev", distribution="embedded").ready
