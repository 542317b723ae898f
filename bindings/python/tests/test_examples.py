# SPDX-License-Identifier: Apache-2.0
"""The programs in examples/python, run as a user runs them."""

import os
import pathlib
import subprocess
import sys
import warnings

import pytest

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples" / "python"
NAME = "python-example"

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="not run from a checkout")


def run(program, *arguments):
    return subprocess.run(
        [sys.executable, str(EXAMPLES / program), *arguments],
        env={**os.environ, "KUBECONFIG": os.environ["VCLUSTER_TEST_KUBECONFIG"]},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_examples_say_how_they_are_used():
    programs = sorted(EXAMPLES.glob("*.py"))
    assert len(programs) >= 5
    for program in programs:
        compile(program.read_text(), str(program), "exec")
        assert len(program.read_text().splitlines()) <= 60
    used = subprocess.run(
        [sys.executable, str(EXAMPLES / "create.py")], capture_output=True, text=True
    )
    assert used.returncode == 1
    assert "create.py NAME" in used.stderr


def test_example_of_a_unit_test_needs_no_host():
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "fake.py")], capture_output=True, text=True
    )
    assert done.stdout == "team-a was made, though a request failed on the way\n", done.stderr


def run_connection(monkeypatch, folder):
    program = os.environ.get("VCLUSTER_TEST_VCL")
    if not program:
        warnings.warn("VCLUSTER_TEST_VCL does not name vcl: no connection is started", stacklevel=1)
        return
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    started = run("connection.py", "start", NAME, program)
    assert f"{NAME}-" in started.stdout and ": https://127.0.0.1:" in started.stdout, started.stderr
    held = started.stdout.split(":")[0]
    assert run("connection.py", "list").stdout.startswith(f"{held} {NAME} https://127.0.0.1:")
    assert run("connection.py", "stop", held).returncode == 0
    assert run("connection.py", "list").stdout == ""


def test_examples_one_after_the_other(host, monkeypatch, tmp_path):
    host.delete(NAME, missing_ok=True)
    try:
        created = run("create.py", NAME)
        assert created.returncode == 0, created.stderr
        assert f"{NAME} in vcluster-{NAME}: Running" in created.stdout
        listed = run("list.py")
        assert any(line.startswith(f"{NAME} ") for line in listed.stdout.splitlines())
        inside = run("namespaces.py", NAME)
        assert "kube-system Active" in inside.stdout, inside.stderr
        way = run("endpoint.py", NAME)
        assert f"{NAME} is reached by tunnel" in way.stdout, way.stderr
        assert "not by load-balancer : Service" in way.stdout
        ran = run("run.py", NAME, "sh", "-c", 'grep "server: https://127" "$KUBECONFIG"; exit 5')
        assert ran.returncode == 5, ran.stderr
        assert "server: https://127.0.0.1:" in ran.stdout
        run_connection(monkeypatch, tmp_path)
        deleted = run("delete.py", NAME)
        assert deleted.stdout.endswith(f"{NAME} is gone\n"), deleted.stderr
        assert run("delete.py", NAME).returncode == 1
    finally:
        host.delete(NAME, missing_ok=True)


def test_example_of_a_chart(host):
    lived = run("chart.py", "python-hello", "default", str(EXAMPLES.parent / "charts" / "hello"))
    assert lived.returncode == 0, lived.stderr
    assert "revision 1 of python-hello is deployed" in lived.stdout
    assert "modify ConfigMap python-hello-greetings" in lived.stdout
    assert lived.stdout.endswith("python-hello is uninstalled\n")
