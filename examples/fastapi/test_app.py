# SPDX-License-Identifier: Apache-2.0
"""The platform API against a host cluster."""

import os
import socket
import time
import uuid

import pytest
from app import create_app
from fastapi.testclient import TestClient

PREFIX = f"fastapi-{uuid.uuid4().hex[:6]}-"


@pytest.fixture(scope="module")
def api():
    if "VCLUSTER_TEST_KUBECONFIG" not in os.environ:
        pytest.skip("VCLUSTER_TEST_KUBECONFIG names no host")
    app = create_app(os.environ["VCLUSTER_TEST_KUBECONFIG"], "embedded", PREFIX)
    with TestClient(app) as client:
        yield client


def finished(api, answer):
    """The job that an answer leads to, once it has ended."""
    assert answer.status_code == 202, answer.text
    place = answer.headers["Location"]
    while (job := api.get(place).json())["status"] == "running":
        time.sleep(0.2)
    return job


def test_what_is_wrong_is_told_before_anything_is_made(api):
    answer = api.post("/teamclusters", json={"team": "a", "resourceQuota": {"cpu": "-8"}})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [f["path"] for f in answer.json()["findings"]] == ["spec.resourceQuota.cpu"]
    assert api.post("/teamclusters", json={"team": "Not A Label"}).status_code == 422
    assert api.post("/teamclusters", json={"team": "a", "color": "red"}).status_code == 422
    assert api.get("/teamclusters").json() == []


def test_what_is_not_there_is_404(api):
    for place in (f"/teamclusters/{PREFIX}nobody", "/jobs/none"):
        answer = api.get(place)
        assert (answer.status_code, answer.json()["title"]) == (404, "NOT_FOUND")
    assert api.delete(f"/teamclusters/{PREFIX}nobody").status_code == 404


def test_a_team_cluster_from_request_to_deletion(api):
    wish = {"team": "blue", "ttl": 3600, "resourceQuota": {"cpu": "2", "memory": "2Gi"}}
    name = f"{PREFIX}blue"
    first = api.post("/teamclusters", json=wish)
    try:
        again = api.post("/teamclusters", json=wish)
        other = api.post("/teamclusters", json={"team": "blue"})
        assert again.headers["Location"] == first.headers["Location"]
        assert (other.status_code, other.json()["title"]) == (409, "CONFLICT")
        job = finished(api, first)
        assert job["status"] == "done", job
        assert finished(api, api.post("/teamclusters", json=wish))["status"] == "done"

        found = api.get(f"/teamclusters/{name}").json()
        assert (found["name"], found["owner"], found["status"]) == (name, "blue", "Running")
        assert found["quota"][0]["hard"]["requests.cpu"]
        assert [one["name"] for one in api.get("/teamclusters").json()] == [name]
    finally:
        gone = finished(api, api.delete(f"/teamclusters/{name}"))
    assert gone["status"] == "done", gone
    assert api.get(f"/teamclusters/{name}").status_code == 404


def test_a_job_is_cancelled_and_a_host_that_is_silent_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(
            f"""
current-context: c
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:{server.getsockname()[1]}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
users: [{{name: u, user: {{token: t}}}}]
"""
        )
        with TestClient(create_app(str(kubeconfig), "embedded", PREFIX)) as api:
            begun = api.post("/teamclusters", json={"team": "red"})
            api.delete(begun.headers["Location"])
            job = finished(api, begun)
            assert (job["status"], job["error"]["title"]) == ("failed", "CANCELLED")


def test_a_host_that_is_not_there_is_503(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        f"""
current-context: c
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:{port}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
users: [{{name: u, user: {{token: t}}}}]
"""
    )
    with TestClient(create_app(str(kubeconfig), "embedded", PREFIX)) as api:
        answer = api.get("/teamclusters")
        assert (answer.status_code, answer.json()["retryable"]) == (503, True)
        assert answer.headers["Retry-After"] == "10"
