# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a server that never answers, and the cluster of VCLUSTER_TEST_KUBECONFIG."""

import socket
import uuid

import pytest

import vcluster


def kubeconfig_for(server: str) -> str:
    return f"""
apiVersion: v1
kind: Config
current-context: test
clusters: [{{name: test, cluster: {{server: "{server}"}}}}]
users: [{{name: test, user: {{token: t0ken-that-is-secret}}}}]
contexts: [{{name: test, context: {{cluster: test, user: test, namespace: team-a}}}}]
"""


@pytest.fixture
def stalled():
    """A client whose server accepts connections and says nothing: calls wait until stopped."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with vcluster.Client(
            kubeconfig_text=kubeconfig_for(f"https://127.0.0.1:{port}"), timeout=20
        ) as client:
            yield client


@pytest.fixture
def stalled_server(tmp_path):
    """The path of a kubeconfig of such a server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = tmp_path / "kubeconfig"
        path.write_text(kubeconfig_for(f"https://127.0.0.1:{server.getsockname()[1]}"))
        yield str(path)


@pytest.fixture
def refused():
    """A client whose server is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with vcluster.Client(
        kubeconfig_text=kubeconfig_for(f"https://127.0.0.1:{port}"), timeout=5
    ) as client:
        yield client


@pytest.fixture(scope="session")
def host(vcluster_host):
    """A client of the host cluster."""
    return vcluster_host


@pytest.fixture
def namespace(host):
    """A namespace on the host, deleted afterwards."""
    name = f"vcluster-python-{uuid.uuid4().hex[:8]}"
    host.resources.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    host.resources.delete("v1", "Namespace", name)
