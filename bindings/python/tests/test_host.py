# SPDX-License-Identifier: Apache-2.0
"""On a real cluster: objects, watches, and one virtual cluster from creation to deletion."""

import concurrent.futures
import gc
import json
import os
import pickle
import ssl
import tempfile
import urllib.error
import urllib.request
import warnings

import pytest

import vcluster
from vcluster import connection
from vcluster._native import capi


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_version(host):
    assert host.server_version().startswith("v1.")
    assert host.request_count > 0


def test_objects_from_apply_to_delete(host, namespace):
    resources = host.resources
    made = resources.apply(config_map("one", colour="blue"), namespace=namespace)
    assert made["metadata"]["namespace"] == namespace
    assert resources.get("v1", "ConfigMap", "one", namespace=namespace) == made

    changed = resources.patch("v1", "ConfigMap", "one", {"data": {"n": "1"}}, namespace=namespace)
    assert changed["data"] == {"colour": "blue", "n": "1"}

    resources.apply(json.dumps(config_map("two")), namespace=namespace)
    labelled = config_map("three")
    labelled["metadata"]["labels"] = {"pick": "me"}
    resources.apply(labelled, namespace=namespace)
    found = resources.list("v1", "ConfigMap", namespace=namespace, page_size=1)
    assert {"one", "two", "three"} <= {item["metadata"]["name"] for item in found}
    picked = resources.list("v1", "ConfigMap", namespace=namespace, label_selector="pick=me")
    assert [item["metadata"]["name"] for item in picked] == ["three"]

    resources.delete("v1", "ConfigMap", "one", namespace=namespace, wait=True)
    with pytest.raises(vcluster.NotFoundError) as caught:
        resources.get("v1", "ConfigMap", "one", namespace=namespace)
    assert (caught.value.http_status, caught.value.reason) == (404, "NotFound")


def test_dry_run_stores_nothing(host, namespace):
    host.resources.apply(config_map("dry"), namespace=namespace, dry_run=True)
    with pytest.raises(LookupError):
        host.resources.get("v1", "ConfigMap", "dry", namespace=namespace)


def test_another_manager_is_a_conflict(host, namespace):
    host.resources.apply(config_map("c", a="1"), namespace=namespace, field_manager="one")
    with pytest.raises(vcluster.ConflictError):
        host.resources.apply(config_map("c", a="2"), namespace=namespace, field_manager="two")
    taken = host.resources.apply(
        config_map("c", a="2"), namespace=namespace, field_manager="two", force=True
    )
    assert taken["data"] == {"a": "2"}


def test_watch_ends_by_a_true_answer(host, namespace):
    host.resources.apply(config_map("w"), namespace=namespace)
    events = []

    def on_event(event):
        events.append(event)
        return event.object["metadata"]["name"] == "w"

    host.resources.watch("v1", "ConfigMap", on_event, namespace=namespace, timeout=20)
    assert events[-1].type == "ADDED"


def test_exception_in_on_event_comes_out_as_the_same_object(host):
    stop = KeyError("mine")

    def on_event(event):
        raise stop

    with pytest.raises(KeyError) as caught:
        host.resources.watch("v1", "Namespace", on_event, timeout=20)
    assert caught.value is stop


def test_watch_iterator_sees_changes(host, namespace):
    seen = []
    with host.resources.watch_iter(
        "v1", "ConfigMap", namespace=namespace, field_selector="metadata.name=i", timeout=20
    ) as watch:
        host.resources.apply(config_map("i"), namespace=namespace)
        host.resources.apply(config_map("i", a="1"), namespace=namespace)
        for event in watch:
            seen.append(event.type)
            if event.type == "DELETED":
                break
            if event.object.get("data") == {"a": "1"}:
                host.resources.delete("v1", "ConfigMap", "i", namespace=namespace)
    assert seen[0] == "ADDED" and seen[-1] == "DELETED"


