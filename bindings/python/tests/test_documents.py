# SPDX-License-Identifier: Apache-2.0
import pathlib
import pickle

import pytest

import vcluster


def test_config_from_every_source(tmp_path):
    file = tmp_path / "values.yaml"
    file.write_text("a: {b: 1}\n")
    for source in ("a: {b: 1}", {"a": {"b": 1}}, file, vcluster.Config({"a": {"b": 1}})):
        assert vcluster.Config(source).get("a.b") == 1
    assert vcluster.Config.load(str(file)).get("a") == {"b": 1}
    assert vcluster.Config().to_yaml().strip() == "{}"


def test_set_keeps_types():
    config = vcluster.Config()
    for path, value in {
        "a.flag": True,
        "a.off": False,
        "a.count": 3,
        "a.text": "true",
        "a.nothing": None,
        "a.list[1]": "x",
    }.items():
        config.set(path, value)
    assert config.get("a") == {
        "flag": True,
        "off": False,
        "count": 3,
        "text": "true",
        "nothing": None,
        "list": [None, "x"],
    }
    with pytest.raises(TypeError, match="merge"):
        config.set("a", {"b": 1})


def test_set_expression_is_helms():
    config = vcluster.Config()
    config.set_expression("a=1,b.c={x,y},d=text")
    assert config.get("b.c") == ["x", "y"]
    assert (config.get("a"), config.get("d")) == (1, "text")
    with pytest.raises(vcluster.InvalidArgumentError):
        config.set_expression("a[=")


def test_merge_replaces_scalars_and_joins_maps():
    config = vcluster.Config("a: {x: 1, l: [1]}")
    other = vcluster.Config("a: {l: [2], z: 3}")
    config.merge(other)
    assert config.get("a") == {"x": 1, "l": [2], "z": 3}
    assert other.get("a") == {"l": [2], "z": 3}


def test_a_copy_is_its_own():
    config = vcluster.Config({"a": None, "b": 1})
    copy = vcluster.Config(config)
    copy.set("b", 2)
    assert config.get("b") == 1
    assert copy.get("a") is None


def test_missing_path_is_a_lookup_error():
    with pytest.raises(LookupError):
        vcluster.Config("a: 1").get("b")


def test_missing_file_is_a_lookup_error(tmp_path):
    with pytest.raises(LookupError):
        vcluster.Config(pathlib.Path(tmp_path / "none.yaml"))


def test_embedded_chart_renders():
    chart = vcluster.Chart.embedded()
    assert chart.name == "vcluster-embedded"
    text = chart.template("dev", {"controlPlane": {}}, namespace="team-a")
    assert "kind: StatefulSet" in text
    assert text == vcluster.template("dev", {"controlPlane": {}}, namespace="team-a")
    assert "<Chart vcluster-embedded" in repr(chart)


def test_directory_that_is_no_chart(tmp_path):
    with pytest.raises(vcluster.VClusterError):
        vcluster.Chart(tmp_path)


def test_records_are_values():
    one = vcluster.Progress("pod", "pod/dev-0", "scheduled", 1.5)
    same = vcluster.Progress("pod", "pod/dev-0", "scheduled", 1.5)
    assert one == same and hash(one) == hash(same) and one != "pod"
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == (
        "Progress(step='pod', object='pod/dev-0', message='scheduled', elapsed=1.5)"
    )
    with pytest.raises(AttributeError):
        del one.step


def test_expressions_of_every_form(tmp_path):
    file = tmp_path / "text"
    file.write_text("of a file")
    config = vcluster.Config()
    config.set_json('a={"b":[1]}')
    config.set_string_expression("c=1,d=true")
    config.set_literal("e=x,y")
    config.set_file(f"f={file}")
    assert config.to_yaml() == 'a:\n  b:\n  - 1\nc: "1"\nd: "true"\ne: x,y\nf: of a file\n'
    with pytest.raises(vcluster.NotFoundError):
        config.set_file(f"f={file}.none")
