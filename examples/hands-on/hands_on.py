# SPDX-License-Identifier: Apache-2.0
"""A first exercise: two virtual clusters, what one of them has the other does not see, and what the
host sees of both.

With the embedded control plane pods stay Pending; the steps that look at them on the host are named
and left out. VALUES are for upstream's, which runs them.
usage: hands_on.py NAME [VALUES [IMAGE]]
"""

import sys
from typing import Any

import vcluster

FRESH = ["default", "kube-node-lease", "kube-public", "kube-system"]
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}}


def deployment(image: str) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "demo"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
        },
    }


def expect(what: str, wanted: object, found: object) -> None:
    if wanted != found:
        sys.exit(f"{what}: expected {wanted}, found {found}")
    print("ok:", what)


def names(client: vcluster.Client, kind: str, namespace: str | None = None) -> list[str]:
    found = client.resources.list("v1", kind, namespace=namespace)
    return sorted(one["metadata"]["name"] for one in found)


def use(inside: vcluster.Client, image: str, runs: bool) -> None:
    expect("a new one has its own namespaces only", FRESH, names(inside, "Namespace"))
    inside.resources.apply(NAMESPACE)
    inside.resources.apply(deployment(image))
    wanted = "readyReplicas" if runs else "replicas"
    for event in inside.resources.watch_iter("apps/v1", "Deployment", namespace="demo", timeout=180):
        if event.object.get("status", {}).get(wanted) == 2:
            break
    pods = inside.resources.list("v1", "Pod", namespace="demo")
    phases = [pod["status"]["phase"] for pod in pods]
    if runs:
        expect("its two pods run", ["Running"] * 2, phases)
    else:
        expect("its controllers made two pods, which nothing runs", ["Pending"] * 2, phases)


def look(host: vcluster.Client, name: str, runs: bool) -> None:
    if not runs:
        print("skipped: pods of 'web' on the host with rewritten names (nothing runs them)")
        return
    pods = [
        pod for pod in host.host_objects(name) if pod.kind == "Pod" and pod.virtual_namespace == "demo"
    ]
    rule = [
        vcluster.sync.host_name(name, pod.namespace, "Pod", pod.virtual_name, "demo") for pod in pods
    ]
    expect("the host runs them, under names of its own", rule, [pod.name for pod in pods])
    expect("both of them", 2, len(pods))
    expect("and knows no namespace 'demo'", False, "demo" in names(host, "Namespace"))


def main(name: str, values: str | None = None, image: str = "nginx") -> None:
    both = [name, f"{name}-2"]
    config = vcluster.Config.load(values) if values else None
    distribution = "upstream" if values else "embedded"
    with vcluster.Client() as host:
        try:
            host.create(both[0], config, distribution=distribution, ttl=3600)
            with host.open(both[0]) as inside:
                use(inside, image, values is not None)
            look(host, both[0], values is not None)
            host.create(both[1], config, distribution=distribution, ttl=3600)
            with host.open(both[1]) as inside:
                expect("the second knows nothing of 'demo'", FRESH, names(inside, "Namespace"))
        finally:
            for one in both:
                host.delete(one, missing_ok=True)
        left = {one.name for one in host.list()} & set(both)
        expect("both are gone", set(), left)


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
