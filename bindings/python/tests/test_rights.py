# SPDX-License-Identifier: Apache-2.0
"""Printing the roles of operations."""

import pytest

import vcluster


def test_rights_are_a_role():
    text = vcluster.rights(
        ["list", "connect"], namespace="team", role_name="reader", service_account="bot"
    )
    for part in ("kind: Role\n", "kind: RoleBinding\n", "name: reader\n", "pods/portforward"):
        assert part in text
    assert "kind: ClusterRole\n" in vcluster.rights("create", chart=vcluster.Chart.embedded())


def test_an_unknown_operation_is_refused():
    with pytest.raises(vcluster.InvalidArgumentError, match="list, wait, why"):
        vcluster.rights("lst")


def asked(request):
    """What a request to a namespaced path needs: group, resource and verbs."""
    path, _, query = request.path.partition("?")
    prefix, _, rest = path.partition("/namespaces/")
    parts = rest.split("/")
    group = "" if prefix == "/api/v1" else prefix.split("/")[2]
    resource, named = (parts[1], len(parts) > 2) if len(parts) > 1 else ("namespaces", True)
    verbs = {
        "GET": "get" if named else "watch" if "watch=" in query else "list",
        "POST": "create",
        "PUT": "update",
        "PATCH": "patch",
        "DELETE": "delete",
    }
    # An apply that makes the object needs both.
    made = {"create"} if request.method == "PATCH" and request.status == 201 else set()
    return {(group, resource, verb) for verb in {verbs[request.method]} | made}


def allowed(yaml):
    """What roles allow without names, inside the namespace."""
    found = set()
    for document in yaml.split("---\n"):
        role = vcluster.Config(document)
        if role.get("kind") != "Role":
            continue
        for rule in role.get("rules"):
            if "resourceNames" not in rule:
                found |= {
                    (group, resource, verb)
                    for group in rule["apiGroups"]
                    for resource in rule["resources"]
                    for verb in rule["verbs"]
                }
    return found


def test_the_role_of_an_adoption_is_what_it_asks_for():
    place = "vcluster-dev"
    record = ("v1", "Secret", "sh.helm.release.v1.dev.v1")
    with vcluster.FakeClient() as host:
        host.ensure("dev", distribution="embedded", namespace=place)
        host.resources.delete(*record, namespace=place)
        for name in ("dev", "dev-headless"):
            host.resources.delete("v1", "Service", name, namespace=place)
        host.requests(forget=True)
        host.adopt("dev", namespace=place, align=True, ttl=3600)  # without a record
        seen = host.requests(forget=True)
        host.resources.patch(*record, {"metadata": {"annotations": None}}, namespace=place)
        host.requests(forget=True)
        host.adopt("dev", namespace=place, owner="shop")  # with one of Helm's
        seen += host.requests()
    needed = set().union(*(asked(one) for one in seen if "/namespaces/" in one.path))
    given = allowed(vcluster.rights("adopt", namespace=place))
    assert needed - given == set()
    assert ("", "services", "create") in needed  # aligned
    rest = {(group, resource, verb) for group, resource, verb in given - needed if verb != "create"}
    assert rest == {
        ("apps", "deployments", "get"),  # of a virtual cluster that is one
        ("apps", "deployments", "patch"),
        ("", "secrets", "delete"),  # the new record, where somebody was faster
        ("infrastructure.cluster.x-k8s.io", "vclusters", "get"),  # where the host has that kind
    }
