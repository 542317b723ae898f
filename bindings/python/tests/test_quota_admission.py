# SPDX-License-Identifier: Apache-2.0
"""``quota.fits`` against the API server itself: random quotas, limit ranges and objects.

The server decides on each object by a dry run, in namespaces with quotas that are partly used up.
VCLUSTER_ADMISSION_CASES says how many cases there are, VCLUSTER_ADMISSION_SEED which ones.
"""

import json
import os
import random
import time

import vcluster

CASES = int(os.environ.get("VCLUSTER_ADMISSION_CASES", "60"))
SEED = int(os.environ.get("VCLUSTER_ADMISSION_SEED", "1"))
PER_NAMESPACE = 20

CPU = ["50m", "100m", "0.25", "500m", "1", "1500m", "2", "4"]
MEMORY = ["32Mi", "64Mi", "128M", "256Mi", "0.5Gi", "1Gi", "2e9", "4Gi"]
STORAGE = ["100Mi", "512Mi", "1Gi", "2G", "3Gi", "10Gi"]
COUNT = ["0", "1", "2", "3", "5", "8"]
HARD = {
    "pods": COUNT,
    "count/pods": COUNT,
    "cpu": CPU,
    "requests.cpu": CPU,
    "limits.cpu": CPU,
    "memory": MEMORY,
    "requests.memory": MEMORY,
    "limits.memory": MEMORY,
    "requests.ephemeral-storage": STORAGE,
    "services": COUNT,
    "services.nodeports": COUNT,
    "services.loadbalancers": COUNT,
    "configmaps": COUNT,
    "count/configmaps": COUNT,
    "count/secrets": COUNT,
    "persistentvolumeclaims": COUNT,
    "requests.storage": STORAGE,
    "gold.storageclass.storage.k8s.io/requests.storage": STORAGE,
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims": COUNT,
}
OF_PODS = ["pods", "requests.cpu", "limits.cpu", "requests.memory", "limits.memory"]
SCOPES = [["BestEffort"], ["NotBestEffort"], ["Terminating"], ["NotTerminating"]]


def some(rand, choices, chance):
    """A random part of a mapping of names to lists of amounts."""
    return {name: rand.choice(amounts) for name, amounts in choices.items() if rand.random() < chance}


def quota(rand, name):
    if rand.random() < 0.25:
        scopes = rand.choice(SCOPES)
        names = ["pods"] if scopes == ["BestEffort"] else OF_PODS
        hard = some(rand, {name: HARD[name] for name in names}, 0.6) or {"pods": "2"}
        spec = {"hard": hard, "scopes": scopes}
    else:
        spec = {"hard": some(rand, HARD, 0.25) or {"pods": "2"}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec}


def limit_range(rand, name):
    container = {"type": "Container"}
    for member, chance in (("min", 0.2), ("max", 0.3), ("default", 0.4), ("defaultRequest", 0.4)):
        amounts = {"cpu": CPU, "memory": MEMORY}
        if member == "min":
            amounts = {"cpu": CPU[:2], "memory": MEMORY[:2]}
        if member == "max":
            amounts = {"cpu": CPU[4:], "memory": MEMORY[4:]}
        chosen = some(rand, amounts, chance)
        if chosen:
            container[member] = chosen
    if rand.random() < 0.2:
        container["maxLimitRequestRatio"] = {"cpu": rand.choice(["1", "2", "4"])}
    limits = [container]
    if rand.random() < 0.3:
        limits.append({"type": "Pod", "max": some(rand, {"cpu": CPU[5:], "memory": MEMORY[5:]}, 0.7)})
    if rand.random() < 0.4:
        limits.append({"type": "PersistentVolumeClaim", "max": {"storage": rand.choice(STORAGE[2:])}})
    spec = {"limits": limits}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": name}, "spec": spec}


def container(rand, name):
    amounts = {"cpu": CPU, "memory": MEMORY, "ephemeral-storage": STORAGE}
    resources = {}
    for member in ("requests", "limits"):
        chosen = some(rand, amounts, 0.4)
        if chosen:
            resources[member] = chosen
    return {"name": name, "image": "none.invalid/none:1", "resources": resources}


def pod(rand):
    spec = {
        "containers": [container(rand, f"c{i}") for i in range(rand.choice([1, 1, 1, 2, 3]))],
        "nodeSelector": {"libvcluster.dev/nowhere": "true"},
    }
    if rand.random() < 0.3:
        spec["initContainers"] = [container(rand, "i0")]
        if rand.random() < 0.5:
            spec["initContainers"][0]["restartPolicy"] = "Always"
    if rand.random() < 0.2:
        spec["activeDeadlineSeconds"] = 60
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec}


