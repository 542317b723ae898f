# SPDX-License-Identifier: Apache-2.0
"""Lint: findings, repairs, settings and formats."""

import json
import xml.etree.ElementTree

import pytest

import vcluster
from vcluster import lint

VALUES = "# Of team A.\nsync:\n  toHost:\n    secrets: {all: true} # easier\n"
RULES = ["VC101", "VC501", "VC504", "VC511", "VC601"]


def test_findings_have_their_place_and_remedy():
    files = vcluster.Lint()
    files.add("values.yaml", VALUES)
    report = files.run()
    assert [finding.rule for finding in report.findings] == RULES
    last = report.findings[-1]
    assert (last.file, last.line, last.path) == ("values.yaml", 4, "sync.toHost.secrets.all")
    assert last.remedy
    assert report.severity == "warning"


def test_a_repair_keeps_comments_and_is_clean_afterwards(tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text(VALUES)
    files = vcluster.Lint()
    files.load(path)
    text = files.fix(str(path))
    assert text.startswith("# Of team A.\n") and "{all: false} # easier\n" in text
    assert files.fix(str(path)) == text
    assert [finding.rule for finding in files.run().findings] == ["VC105"]  # nobody wrote the quota
    with pytest.raises(vcluster.NotFoundError):
        files.fix("another")


def test_an_edit_repairs_its_finding_alone():
    files = vcluster.Lint()
    files.add("values.yaml", VALUES)
    fixes = {finding.rule: finding.fix for finding in files.run().findings}
    assert fixes["VC601"] == vcluster.Edit(4, 20, 4, 24, "false")
    added = fixes["VC101"]
    assert (added.line, added.column, added.end_line, added.end_column) == (5, 1, 5, 1)
    files = vcluster.Lint()
    files.add("values.yaml", VALUES + added.text)
    assert "VC101" not in [finding.rule for finding in files.run().findings]


def test_settings_choose_rules():
    files = vcluster.Lint("rules: {include: [oversync-all], severity: {VC601: error}}")
    files.add("values.yaml", VALUES)
    report = files.run()
    assert [finding.severity for finding in report.findings] == ["error"]
    with pytest.raises(vcluster.ConfigError, match="VC999"):
        vcluster.Lint("rules: {exclude: [VC999]}")


def test_what_is_no_yaml_or_there_twice_is_refused():
    files = vcluster.Lint()
    with pytest.raises(vcluster.ConfigError, match="a.yaml"):
        files.add("a.yaml", "a: [")
    files.add("a.yaml", b"{}")
    with pytest.raises(vcluster.InvalidArgumentError):
        files.add("a.yaml", b"{}")


def test_the_report_is_rendered_for_other_programs():
    files = vcluster.Lint()
    files.add("values.yaml", VALUES)
    report = files.run()
    sarif = json.loads(lint.render(report, "sarif"))
    assert sarif["version"] == "2.1.0"
    (run,) = sarif["runs"]
    assert {result["ruleId"] for result in run["results"]} == set(RULES)
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {"VC101", "VC601"}
    (fixed,) = (result for result in run["results"] if result["ruleId"] == "VC601")
    (change,) = fixed["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "false"}
    suite = xml.etree.ElementTree.fromstring(lint.render(report, "junit"))
    assert suite.get("failures") == "4" and len(suite) == 5
    assert lint.render(report, "github").count("::warning ") == 4
    with pytest.raises(vcluster.InvalidArgumentError, match="sarif"):
        lint.render(report, "yaml")


def test_rules_are_listed():
    rules = {rule.id: rule for rule in lint.rules()}
    assert rules["VC101"].name == "quota-missing" and rules["VC101"].fix
    assert rules["VC507"].severity == "error" and not rules["VC507"].fix


def test_scripts_are_looked_at():
    files = vcluster.Lint()
    files.add("ci.sh", "vcl create dev\n")
    assert [finding.rule for finding in files.run().findings] == ["VC801"]


def test_what_runs_needs_a_host(refused):
    files = vcluster.Lint()
    with pytest.raises(vcluster.UnavailableError):
        files.add_instance(refused, "dev", timeout=2)
    with pytest.raises(vcluster.InvalidArgumentError):
        files.add_instance(refused, "No Name")
