# SPDX-License-Identifier: Apache-2.0
"""Charts from everywhere, and on a real cluster one release from install to uninstall."""

import io
import pathlib
import tarfile
import uuid

import pytest

import vcluster

HELLO = pathlib.Path(__file__).parents[3] / "examples" / "charts" / "hello"

pytestmark = pytest.mark.skipif(not HELLO.is_dir(), reason="not run from a checkout")


@pytest.fixture
def hello():
    return vcluster.Chart.load(HELLO)


def packed(chart):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        archive.add(chart, arcname=chart.name)
    return data.getvalue()


def test_a_chart_hands_out_what_it_holds(hello):
    assert (hello.name, hello.app_version) == ("hello", "1.0")
    assert hello.values == (HELLO / "values.yaml").read_text()
    assert hello.schema == (HELLO / "values.schema.json").read_text()
    assert hello.metadata["version"] == hello.version
    assert vcluster.Chart.embedded().metadata["name"] == "vcluster-embedded"


def test_a_chart_from_bytes():
    data = packed(HELLO)
    assert vcluster.Chart.parse(data).name == "hello"
    assert vcluster.Chart.parse(memoryview(data)).name == "hello"
    with pytest.raises(vcluster.ConfigError):
        vcluster.Chart.parse(data[:100])
    with pytest.raises(vcluster.ConfigError):
        vcluster.Chart.parse(b"")


def test_a_chart_from_a_path(tmp_path):
    archive = tmp_path / "hello.tgz"
    archive.write_bytes(packed(HELLO))
    assert vcluster.Chart.fetch(archive, cache=False).name == "hello"
    assert vcluster.Chart.upstream(repository=str(HELLO)).name == "hello"
    with pytest.raises(LookupError):
        vcluster.Chart.fetch("./there-is-none")


def test_a_fetch_is_cancelled():
    cancel = vcluster.Cancel()
    cancel.trigger()
    with pytest.raises(vcluster.CancelledError):
        vcluster.Chart.fetch("https://127.0.0.1:1/x.tgz", cancel=cancel, cache=False)


def test_values_are_checked_against_the_schema(hello):
    hello.validate()
    hello.validate({"names": ["a"]})
    with pytest.raises(vcluster.ConfigError) as caught:
        hello.validate({"greeting": 1, "other": 2})
    assert len(caught.value.findings) == 2
    with pytest.raises(vcluster.ConfigError):
        hello.template("hi", {"names": ["A"]})
    assert 'A: "Hello, A!"' in hello.template("hi", {"names": ["A"]}, validate=False)


def test_options_of_rendering(hello):
    text = hello.template(
        "hi",
        kubernetes_version="1.30",
        api_versions=("a/v1", "b/v1"),
        is_upgrade=True,
        include_crds=True,
        hooks=False,
        tests=False,
    )
    assert text.startswith("---\n# Source: hello/templates/configmap.yaml\n")
    with pytest.raises(vcluster.InvalidArgumentError):
        hello.template("hi", kubernetes_version="latest")
    with pytest.raises(TypeError):
        hello.template("hi", api_versions=[1])


def test_value_policies_are_checked(refused, hello):
    with pytest.raises(ValueError, match="none of default, reset"):
        refused.releases.upgrade("a", hello, value_policy="keep")
    assert refused.request_count == 0


def test_release_from_install_to_uninstall(host, hello):
    releases = host.releases
    name = namespace = f"python-{uuid.uuid4().hex[:8]}"
    evening = {"greeting": "Good evening"}
    reports = []
    try:
        dry = releases.install(name, hello, namespace="default", dry_run=True)
        assert "Hello, world!" in dry.manifest
        with pytest.raises(LookupError):
            releases.get(name, namespace="default")
        made = releases.install(
            name, hello, namespace=namespace, create_namespace=True, progress=reports.append
        )
        assert (made.name, made.namespace, made.revision) == (name, namespace, 1)
        assert (made.status, made.chart_name, made.app_version) == ("deployed", "hello", "1.0")
        assert made.notes.startswith(f"{name} says Hello") and made.last_deployed_at.year > 2020
        assert "Hello, world!" not in repr(made)
        assert {"object", "release"} <= {report.step for report in reports}
        with pytest.raises(vcluster.AlreadyExistsError):
            releases.install(name, hello, namespace=namespace)

        [change] = releases.diff(name, hello, evening, namespace=namespace)
        assert (change.change, change.kind) == ("modify", "ConfigMap")
        [field] = change.fields
        assert (field.old, field.new) == ("Hello, world!", "Good evening, world!")
        second = releases.upgrade(name, hello, evening, namespace=namespace)
        assert second.revision == 2 and "Good evening" in second.values
        assert releases.diff(name, hello, namespace=namespace) == []
        third = releases.rollback(name, namespace=namespace)
        assert third.revision == 3 and third.manifest == made.manifest
        history = releases.history(name, namespace=namespace)
        assert [one.status for one in history] == ["superseded", "superseded", "deployed"]
        assert releases.get(name, 2, namespace=namespace).manifest == second.manifest
        releases.uninstall(name, namespace=namespace)
        with pytest.raises(vcluster.NotFoundError):
            releases.history(name, namespace=namespace)
        releases.uninstall(name, namespace=namespace, missing_ok=True)
    finally:
        host.resources.delete("v1", "Namespace", namespace)
