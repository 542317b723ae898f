# SPDX-License-Identifier: Apache-2.0
"""A team's configuration from a mistake to a budget: sync rules, names, quota, lint, admission.

The same scenario as run.c and run_test.go, with the same transcript (expected.txt). No host is
needed: the budget is that of one in memory.
"""

import json
import sys

import vcluster

VALUES = "# Of a team.\nsync:\n  toHost:\n    secrets: {all: true} # easier\n"
TENANT = "kind: TeamCluster\nspec: {team: shop, resourceQuota: {cpu: 4, memory: 8Gi, pods: 20}}\n"
WRONG = "kind: TeamCluster\nspec: {team: shop, resourceQuota: {cpu: -1, memry: 8Gi}}\n"
QUOTA = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: 1}}}"
PODS = """{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c}]}}
"""
HOLDER = (
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: vcluster-first}, "
    "spec: {hard: {cpu: 6, memory: 8Gi}}}"
)
BUDGET = "{cpu: 10, memory: 64Gi}"


def tell_findings(what: str, findings: tuple[vcluster.Finding, ...]) -> None:
    for one in findings:
        print(f"{what}: {one.severity} {one.rule} {one.path}: {one.message}")


def sync_rules(config: vcluster.Config) -> None:
    rules = vcluster.SyncRules(config)
    for resource in ("ing", "pvc"):
        rule = rules.find(resource, "toHost")
        print(f"{resource}: {rule.path} {rule.state} {'active' if rule.active else 'idle'}")
    try:
        rules.find("ingres", "toHost")
    except vcluster.NotFoundError as error:
        print(f"ingres: {error.code}")
    vcluster.sync.set_rule(config, "ing", "on", direction="toHost")
    rule = vcluster.SyncRules(config).find("ingresses", "toHost")
    print(f"ing after it is switched on: {rule.state} {'active' if rule.active else 'idle'}")
    print(config.to_yaml(), end="")
    print(f"pod default/web of first: {vcluster.sync.host_name('first', 'x', 'Pod', 'web', 'default')}")


def quota(config: vcluster.Config) -> None:
    name = vcluster.quota.set_tenant(config, TENANT)
    hard = config.get("policies.resourceQuota.quota")
    for key in ("limits.memory", "pods", "requests.cpu"):
        print(f"{name}: {key} {hard[key]}")
    try:
        vcluster.quota.set_tenant(config, WRONG)
    except vcluster.ConfigError as error:
        print(f"wrong tenant: {error.code}")
        tell_findings("wrong tenant", error.findings)
    tell_findings("fits", vcluster.quota.fits(QUOTA, PODS).findings)


def look(values: str) -> None:
    files = vcluster.Lint("rules: {include: [VC101, VC601]}")
    files.add("values.yaml", values)
    for one in files.run().findings:
        print(f"{one.file}:{one.line}:{one.column}: {one.rule} {one.severity}")
        edit = one.fix
        if edit:
            place = f"{edit.line}:{edit.column}-{edit.end_line}:{edit.end_column}"
            print(f"edit {place} {json.dumps(edit.text)}")
    print(files.fix("values.yaml"), end="")
    print(f"left over: {len(files.run().findings)}")


def tell_budget(what: str, budget: vcluster.Budget) -> None:
    for one in budget.resources:
        print(f"{what}: {one.resource} {one.promised} of {one.total}, {one.left} left, {one.asked} asked")
    tell_findings(what, budget.findings)
    print(f"{what}: {'fits' if budget.fits else 'does not fit'}")


def admission(config: vcluster.Config) -> None:
    with vcluster.FakeClient() as host:
        host.create("first", distribution="embedded")
        host.put(HOLDER)
        tell_budget("all", host.budget(BUDGET))
        tell_budget("one more", host.admit(config, budget=BUDGET))
        tell_budget("in place of it", host.admit(config, budget=BUDGET, name="first"))


def main() -> int:
    config = vcluster.Config(VALUES)
    sync_rules(config)
    quota(config)
    look(VALUES)
    admission(config)
    return 0


if __name__ == "__main__":
    sys.exit(main())
