# SPDX-License-Identifier: Apache-2.0
"""Connections: what is written down of them, by the rules of the library."""

import json
import pathlib
import subprocess

import pytest

import vcluster
from vcluster import connection


def process_start(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return int(text.rpartition(")")[2].split()[19])


@pytest.fixture
def process():
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def note(folder, process, start):
    record = {
        "id": "dev-1",
        "name": "dev",
        "namespace": "team",
        "hostContext": "prod",
        "context": "mine",
        "url": "https://127.0.0.1:4",
        "log": str(folder / "dev-1.log"),
        "pid": process.pid,
        "processStart": start,
        "started": 1700000000,
    }
    (folder / "dev-1.json").write_text(json.dumps(record))


def test_a_connection_that_runs_is_listed_and_stopped(tmp_path, process):
    note(tmp_path, process, process_start(process.pid))
    (one,) = connection.running(state_directory=tmp_path)
    assert one == vcluster.Connection(
        "dev-1",
        "dev",
        "team",
        "prod",
        "mine",
        "https://127.0.0.1:4",
        str(tmp_path / "dev-1.log"),
        process.pid,
        1700000000,
        True,
    )
    connection.stop(one, state_directory=tmp_path)
    assert process.wait() == -15
    assert connection.running(state_directory=tmp_path) == []
    with pytest.raises(vcluster.NotFoundError):
        connection.stop(one, state_directory=tmp_path)


def test_another_process_with_the_same_id_is_left_alone(tmp_path, process):
    note(tmp_path, process, process_start(process.pid) + 1)
    assert connection.running(state_directory=tmp_path) == []
    assert not (tmp_path / "dev-1.json").exists()
    assert process.poll() is None


def test_a_client_of_a_text_cannot_be_had_by_another_process(tmp_path):
    text = """
clusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: c, context: {cluster: k, user: u}}]
current-context: c
"""
    with vcluster.Client(kubeconfig_text=text) as host:
        with pytest.raises(vcluster.PreconditionError, match="make it from a file"):
            host.start_connection("dev", state_directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
