# SPDX-License-Identifier: Apache-2.0
"""Kubeconfigs on disk: no cluster is needed."""

import pytest

import vcluster
from vcluster import kubeconfig

TEXT = """\
clusters: [{name: k, cluster: {server: 'https://dev.example.com'}}]
users: [{name: u, user: {token: t}}]
contexts:
- name: dev
  context:
    cluster: k
    user: u
    extensions: [{name: libvcluster, extension: {name: dev, namespace: team}}]
current-context: dev
"""
OWN = """\
# mine
clusters: [{name: a, cluster: {server: 'https://a'}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {token: a}}]
current-context: a # now
"""


def test_merge_and_remove_give_the_file_back(tmp_path):
    path = tmp_path / "config"
    path.write_text(OWN)
    assert kubeconfig.merge(TEXT, path=path, set_current=True) == "dev"
    assert "current-context: dev # now" in path.read_text()
    assert kubeconfig.remove(path=path, name="dev", namespace="team") == "dev"
    assert path.read_text() == OWN


def test_what_is_not_ours_is_left_alone(tmp_path):
    path = tmp_path / "config"
    path.write_text(OWN)
    with pytest.raises(vcluster.AlreadyExistsError):
        kubeconfig.merge(TEXT, path=path, context_name="a")
    with pytest.raises(vcluster.PreconditionError):
        kubeconfig.remove(path=path)
    with pytest.raises(vcluster.NotFoundError):
        kubeconfig.remove(path=path, name="dev")
    assert kubeconfig.remove(path=path, name="dev", missing_ok=True) is None
    assert path.read_text() == OWN


def test_a_lock_that_is_held_stops_a_merge_within_its_timeout(tmp_path):
    path = tmp_path / "config"
    (tmp_path / "config.lock").touch()
    with pytest.raises(vcluster.TimeoutError):
        kubeconfig.merge(TEXT, path=path, timeout=0.1)
    assert not path.exists()


def test_save_writes_a_private_file(tmp_path):
    path = tmp_path / "new" / "out"
    kubeconfig.save(TEXT, path)
    assert path.read_text() == TEXT
    assert path.stat().st_mode & 0o777 == 0o600
