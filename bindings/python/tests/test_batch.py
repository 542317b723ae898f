# SPDX-License-Identifier: Apache-2.0
"""Leases, the reaper and batches: arguments, results, errors. The host side is tested in C."""

import datetime
import gc
import inspect

import pytest

import vcluster

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: {cluster: x, user: x}}]
clusters: [{name: x, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: x, user: {}}]
"""


@pytest.fixture
def client():
    with vcluster.Client(kubeconfig_text=KUBECONFIG) as made:
        yield made


def test_times_are_checked_before_anything_is_sent(client):
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    with pytest.raises(vcluster.InvalidArgumentError, match="not in the future"):
        client.ensure("dev", expires_at=past)
    with pytest.raises(vcluster.InvalidArgumentError, match="one of ttl_s"):
        client.extend("dev")
    with pytest.raises(vcluster.InvalidArgumentError, match="more than one"):
        client.extend("dev", datetime.timedelta(hours=1), never=True)
    with pytest.raises(ValueError, match="zone"):
        client.extend("dev", expires_at=datetime.datetime(2030, 1, 1))
    with pytest.raises(ValueError, match="none"):
        client.ensure("dev", ttl=0)
    assert client.request_count == 0


def test_a_batch_tells_each_failure_and_keeps_what_it_borrows(client):
    batch = vcluster.Batch()
    for number in range(5):
        batch.delete("".join(["many-", str(number)]), namespace="".join(["n", str(number)]))
    batch.ensure("made", "a: 1", namespace="x", ttl=60, owner="me", create=True)
    batch.extend("made", 60)
    batch.wait("made")
    batch.pause("made", namespace="x")
    batch.resume("made", wait=False)
    gc.collect()
    assert len(batch) == 10
    seen = []
    results = batch.run(client, seen.append, parallel=3, timeout=20)
    assert seen == results
    assert sorted(result.index for result in results) == list(range(10))
    by_index = {result.index: result for result in results}
    assert by_index[2].name == "many-2"
    assert by_index[2].namespace == "n2"
    assert by_index[5].operation == "create"
    assert (by_index[8].operation, by_index[9].operation) == ("pause", "resume")
    assert all(isinstance(result.error, vcluster.UnavailableError) for result in results)


def test_an_exception_in_on_result_comes_out(client):
    batch = vcluster.Batch()
    batch.delete("dev")

    def on_result(result):
        raise RuntimeError(result.name)

    with pytest.raises(RuntimeError, match="dev"):
        batch.run(client, on_result)


def test_a_reaper_that_cannot_look_fails(client):
    with pytest.raises(vcluster.UnavailableError):
        client.reap(dry_run=True, grace=datetime.timedelta(minutes=1), timeout=20)
    with pytest.raises(vcluster.InvalidArgumentError):
        client.reap(parallel=1000)


def test_manifest():
    text = vcluster.reap_manifest("registry/vcl:1", namespace="ops", grace=60)
    assert "namespace: ops" in text
    assert "--grace=60s" in text
    with pytest.raises(vcluster.InvalidArgumentError):
        vcluster.reap_manifest("")


def test_an_adoption_checks_what_it_is_given_and_looks(client):
    with pytest.raises(vcluster.UnavailableError, match="adopt virtual cluster 'dev'"):
        client.adopt("dev", {"sync": {}}, dry_run=True, take_over=True, align=True, timeout=20)
    with pytest.raises(vcluster.InvalidArgumentError, match="DNS label"):
        client.adopt("dev", namespace="Not_One")
    with pytest.raises(vcluster.InvalidArgumentError, match="more than one of ttl_s"):
        client.adopt("dev", ttl=60, expires_at=datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc))


def test_an_audit_that_cannot_look_finds_nothing_and_fails(client):
    with pytest.raises(vcluster.UnavailableError, match="audit the host"):
        client.audit(remove=True, timeout=20)
    with pytest.raises(vcluster.InvalidArgumentError, match="DNS label"):
        client.audit(namespace="Not_One")
    with pytest.raises(vcluster.InvalidArgumentError, match="grace_s"):
        client.audit(grace=-5)
    with pytest.raises(vcluster.UnavailableError, match="plan the deletion"):
        client.plan_delete("dev", keep_volumes=True, timeout=20)


OPERATIONS = ["ensure", "wait", "extend", "pause", "resume", "delete", "snapshot", "restore"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_of_a_batch_takes_what_the_call_itself_takes(operation):
    alone = inspect.signature(getattr(vcluster.Client, operation)).parameters
    in_batch = inspect.signature(getattr(vcluster.Batch, operation)).parameters
    of_the_run = {"cancel", "progress"}
    assert set(alone) - of_the_run <= set(in_batch)


def test_a_batch_keeps_the_files_of_its_snapshots(tmp_path):
    batch = vcluster.Batch()
    batch.snapshot("gone", tmp_path / "a")
    batch.restore("gone", str(tmp_path / "none"))
    opened = open(tmp_path / "b", "wb")
    batch.snapshot("gone", opened)
    del opened
    gc.collect()
    with vcluster.FakeClient() as host:
        results = batch.run(host, parallel=1)
    assert [result.operation for result in results] == ["snapshot", "restore", "snapshot"]
    assert [result.error.code for result in results] == ["NOT_FOUND"] * 3