def claim(rand):
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": rand.choice(STORAGE)}},
        "storageClassName": rand.choice(["gold", "silver"]),
    }
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec}


def service(rand):
    ports = [{"name": f"p{i}", "port": 80 + i} for i in range(rand.choice([1, 2, 3]))]
    spec = {"type": rand.choice(["ClusterIP", "NodePort", "LoadBalancer"]), "ports": ports}
    if spec["type"] == "LoadBalancer" and rand.random() < 0.5:
        spec["allocateLoadBalancerNodePorts"] = False
    return {"apiVersion": "v1", "kind": "Service", "spec": spec}


def plain(rand):
    return {"apiVersion": "v1", "kind": rand.choice(["ConfigMap", "Secret"])}


def any_object(rand, name):
    made = rand.choice([pod, pod, pod, pod, claim, service, plain])(rand)
    made["metadata"] = {"name": name}
    return made


def constraints(host, namespace):
    """What the namespace has, without what changes with every reading."""
    found = host.resources.list("v1", "ResourceQuota", namespace=namespace)
    found += host.resources.list("v1", "LimitRange", namespace=namespace)
    for item in found:
        item["metadata"] = {"name": item["metadata"]["name"]}
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": found})


def settled(host, namespace):
    """Wait until the controllers have counted what is there."""
    deadline = time.monotonic() + 60
    before = ""
    while time.monotonic() < deadline:
        quotas = host.resources.list("v1", "ResourceQuota", namespace=namespace)
        counted = all(q.get("status", {}).get("hard") == q["spec"]["hard"] for q in quotas)
        maps = host.resources.list("v1", "ConfigMap", namespace=namespace)
        now = constraints(host, namespace)
        if counted and maps and now == before:
            return
        before = now
        time.sleep(0.3)
    raise AssertionError(f"the quotas of {namespace} were not counted within a minute")


def prepare(host, namespace, rand):
    """Something that is there already, then quotas and limit ranges above and below it."""
    resources = host.resources
    for index in range(rand.randrange(6)):
        try:
            resources.apply(any_object(rand, f"old{index}"), namespace=namespace)
        except vcluster.VClusterError as error:
            assert error.http_status == 422, error
    ranges = rand.choice([0, 1, 1, 2])
    wanted = [quota(rand, f"q{i}") for i in range(rand.choice([1, 1, 2]))]
    wanted += [limit_range(rand, f"l{i}") for i in range(ranges)]
    for made in wanted:
        try:
            resources.apply(made, namespace=namespace)
        except vcluster.VClusterError as error:
            assert error.http_status == 422, error
    settled(host, namespace)


def admitted(host, namespace, made):
    """Whether the server would take it; None: it is no valid object, quotas apart."""
    try:
        host.resources.apply(made, namespace=namespace, dry_run=True)
    except vcluster.VClusterError as error:
        if error.http_status == 422:
            return None
        assert error.http_status == 403, error
        return False, str(error)
    return True, ""


def test_fits_agrees_with_the_admission_of_the_server(host):
    rand = random.Random(SEED)
    done = refused = rounds = 0
    disagreements = []
    while done < CASES:
        rounds += 1
        name = f"vcluster-admission-{SEED}-{rounds}-{os.getpid()}"
        host.resources.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        try:
            prepare(host, name, rand)
            for index in range(min(PER_NAMESPACE, CASES - done)):
                made = any_object(rand, f"new{index}")
                before = constraints(host, name)
                answer = admitted(host, name, made)
                while constraints(host, name) != before:  # a controller was at work meanwhile
                    before = constraints(host, name)
                    answer = admitted(host, name, made)
                if answer is None:
                    continue
                report = vcluster.quota.fits(before, json.dumps(made))
                if any(finding.rule == "limit-range-order" for finding in report.findings):
                    continue  # the server takes any of two defaults
                done += 1
                refused += not answer[0]
                if answer[0] != (len(report) == 0):
                    disagreements.append((before, made, answer[1], str(report)))
        finally:
            host.resources.delete("v1", "Namespace", name)
    print(f"{done} cases, {refused} refused, {len(disagreements)} disagreements")
    for quotas, made, server, report in disagreements:
        print(f"{quotas}\n{json.dumps(made)}\nserver: {server or 'admitted'}\nfits: {report}")
    assert disagreements == []
    assert 0 < refused < done
