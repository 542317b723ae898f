# SPDX-License-Identifier: Apache-2.0
import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

from vcluster._native import capi

HEAVY = {"json", "threading", "queue", "dataclasses", "enum", "typing", "datetime", "subprocess"}


def test_import_is_lean():
    program = (
        "import sys; old = set(sys.modules); import vcluster; print(*(set(sys.modules) - old))"
    )
    heavy = set(HEAVY)
    if "\nimport typing" in pathlib.Path(capi.__file__).read_text():
        heavy -= {"typing", "enum"}  # SWIG's own, from 4.5 on
    # -S: without site, whose additions would hide what we import.
    path = os.pathsep.join(filter(None, sys.path))
    answer = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert set(answer.split()) & heavy == set()


def test_typed_through_and_through(tmp_path):
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    user = tmp_path / "user.py"
    user.write_text(
        "import vcluster\n"
        "def names(host: vcluster.Client) -> list[str]:\n"
        "    return [i.name for i in host.list(timeout=3)]\n"
        "def version(host: vcluster.Client) -> int:\n"
        "    return host.server_version()  # wrong on purpose\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(user)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": ""},
    )
    assert "py.typed" not in done.stdout, done.stdout
    assert "user.py:5: error: Incompatible return value type" in done.stdout
    assert "Found 1 error in 1 file" in done.stdout


def test_sources_are_strictly_typed(tmp_path):
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    project = pathlib.Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=project,
    )
    assert done.returncode == 0, done.stdout