def test_unknown_virtual_cluster(host):
    with pytest.raises(LookupError):
        host.get("there-is-no-such")
    with pytest.raises(vcluster.NotFoundError):
        host.open("there-is-no-such")
    with pytest.raises(vcluster.NotFoundError):
        host.delete("there-is-no-such")
    host.delete("there-is-no-such", missing_ok=True)


def test_from_creation_to_deletion(host):
    name, namespace = "pytest", "vcluster-pytest"
    host.delete(name, namespace=namespace, missing_ok=True)
    reports = []
    try:
        made = host.create(
            name, namespace=namespace, distribution="embedded", progress=reports.append
        )
        assert (made.name, made.namespace, made.ready) == (name, namespace, True)
        assert made.distribution == "embedded"
        assert {"object", "ready"} <= {report.step for report in reports}
        with pytest.raises(vcluster.AlreadyExistsError):
            host.create(name, namespace=namespace, distribution="embedded")
        assert host.ensure(name, namespace=namespace, distribution="embedded").ready
        assert host.wait(name, namespace=namespace).ready
        assert name in [instance.name for instance in host.list()]
        use(host, name, namespace)
        change_and_rest(host, name, namespace)
    finally:
        host.delete(name, namespace=namespace, missing_ok=True)
    with pytest.raises(LookupError):
        host.get(name, namespace=namespace)


def lend(host, name, namespace, tunnel):
    viewer = {"namespace": namespace, "service_account": "viewer"}
    with pytest.raises(vcluster.NotFoundError):
        host.token(name, **viewer)
    token = host.token(name, **viewer, create=True, cluster_role="view", expiration=600)
    assert token.user == "system:serviceaccount:kube-system:viewer"
    assert token.text not in repr(token)
    assert token.expires.startswith("20")
    assert token.expires_at > 0
    credential = json.loads(token.exec_credential())
    assert credential["status"]["token"] == token.text
    with pytest.raises(TypeError):
        pickle.dumps(token)

    text = host.kubeconfig(name, namespace=namespace, server=tunnel.url, token=token)
    with vcluster.Client(kubeconfig_text=text) as looking:
        looking.resources.list("v1", "ConfigMap")
        with pytest.raises(vcluster.PermissionError):
            looking.resources.apply(config_map("no"), namespace="default")
    with host.open_token(name, **viewer) as looking:
        looking.resources.list("v1", "ConfigMap")
    text = host.kubeconfig(
        name, namespace=namespace, server=tunnel.url, exec_plugin=True, service_account="viewer"
    )
    assert "command: vcl" in text
    assert "client-key" not in text
    host.revoke_token(name, **viewer)
    with pytest.raises(LookupError):
        host.revoke_token(name, **viewer)
    host.revoke_token(name, **viewer, missing_ok=True)


def leave_a_tunnel_behind(host, name, namespace):
    """A process of vcl holds it, is found again, and is ended."""
    program = os.environ.get("VCLUSTER_TEST_VCL")
    if not program:
        warnings.warn("VCLUSTER_TEST_VCL does not name vcl: no connection is started", stacklevel=1)
        return
    with tempfile.TemporaryDirectory() as folder:
        options = {"namespace": namespace, "program": program, "state_directory": folder}
        held = host.start_connection(name, **options)
        assert (held.name, held.namespace, held.alive) == (name, namespace, True)
        assert held.pid != os.getpid() and os.path.exists(held.log)
        assert host.start_connection(name, **options) == held  # not a second one
        assert connection.running(state_directory=folder) == [held]
        text = host.kubeconfig(name, namespace=namespace, server=held.url)
        with vcluster.Client(kubeconfig_text=text) as through:
            assert through.resources.get("v1", "Namespace", "only-inside")
            connection.stop(held, state_directory=folder)
            assert connection.running(state_directory=folder) == []
            with pytest.raises(vcluster.UnavailableError):
                through.server_version(timeout=10)
        assert os.listdir(folder) == ["lock"]  # neither record nor log
        with pytest.raises(vcluster.NotFoundError):
            host.start_connection("no-such-one", **options)


