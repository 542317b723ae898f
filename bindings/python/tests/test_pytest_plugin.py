# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin, used by test files as a user writes them."""

import re

import pytest

pytest_plugins = ["pytester"]

NO_HOST = "no host cluster: neither --vcluster-host-kubeconfig nor $VCLUSTER_TEST_KUBECONFIG"


def test_without_a_host_tests_are_skipped_and_say_so(pytester, monkeypatch):
    monkeypatch.delenv("VCLUSTER_TEST_KUBECONFIG", raising=False)
    pytester.makepyfile("def test_one(vcluster): pass")
    result = pytester.runpytest_subprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"SKIPPED*{NO_HOST}"])


@pytest.mark.parametrize("option", ["ttl", "timeout"])
def test_a_duration_that_is_none_is_refused_before_any_test(pytester, option):
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest_subprocess(f"--vcluster-{option}=soon")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--vcluster-{option}: 'soon' is no duration such as 90s*"])


def test_a_creation_that_fails_says_why_and_what_is_there(pytester, host):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.vcluster(distribution="nonsense")
        def test_one(vcluster): pass
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*distribution*nonsense*", "*virtual cluster pt-*", "there are neither pods nor events in*"]
    )


def test_clusters_of_workers_differ_expire_and_go(pytester, host):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.vcluster(distribution="embedded")
        @pytest.mark.parametrize("number", [1, 2])
        def test_own(vcluster, number, worker_id, record_property):
            assert worker_id in vcluster.name
            assert vcluster.instance.expires > vcluster.instance.created
            assert vcluster.instance.owner.startswith("pytest-")
            found = vcluster.client.resources.list("v1", "Namespace")
            assert "kube-system" in [one["metadata"]["name"] for one in found]
            version = vcluster.kubectl("version", "-o", "json")
            assert version["serverVersion"]["minor"]
            print("made", vcluster.name)
        """
    )
    result = pytester.runpytest_subprocess("-n2", "-rP")
    result.assert_outcomes(passed=2)
    made = re.findall(r"^made (pt-\S+)$", result.stdout.str(), re.M)
    assert len(set(made)) == 2
    assert len({name.split("-")[1] for name in made}) == 1
    assert not {one.name for one in host.list()} & set(made)


def test_a_failed_test_keeps_its_cluster_where_that_is_asked_for(pytester, host, tmp_path):
    pytester.makepyfile(
        """
        def test_shared(vcluster_session):
            assert vcluster_session.client.server_version().startswith("v1.")

        def test_broken(vcluster_session):
            assert vcluster_session.name == "another"
        """
    )
    result = pytester.runpytest_subprocess(
        "--vcluster-keep=on-failure",
        "--vcluster-ttl=10m",
        "--vcluster-distribution=embedded",
        f"--vcluster-diagnostics={tmp_path}/diagnostics",
    )
    kept = re.search(r"^vcl connect (\S+) -n (\S+)$", result.stdout.str(), re.M)
    assert kept, result.stdout.str()
    name, namespace = kept.groups()
    try:
        result.assert_outcomes(passed=1, failed=1)
        left = host.get(name, namespace=namespace)
        assert 0 < left.expires - left.created < 3600  # and not the two hours of the default
        written = (tmp_path / "diagnostics" / f"{name}.txt").read_text()
        assert f"pod {name}-0: Running" in written
        result.stdout.fnmatch_lines([f"*virtual cluster {name}*", f"pod {name}-0: Running"])
    finally:
        host.delete(name, namespace=namespace)
