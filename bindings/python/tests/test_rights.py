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