def change_and_rest(host, name, namespace):
    values = {"controlPlane": {"statefulSet": {"labels": {"a": "b"}}}}
    plan = host.plan(name, values, namespace=namespace)
    assert (plan.operation, plan.impact) == ("upgrade", "restart")
    assert {change.action for change in plan.changes} == {"modify"}
    assert json.loads(plan.json)["impact"] == "restart"
    assert str(plan).startswith("upgrade: ")
    assert host.plan(name, namespace=namespace).operation == "none"
    leaving = host.plan_delete(name, namespace=namespace)
    assert leaving.operation == "delete"
    assert "remove" in {change.action for change in leaving.changes}
    audit = host.audit(namespace=namespace, grace=0)
    assert (audit.operation, audit.changes) == ("audit", ())
    with pytest.raises(vcluster.InvalidArgumentError):
        host.ensure(name, namespace=namespace, profile="quick")

    host.pause(name, namespace=namespace)
    assert host.get(name, namespace=namespace).status == "Paused"
    with pytest.raises(vcluster.PreconditionError):
        host.ensure(name, namespace=namespace)
    assert host.ensure(name, values, namespace=namespace, resume=True).ready
    host.resume(name, namespace=namespace)


def use(host, name, namespace):
    got = host.get(name, namespace=namespace)
    native = capi.vcluster_instance_get(host._handle, name, {"namespace_name": namespace})
    assert got.to_dict() == json.loads(capi.vcluster_instance_to_json(native))
    assert got.created_at.year >= 2020

    inside = host.open(name, namespace=namespace)
    assert inside.server_version() == got.kubernetes_version
    inside.resources.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "only-inside"}}
    )
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        lists = list(pool.map(lambda _: inside.resources.list("v1", "Namespace"), range(32)))
    assert all("only-inside" in [n["metadata"]["name"] for n in names] for names in lists)
    with pytest.raises(LookupError):
        host.resources.get("v1", "Namespace", "only-inside")

    tunnel = host.tunnel(name, namespace=namespace)
    assert tunnel.url == f"https://127.0.0.1:{tunnel.port}"
    text = tunnel.kubeconfig()
    with vcluster.Client(kubeconfig_text=text) as through:
        assert through.server_version() == got.kubernetes_version
    assert tunnel.connection_count >= 1
    assert tunnel.socket_path is None
    stats = tunnel.stats()
    assert stats.total >= 1 and stats.bytes_in > stats.bytes_out > 0
    assert (stats.failed, stats.reconnects, stats.last_error) == (0, 0, None)

    command = ["sh", "-c", 'grep -q 127.0.0.1 "$KUBECONFIG" && exit 7']
    assert host.run(name, command, namespace=namespace) == 7
    assert host.run(name, ["no-such-program"], namespace=namespace) == 127
    alone = {"PATH": os.environ["PATH"], "ONLY": "this"}
    command = ["sh", "-c", 'test "$ONLY$HOME" = this']
    assert host.run(name, command, namespace=namespace, environment=alone) == 0

    with host.tunnel(name, namespace=namespace, unix_socket=True) as unix:
        path = unix.socket_path
        assert path is not None and unix.url == f"unix:{path}" and unix.port == 0
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
        with pytest.raises(vcluster.UnsupportedError, match="unix socket"):
            unix.kubeconfig()
    assert not os.path.exists(os.path.dirname(path))

    lend(host, name, namespace, tunnel)

    leave_a_tunnel_behind(host, name, namespace)

    # An outer client dropped first takes neither with it.
    other = vcluster.Client(kubeconfig_text=open_kubeconfig())
    deep, port = other.open(name, namespace=namespace), other.tunnel(name, namespace=namespace)
    other.close()
    del other
    gc.collect()
    assert deep.server_version() == got.kubernetes_version
    insecure = ssl._create_unverified_context()
    with pytest.raises(urllib.error.HTTPError):  # 401 or 403: it answers
        urllib.request.urlopen(f"{port.url}/api", context=insecure, timeout=10)
    del deep, port

    with tunnel:
        pass
    assert tunnel.closed and repr(tunnel) == "<Tunnel closed>"
    with pytest.raises(ValueError, match="the tunnel is closed"):
        tunnel.kubeconfig()
    with pytest.raises(vcluster.PreconditionError) as refused:  # it is not exposed
        host.kubeconfig(name, namespace=namespace)
    assert "controlPlane.ingress.enabled" in {f.path: f for f in refused.value.findings}[
        "ingress"
    ].remedy
    text = host.kubeconfig(name, namespace=namespace, server="dev.example.com", unverified=True)
    assert "https://dev.example.com" in text

    found = host.describe(name, namespace=namespace)
    assert found.instance.name == name and found.instance.namespace == namespace
    assert (found.maker, found.store, found.release_status) == ("libvcluster", "SQLite", "deployed")
    assert found.chart_name and found.chart_version and found.revision >= 1
    assert {"syncer", "kube-apiserver"} <= {one.name for one in found.components}
    assert all(one.state == "Running" and one.pod and one.image for one in found.components)
    assert "tunnel" in {one.kind for one in found.endpoints}
    assert bool(found.causes) != found.instance.ready  # the kubelet notices a moment later
    assert found.effective_values and found.user_values is not None
    assert json.loads(found.json)["store"] == "SQLite"

    way = host.endpoint(name, namespace=namespace)
    assert (way.kind, way.url, way.tls_server_name) == ("tunnel", "", "")
    reasons = {candidate.kind: candidate.reason for candidate in way.candidates}
    assert "ClusterIP" in reasons["load-balancer"] and reasons["tunnel"] == ""
    with host.tunnel(name, namespace=namespace) as tunnel:
        way = host.endpoint(name, namespace=namespace, server=tunnel.url)
        assert (way.kind, way.url, len(way.candidates)) == ("given", tunnel.url, 1)
        assert way.candidates[0].to_dict()["tlsServerName"] == ""
        with pytest.raises(vcluster.UnavailableError, match="is not in its certificate"):
            host.endpoint(name, namespace=namespace, server=tunnel.url, tls_server_name="x.y")
    inside.close()


