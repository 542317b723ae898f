# SPDX-License-Identifier: Apache-2.0
"""Sync rules: reading them, finding one by any spelling, changing one."""

import json

import pytest

import vcluster


def test_the_defaults_are_a_table():
    rules = vcluster.SyncRules()
    table = {(rule.direction, rule.resource): rule for rule in rules}
    assert len(table) == len(rules) > 30
    assert table["toHost", "pods"].active
    assert table["toHost", "ingresses"].state == "off"
    assert table["fromHost", "storageClasses"].state == "auto"
    assert json.loads(rules.to_json())[0]["resource"] == "pods"


def test_a_rule_is_found_by_any_usual_spelling():
    rules = vcluster.SyncRules({"sync": {"fromHost": {"nodes": {"enabled": True}}}})
    assert rules["pvc"].path == "sync.toHost.persistentVolumeClaims"
    assert rules["Node"].active
    assert rules["node"].rights
    assert rules.find("sc", "fromHost").default == "auto"
    with pytest.raises(vcluster.NotFoundError, match="ingresses"):
        rules["ingreses"]
    with pytest.raises(vcluster.InvalidArgumentError, match="both directions"):
        rules["sc"]


def test_setting_a_rule_writes_the_exact_key():
    config = vcluster.Config()
    vcluster.sync.set_rule(config, "pvc", False)
    vcluster.sync.set_rule(config, "nodes", "on", settings={"selector": {"all": True}})
    vcluster.sync.set_rule(config, "certificates.cert-manager.io", True, direction="toHost")
    assert config.get("sync.toHost.persistentVolumeClaims.enabled") is False
    rules = vcluster.SyncRules(config)
    assert rules["nodes"].settings == {"selector": {"all": True}}
    assert rules["certificates.cert-manager.io"].licence == "free"
    with pytest.raises(vcluster.InvalidArgumentError, match="has no auto"):
        vcluster.sync.set_rule(config, "pods", "auto")


def test_what_is_no_state_is_refused_with_its_path():
    with pytest.raises(vcluster.ConfigError) as caught:
        vcluster.SyncRules({"sync": {"toHost": {"pods": {"enabled": "yes"}}}})
    assert caught.value.findings[0].path == "sync.toHost.pods"


def test_host_names_follow_the_rule_of_upstream():
    name = vcluster.sync.host_name("dev", "vcluster-dev", "Pod", "nginx", "default")
    assert name == "nginx-x-default-x-dev"
    name = vcluster.sync.host_name("dev", "vcluster-dev", "PriorityClass", "high")
    assert name == "vcluster-high-x-vcluster-dev-x-dev"
    with pytest.raises(vcluster.InvalidArgumentError):
        vcluster.sync.host_name("dev", "vcluster-dev", "Pod", "nginx")
