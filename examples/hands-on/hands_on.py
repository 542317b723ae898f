# SPDX-License-Identifier: Apache-2.0
"""A first exercise: two virtual clusters, what one of them has the other does not see.

With the embedded control plane pods stay Pending; the steps that look at them on the host are named
and left out. usage: hands_on.py NAME
"""

import sys

import vcluster

FRESH = ["default", "kube-node-lease", "kube-public", "kube-system"]
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "demo"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "nginx", "image": "nginx"}]},
        },
    },
}


def expect(what: str, wanted: object, found: object) -> None:
    if wanted != found:
        sys.exit(f"{what}: expected {wanted}, found {found}")
    print("ok:", what)


def namespaces(client: vcluster.Client) -> list[str]:
    return sorted(one["metadata"]["name"] for one in client.resources.list("v1", "Namespace"))


def use(inside: vcluster.Client) -> None:
    expect("a new one has its own namespaces only", FRESH, namespaces(inside))
    inside.resources.apply(NAMESPACE)
    inside.resources.apply(DEPLOYMENT)
    for event in inside.resources.watch_iter("apps/v1", "Deployment", namespace="demo", timeout=120):
        if event.object.get("status", {}).get("replicas") == 2:
            break
    pods = inside.resources.list("v1", "Pod", namespace="demo")
    phases = [pod["status"]["phase"] for pod in pods]
    expect("its controllers made two pods, which nothing runs", ["Pending"] * 2, phases)


def main(name: str) -> None:
    names = [name, f"{name}-2"]
    with vcluster.Client() as host:
        try:
            host.create(names[0], distribution="embedded", ttl=3600)
            with host.open(names[0]) as inside:
                use(inside)
            print("skipped: pods of 'web' on the host with rewritten names (nothing runs them)")
            host.create(names[1], distribution="embedded", ttl=3600)
            with host.open(names[1]) as inside:
                expect("the second knows nothing of 'demo'", FRESH, namespaces(inside))
        finally:
            for one in names:
                host.delete(one, missing_ok=True)
        left = {one.name for one in host.list()} & set(names)
        expect("both are gone", set(), left)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
