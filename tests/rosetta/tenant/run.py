# SPDX-License-Identifier: Apache-2.0
"""Two tenants on one host: what one makes inside, neither the host nor the other sees.

The same scenario as run.c and run_test.go, with the same transcript (expected.txt).
"""

import os
import sys
import time
from typing import Any

import vcluster

TENANTS = ("rosetta-a", "rosetta-b")
# What it is called in the transcript, and the object.
OBJECTS: dict[str, dict[str, Any]] = {
    "namespace blue": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blue"}},
    "configmap blue/settings": {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "blue"},
        "data": {"colour": "blue"},
    },
    "crd widgets.rosetta.example.com": {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.rosetta.example.com"},
        "spec": {
            "group": "rosetta.example.com",
            "scope": "Namespaced",
            "names": {
                "plural": "widgets",
                "singular": "widget",
                "kind": "Widget",
                "listKind": "WidgetList",
            },
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    },
    "widget blue/first": {
        "apiVersion": "rosetta.example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "first", "namespace": "blue"},
        "spec": {"size": 1},
    },
    "clusterrole rosetta-reader": {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "rosetta-reader"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    },
    "serviceaccount blue/robot": {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "robot", "namespace": "blue"},
    },
}


def established(event: vcluster.Event) -> bool:
    """Whether a CRD is accepted, which takes the API server a moment."""
    conditions = event.object.get("status", {}).get("conditions") or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)


def wait_until_served(inside: vcluster.Client) -> None:
    """An accepted kind is among those that the server names another moment later."""
    deadline = time.monotonic() + 30
    while True:
        try:
            inside.resources.list("rosetta.example.com/v1", "Widget")
            return
        except vcluster.NotFoundError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def make(inside: vcluster.Client) -> None:
    for title, manifest in OBJECTS.items():
        stored = inside.resources.apply(manifest)
        if stored["kind"] == "CustomResourceDefinition":
            inside.resources.watch(
                stored["apiVersion"],
                stored["kind"],
                established,
                field_selector=f"metadata.name={stored['metadata']['name']}",
                timeout=30,
            )
            wait_until_served(inside)
        print(f"{title}: made")


def look(who: str, client: vcluster.Client) -> None:
    for title, manifest in OBJECTS.items():
        try:
            client.resources.get(
                manifest["apiVersion"],
                manifest["kind"],
                manifest["metadata"]["name"],
                namespace=manifest["metadata"].get("namespace"),
            )
            seen = "yes"
        except vcluster.NotFoundError:  # the object, its namespace or its kind
            seen = "no"
        print(f"{who} sees {title}: {seen}")


def list_tenants(host: vcluster.Client) -> None:
    found = [i for i in host.list() if i.name.startswith("rosetta-")]
    for instance in sorted(found, key=lambda i: i.name):
        print(f"list: {instance.name} {instance.namespace} {instance.distribution}")
    if not found:
        print("list: none")


def adopt(host: vcluster.Client, name: str) -> None:
    """Its release is lost: what is left looks as if manifests had been applied."""
    namespace = f"vcluster-{name}"
    host.resources.delete("v1", "Secret", f"sh.helm.release.v1.{name}.v1", namespace=namespace)
    plan = host.adopt(name, namespace=namespace)
    print(f"adopt {name}: {plan.origin}, {len(plan.changes)} change, impact {plan.impact}")


def run(host: vcluster.Client) -> None:
    for name in TENANTS:
        made = host.create(name, namespace=f"vcluster-{name}", distribution="embedded")
        print(f"create {name}: {'ready' if made.ready else made.status}")
    list_tenants(host)
    adopt(host, "rosetta-b")
    with host.open("rosetta-a", namespace="vcluster-rosetta-a") as inside:
        print(f"open rosetta-a: {inside.server_version()}")
        make(inside)
    look("host", host)
    with host.open("rosetta-b", namespace="vcluster-rosetta-b") as other:
        look("rosetta-b", other)
    for name in TENANTS:
        host.delete(name, namespace=f"vcluster-{name}")
        print(f"delete {name}: gone")
    list_tenants(host)


def open_host() -> vcluster.Client | None:
    """The host of $VCLUSTER_TEST_KUBECONFIG, or one in memory."""
    if os.environ.get("VCLUSTER_ROSETTA_HOST") == "fake":
        return vcluster.FakeClient()
    kubeconfig = os.environ.get("VCLUSTER_TEST_KUBECONFIG")
    return vcluster.Client(kubeconfig) if kubeconfig else None


def main() -> int:
    opened = open_host()
    if not opened:
        print("SKIP: VCLUSTER_TEST_KUBECONFIG is not set", file=sys.stderr)
        return 77
    with opened as host:
        for name in TENANTS:  # of a run that was interrupted
            host.delete(name, namespace=f"vcluster-{name}", missing_ok=True)
        try:
            run(host)
        finally:
            for name in TENANTS:
                host.delete(name, namespace=f"vcluster-{name}", missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
