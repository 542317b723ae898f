# SPDX-License-Identifier: Apache-2.0
"""A life of virtual clusters, from a plan to the reaper, and what is refused on the way.

The same scenario as run.c and run_test.go, with the same transcript (expected.txt). The host is one
in memory.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import vcluster

LESS_MEMORY = "controlPlane: {statefulSet: {resources: {limits: {memory: 3Gi}}}}"
TWO_STORES = (
    "controlPlane: {backingStore: {etcd: {deploy: {enabled: true}, embedded: {enabled: true}}}}"
)
FULL = """{apiVersion: v1, kind: Namespace, metadata: {name: full}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: none, namespace: full}, spec: {hard: {pods: 0}}}
"""
EXPIRES = "libvcluster.dev/expires-at"
REAPING = "libvcluster.dev/reaping"
ARGO = "argocd.argoproj.io/tracking-id"
GUARD = "loft.sh/non-deletable"
LONG_AGO = "2020-01-01T00:00:00Z"


def refused(what: str, call: Callable[[], object]) -> None:
    """What must fail, and the code it fails with."""
    try:
        call()
    except vcluster.VClusterError as error:
        print(f"{what}: {error.code}")
        for one in error.findings:
            print(f"{what}: {one.severity} {one.rule} {one.path}")
    else:
        print(f"{what}: not refused")


def annotate(host: vcluster.Client, name: str, key: str, value: str | None) -> None:
    """As somebody else would."""
    host.resources.patch(
        "apps/v1",
        "StatefulSet",
        name,
        {"metadata": {"annotations": {key: value}}},
        namespace=f"vcluster-{name}",
    )


def tell(what: str, instance: vcluster.Instance) -> None:
    expiry = "expires" if instance.expires_at else "for ever"
    print(f"{what}: {instance.status}, {expiry}, owner '{instance.owner}'")


def tell_plan(what: str, plan: vcluster.Plan, *, changes: bool = True) -> None:
    print(f"{what}: {plan.operation}, {'nothing' if not plan.changes else plan.impact}")
    for one in plan.changes if changes else ():
        path = f" {one.path}" if one.path else ""
        print(f"  {one.action} {one.impact} {one.kind}/{one.name}{path}")


def tell_results(what: str, results: list[vcluster.Result]) -> None:
    for one in results:
        code = one.error.code if one.error else "OK"
        print(f"{what}: {one.index} {one.operation} {one.name} {code}")


def tell_list(host: vcluster.Client) -> None:
    for one in host.list():
        tell(f"list: {one.name}", one)


def make(host: vcluster.FakeClient) -> None:
    tell_plan("plan", host.plan("dev", distribution="embedded"), changes=False)
    refused("before it is there", lambda: host.get("dev"))
    tell("ensure", host.ensure("dev", distribution="embedded", ttl=3600, owner="shop"))
    host.requests(forget=True)
    tell("again", host.ensure("dev", distribution="embedded"))
    print(f"again: {sum(r.method != 'GET' for r in host.requests())} writes")
    refused("create", lambda: host.create("dev", distribution="embedded"))
    refused("a name", lambda: host.ensure("Dev_1", distribution="embedded"))
    refused("values", lambda: host.ensure("other", TWO_STORES, distribution="embedded"))


def change(host: vcluster.FakeClient) -> None:
    tell_plan("same", host.plan("dev", distribution="embedded"))
    plan = host.plan("dev", LESS_MEMORY)
    tell_plan("less memory", plan)
    print(f"  from {plan.changes[-1].before} to {plan.changes[-1].after}")
    tell("less memory", host.ensure("dev", LESS_MEMORY))
    found = host.describe("dev")
    print(f"describe: revision {found.revision} {found.release_status} by {found.maker}, {found.store}")
    for component in found.components:
        print(f"describe: {component.name} {component.state} {component.restarts}")
    limit = found.user_values["controlPlane"]["statefulSet"]["resources"]["limits"]["memory"]
    print(f"describe: the user's memory is {limit}")


def tell_why(what: str, diagnosis: vcluster.Diagnosis) -> None:
    print(f"{what}: {'ready' if diagnosis.ready else 'not ready'}")
    for one in diagnosis.causes:
        waiting = "passes" if one.waiting_helps else "stays"
        print(f"{what}: {one.reason} {one.certainty} {one.status} {one.object}, {waiting}")


def sleep(host: vcluster.FakeClient) -> None:
    tell_why("why", host.why("dev"))
    host.pause("dev")
    tell("pause", host.get("dev"))
    tell_why("why paused", host.why("dev"))
    refused("ensure of a paused one", lambda: host.ensure("dev", "sync: {toHost: {ingresses: {enabled: true}}}"))
    with tempfile.TemporaryDirectory() as folder:
        refused("snapshot of a paused one", lambda: host.snapshot("dev", f"{folder}/file"))
    host.resume("dev")
    tell("resume", host.get("dev"))
    tell_why("why nothing", host.why("ghost"))


def lease(host: vcluster.FakeClient) -> None:
    tell("nobody's", host.extend("dev", 7200, owner=""))
    tell("for ever", host.extend("dev", never=True, owner="shop"))
    past = datetime(2020, 1, 1, tzinfo=timezone.utc)
    refused("into the past", lambda: host.extend("dev", expires_at=past))
    refused("neither", lambda: host.extend("dev"))
    refused("extend of nothing", lambda: host.extend("ghost", 60))


def many(host: vcluster.FakeClient) -> None:
    batch = vcluster.Batch()
    batch.ensure("one", distribution="embedded", ttl=3600, profile="lean")
    batch.ensure("two", distribution="embedded")
    batch.ensure("full", distribution="embedded", namespace="full", preflight=True)
    batch.pause("two")
    batch.pause("ghost")
    batch.resume("two")
    batch.extend("two", 3600)
    batch.wait("one")
    batch.delete("ghost", missing_ok=True)
    tell_results("batch", batch.run(host, parallel=1))
    stopping = vcluster.Batch()
    stopping.delete("ghost")
    stopping.delete("dev")
    tell_results("stop", stopping.run(host, parallel=1, stop_on_error=True))
    tell_list(host)


def check(host: vcluster.FakeClient) -> None:
    report = host.preflight("full", distribution="embedded", namespace="full")
    for one in report.findings:
        print(f"preflight: {one.severity} {one.rule} {one.path}: {one.message}")
    report = host.preflight("1st", distribution="embedded")
    for one in report.findings:
        print(f"preflight: {one.severity} {one.rule} {one.path}: {one.message}")
    refused("full", lambda: host.create("full", distribution="embedded", namespace="full", preflight=True))


def reap(host: vcluster.FakeClient) -> None:
    annotate(host, "one", EXPIRES, LONG_AGO)
    tell_results("would reap", host.reap(dry_run=True))
    annotate(host, "one", REAPING, LONG_AGO)
    refused("too late", lambda: host.extend("one", 60))
    tell_results("reap", host.reap())
    tell_list(host)


def adopt(host: vcluster.FakeClient) -> None:
    """Its release is lost, and Argo CD's mark is on it."""
    host.resources.delete("v1", "Secret", "sh.helm.release.v1.two.v1", namespace="vcluster-two")
    annotate(host, "two", ARGO, "two:apps/StatefulSet:vcluster-two/two")
    plan = host.adopt("two", dry_run=True)
    tell_plan(f"adopt of {plan.origin}", plan, changes=False)
    refused("adopt", lambda: host.adopt("two"))
    refused("delete of Argo CD's", lambda: host.delete("two"))
    annotate(host, "two", ARGO, None)
    plan = host.adopt("two", owner="shop")
    tell_plan(f"adopt of {plan.origin}", plan, changes=False)
    for owner in (None, ""):
        plan = host.adopt("two", owner=owner)
        tell_plan(f"adopt of {plan.origin}", plan, changes=False)
    tell("nobody's", host.get("two"))


