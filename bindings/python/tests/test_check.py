# SPDX-License-Identifier: Apache-2.0
"""Checking configurations and comparing what they copy; neither needs a cluster."""

import pytest

import vcluster


def test_the_defaults_are_clean():
    assert len(vcluster.check_config()) == 0
    assert vcluster.check_config(chart=vcluster.Chart.embedded()).severity is None


def test_all_findings_come_at_once_with_their_lines():
    text = "policies:\n  podSecurityStandard: strict\nsync:\n  toHost:\n    storageClasses: {enabled: true}\n"
    text += "  fromHost:\n    storageClasses: {enabled: true}\n"
    report = vcluster.check_config(text, text=text, file="dev.yaml")
    assert [(f.rule, f.line) for f in report.findings] == [("VC513", 2), ("VC604", 5)]
    assert report.severity == "error"
    assert report.findings[0].remedy


def test_what_runs_already_must_not_change():
    etcd = {"controlPlane": {"backingStore": {"etcd": {"deploy": {"enabled": True}}}}}
    report = vcluster.check_config({}, old=etcd)
    assert [f.rule for f in report.findings] == ["VC303"]
    assert len(vcluster.check_config(etcd, old=etcd)) == 0


def test_a_licence_decides_how_grave_it_is():
    config = {"sleep": {"auto": {"afterInactivity": "1h"}}}
    assert vcluster.check_config(config).severity == "warning"
    assert vcluster.check_config(config, licence="none").severity == "error"
    assert vcluster.check_config(config, licence="dev").severity is None
    with pytest.raises(vcluster.InvalidArgumentError, match="licence"):
        vcluster.check_config(config, licence="gold")  # type: ignore[arg-type]


def test_rules_are_listed():
    rules = {rule.id: rule for rule in vcluster.check_rules()}
    assert rules["VC604"].name == "class-both-ways"
    assert all(rule.text and rule.severity in ("error", "warning") for rule in rules.values())


def test_a_diff_tells_what_starts_and_stops():
    before = {"sync": {"toHost": {"secrets": {"enabled": True, "all": True}}}}
    after = {"sync": {"toHost": {"ingresses": {"enabled": True}, "services": {"enabled": False}}}}
    plan = vcluster.sync.diff(before, after)
    changes = {change.path: change for change in plan.changes}
    assert changes["sync.toHost.ingresses.enabled"].action == "add"
    assert changes["sync.toHost.services.enabled"].action == "remove"
    assert changes["sync.toHost.secrets.all"].action == "modify"
    assert plan.impact == "restart"
    assert "start to appear on the host" in plan.text
    assert vcluster.sync.diff(after, after).operation == "none"
