# SPDX-License-Identifier: Apache-2.0
"""A chart from install to uninstall.

The same scenario as run.c and run_test.go, with the same transcript (expected.txt).
"""

import os
import pathlib
import sys

import vcluster

HELLO = pathlib.Path(__file__).parents[3] / "examples" / "charts" / "hello"
NAME, NAMESPACE = "rosetta", "default"
EVENING = {"greeting": "Good evening"}


def diff(releases: vcluster.Releases, chart: vcluster.Chart) -> None:
    changes = releases.diff(NAME, chart, EVENING, namespace=NAMESPACE)
    for change in changes:
        paths = " ".join(field.path for field in change.fields)
        print(f"diff: {change.change} {change.kind} {change.name} {paths}")
    if not changes:
        print("diff: nothing")


def run(releases: vcluster.Releases, chart: vcluster.Chart) -> None:
    first = releases.install(NAME, chart, namespace=NAMESPACE)
    print(f"install: revision {first.revision} {first.status}")
    print(f"notes: {first.notes}", end="")
    try:
        releases.install(NAME, chart, namespace=NAMESPACE)
    except vcluster.AlreadyExistsError as error:
        print(f"install again: {error.code}")
    diff(releases, chart)
    second = releases.upgrade(NAME, chart, EVENING, namespace=NAMESPACE)
    print(f"upgrade: revision {second.revision} {second.status}")
    diff(releases, chart)
    third = releases.rollback(NAME, namespace=NAMESPACE)
    print(f"rollback: revision {third.revision} {third.status}")
    for release in releases.history(NAME, namespace=NAMESPACE):
        print(f"history: {release.revision} {release.status} {release.description}")
    print(f"same manifest as at first: {'yes' if third.manifest == first.manifest else 'no'}")
    releases.uninstall(NAME, namespace=NAMESPACE)
    print("uninstall: done")
    try:
        releases.get(NAME, namespace=NAMESPACE)
    except vcluster.NotFoundError as error:
        print(f"get: {error.code}")


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
    chart = vcluster.Chart(HELLO)
    print(f"{chart.name} {chart.version} is a chart")
    try:
        chart.validate({"greeting": 1})
    except vcluster.ConfigError as error:
        print(f"greeting 1: {error.code}, {len(error.findings)} finding")
    with opened as host:
        host.releases.uninstall(NAME, namespace=NAMESPACE, missing_ok=True)
        try:
            run(host.releases, chart)
        finally:
            host.releases.uninstall(NAME, namespace=NAMESPACE, missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
