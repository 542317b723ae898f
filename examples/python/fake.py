# SPDX-License-Identifier: Apache-2.0
"""A unit test without a cluster, against a host in memory.

usage: fake.py, or python -m pytest fake.py
"""

import vcluster


def make_tenant(host: vcluster.Client, name: str) -> str:
    """What is tested: a program's own function."""
    made = host.ensure(name, distribution="embedded")
    return "ready" if made.ready else made.status


def test_a_tenant_is_made_while_the_api_server_is_out_of_order() -> None:
    faults = [{"method": "PATCH", "at": 3, "status": 503, "retryAfter": 1}]
    with vcluster.FakeClient(faults=faults) as host:
        assert make_tenant(host, "team-a") == "ready"
        assert [one.status for one in host.requests()].count(503) == 1
        assert [one.name for one in host.list()] == ["team-a"]


if __name__ == "__main__":
    test_a_tenant_is_made_while_the_api_server_is_out_of_order()
    print("team-a was made, though a request failed on the way")
