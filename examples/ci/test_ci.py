# SPDX-License-Identifier: Apache-2.0
"""The scripts of the CI files, run as a runner runs them: with vcl in PATH, against the host."""

import os
import pathlib
import subprocess

import pytest

import vcluster

FOLDER = pathlib.Path(__file__).parent
NUMBERS = {"GITHUB_RUN_ATTEMPT": "1", "CI_JOB_ID": "1"}


def script(file):
    document = vcluster.Config(FOLDER / file)
    if file == "gitlab.yml":
        return document.get("integration.script")[0]
    return document.get("jobs.integration.steps")[-1]["run"]


@pytest.mark.parametrize("file", ["github.yml", "gitlab.yml"])
@pytest.mark.parametrize("verdict", [0, 3])
def test_the_verdict_is_that_of_the_tests_and_nothing_stays(vcluster_host, tmp_path, file, verdict):
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "app.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n  namespace: default\n"
    )
    tests = tmp_path / "run-integration-tests.sh"
    tests.write_text(f"#!/bin/sh\nkubectl get configmap app -o name && exit {verdict}\n")
    tests.chmod(0o755)

    number = f"{os.getpid()}{verdict}"
    run = subprocess.run(
        ["sh", "-c", script(file)],
        cwd=tmp_path,
        env=os.environ
        | NUMBERS
        | {
            "KUBECONFIG": os.environ["VCLUSTER_TEST_KUBECONFIG"],
            "GITHUB_RUN_ID": f"github-{number}",
            "CI_PIPELINE_ID": f"gitlab-{number}",
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert run.returncode == verdict, run.stderr
    assert "configmap/app\n" in run.stdout
    name = f"ci-{file.removesuffix('.yml')}-{number}-1"
    assert name in run.stdout + run.stderr
    assert name not in [one.name for one in vcluster_host.list()]
