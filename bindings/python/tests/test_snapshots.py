# SPDX-License-Identifier: Apache-2.0
"""Snapshots and certificates: on a real cluster, and what is refused without one."""

import pytest

import vcluster

VALUES = {"controlPlane": {"statefulSet": {"persistence": {"volumeClaim": {"size": "64Mi"}}}}}

pytestmark = pytest.mark.vcluster(VALUES, distribution="embedded")


@pytest.fixture
def cluster(vcluster_module):
    return vcluster_module.name, vcluster_module.namespace


def test_state_goes_into_a_file_and_back(host, cluster, tmp_path):
    name, namespace = cluster
    path = tmp_path / "state"
    with host.open(name, namespace=namespace) as inside:
        inside.resources.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "before"}}
        )
    taken = host.snapshot(name, path, namespace=namespace, timeout=60)
    assert (taken.name, taken.namespace, taken.store) == (name, namespace, "sqlite")
    assert vcluster.describe_snapshot(path) == taken
    assert path.stat().st_mode & 0o777 == 0o600
    with host.open(name, namespace=namespace) as inside:
        inside.resources.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "after"}}
        )
    with path.open("rb") as file:
        restored = host.restore(name, file, namespace=namespace, timeout=180)
    assert restored.name == name
    with host.open(name, namespace=namespace) as inside:
        names = {item["metadata"]["name"] for item in inside.resources.list("v1", "Namespace")}
    assert "before" in names
    assert "after" not in names


def test_certificates_are_told_and_renewed(host, cluster):
    name, namespace = cluster
    before = {cert.name: cert for cert in host.certs(name, namespace=namespace)}
    assert before["ca.crt"].authority
    assert not before["apiserver.crt"].authority
    assert before["apiserver.crt"].status == "valid"
    assert host.rotate_certs(name, namespace=namespace, timeout=180).name == name
    after = {cert.name: cert for cert in host.certs(name, namespace=namespace)}
    assert after["ca.crt"].not_after == before["ca.crt"].not_after
    assert after["apiserver.crt"].not_after > before["apiserver.crt"].not_after


def test_the_embedded_one_is_not_asked_to_keep_snapshots_by_itself(host, cluster):
    name, namespace = cluster
    with pytest.raises(vcluster.UnsupportedError, match="embedded distribution"):
        host.request_snapshot(name, "container:///data/a.tar.gz", namespace=namespace)
    with pytest.raises(vcluster.InvalidArgumentError, match="no place for a snapshot"):
        host.request_snapshot(name, "/data/a.tar.gz", namespace=namespace)
    assert host.snapshot_requests(name, namespace=namespace) == []
    keys = {
        "snapshot-request": "",
        "vcluster-name": name,
        "vcluster-namespace": namespace,
    }
    host.resources.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "kept",
                "namespace": namespace,
                "labels": {f"vcluster.loft.sh/{key}": value for key, value in keys.items()},
            },
            "data": {
                "snapshotRequest": '{"metadata": {"creationTimestamp": "2026-01-02T00:00:00Z"},'
                '"spec": {"url": "s3://b/k"}, "status": {"phase": "Completed"}}'
            },
        }
    )
    assert host.snapshot_requests(name, namespace=namespace) == [
        vcluster.SnapshotRequest("kept", "s3://b/k", "Completed", "2026-01-02T00:00:00Z", "")
    ]


def test_where_nothing_is_kept_nothing_is_restored_or_deleted():
    with vcluster.FakeClient() as host:
        host.create("dev", distribution="embedded")
        for call in (host.restore_from, host.delete_snapshot, host.stored_snapshots):
            with pytest.raises(vcluster.UnsupportedError, match="embedded distribution"):
                call("dev", "container:///data/a.tar.gz")
            with pytest.raises(vcluster.NotFoundError, match="'none'"):
                call("none", "s3://bucket/key")
            with pytest.raises(vcluster.InvalidArgumentError, match="no place for a snapshot"):
                call("dev", "/data/a.tar.gz")


def test_what_is_no_snapshot_is_refused(tmp_path):
    path = tmp_path / "none"
    path.write_bytes(b"VCLSNAP\n")
    with pytest.raises(vcluster.ProtocolError, match="cut off"):
        vcluster.describe_snapshot(path)
    with pytest.raises(vcluster.NotFoundError):
        vcluster.describe_snapshot(tmp_path / "nowhere")