def state(host: vcluster.FakeClient) -> None:
    """Nothing runs in pods of this host: what can be told is what is refused."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        refused("snapshot of nothing", lambda: host.snapshot("ghost", file))
        refused("no such file", lambda: host.restore("dev", file))
        file.write_text("none")
        refused("no snapshot", lambda: host.restore("dev", file))
        batch = vcluster.Batch()
        batch.snapshot("ghost", file)
        batch.restore("dev", file)
        tell_results("batch", batch.run(host, parallel=1))


def rights() -> None:
    print(vcluster.rights("pause", namespace="team", service_account="robot"), end="")
    refused("rights", lambda: vcluster.rights("fly"))


def end(host: vcluster.FakeClient) -> None:
    annotate(host, "dev", GUARD, "true")
    for one in host.plan_delete("dev").changes:
        if one.impact == "refused":
            print(f"guarded: {one.action} {one.impact} {one.kind}/{one.name}")
    refused("guarded", lambda: host.delete("dev"))
    annotate(host, "dev", GUARD, None)
    tell_plan("delete", host.plan_delete("dev"))
    host.delete("dev")
    refused("after it is gone", lambda: host.get("dev"))
    refused("once more", lambda: host.delete("dev"))
    host.delete("dev", missing_ok=True)
    tell_plan("nothing there", host.plan_delete("dev", missing_ok=True))
    host.delete("two")
    print(f"left: {len(host.list())}, leaks: {len(host.audit(grace=0).changes)}")


def main() -> int:
    with vcluster.FakeClient() as host:
        host.put(FULL)
        make(host)
        change(host)
        sleep(host)
        lease(host)
        many(host)
        check(host)
        reap(host)
        adopt(host)
        state(host)
        rights()
        end(host)
    return 0


if __name__ == "__main__":
    sys.exit(main())
