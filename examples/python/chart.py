# SPDX-License-Identifier: Apache-2.0
"""A Helm chart through its life, from install to uninstall: chart.py RELEASE NAMESPACE CHART"""

import sys

import vcluster


def show(release: vcluster.Release) -> None:
    print(f"revision {release.revision} of {release.name} is {release.status}")


def main(name: str, namespace: str, reference: str) -> int:
    chart = vcluster.Chart.fetch(reference)
    evening = {"greeting": "Good evening"}
    with vcluster.Client(timeout=60) as host:
        releases = host.releases
        made = releases.install(name, chart, namespace=namespace, create_namespace=True)
        show(made)
        print(made.notes)
        for change in releases.diff(name, chart, evening, namespace=namespace):
            print(f"{change.change} {change.kind} {change.name}")
            for field in change.fields:
                print(f"  {field.path}: {field.old!r} -> {field.new!r}")
        show(releases.upgrade(name, chart, evening, namespace=namespace))
        show(releases.rollback(name, namespace=namespace))
        for release in releases.history(name, namespace=namespace):
            print(release.revision, release.status, release.description)
        releases.uninstall(name, namespace=namespace)
    print(f"{name} is uninstalled")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except vcluster.VClusterError as error:
        for finding in error.findings:
            print(f"{finding.path}: {finding.message}", file=sys.stderr)
        sys.exit(str(error))