def open_kubeconfig():
    import os
    import pathlib

    return pathlib.Path(os.environ["VCLUSTER_TEST_KUBECONFIG"]).read_text()


def test_why_tells_of_what_is_not_there_and_of_a_quota(host, namespace):
    found = host.why("none", namespace=namespace)
    assert (found.ready, found.namespace, found.note) == (False, namespace, "")
    assert [cause.reason for cause in found.causes] == ["not-found"]
    assert json.loads(found.json)["causes"][0]["reason"] == "not-found"

    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "tight"}}
    host.resources.apply({**quota, "spec": {"hard": {"pods": "0"}}}, namespace=namespace)
    with pytest.raises(vcluster.QuotaError) as caught:
        host.create("refused", namespace=namespace, distribution="embedded", timeout=60)
    assert caught.value.findings[0].rule == "quota-exceeded"
    cause = host.why("refused", namespace=namespace).causes[0]
    assert (cause.reason, cause.certainty, cause.status) == ("quota-exceeded", "certain", "QUOTA")
    assert cause.object == "StatefulSet/refused"
    assert cause.remedy and not cause.waiting_helps


def test_preflight_tells_all_at_once_and_refuses(host, namespace):
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "tight"}}
    host.resources.apply({**quota, "spec": {"hard": {"pods": "0"}}}, namespace=namespace)
    values = {
        "controlPlane": {
            "statefulSet": {"persistence": {"volumeClaim": {"storageClass": "no-such-class"}}}
        }
    }
    report = host.preflight("refused", values, namespace=namespace, distribution="embedded")
    assert report.severity == "error"
    assert {"quota-exceeded", "storage-class"} <= {finding.rule for finding in report.findings}
    with pytest.raises(vcluster.PreconditionError) as caught:
        host.create(
            "refused", values, namespace=namespace, distribution="embedded", preflight=True
        )
    assert {"quota-exceeded", "storage-class"} <= {f.rule for f in caught.value.findings}
    with pytest.raises(vcluster.NotFoundError):
        host.get("refused", namespace=namespace)
