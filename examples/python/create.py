# SPDX-License-Identifier: Apache-2.0
"""Create a virtual cluster and show how it comes up: create.py NAME"""

import sys

import vcluster


def show(progress: vcluster.Progress) -> None:
    if not progress.is_tick:
        print(f"{progress.elapsed:5.1f} s  {progress}")


def main(name: str) -> int:
    with vcluster.Client() as host:
        try:
            made = host.ensure(name, distribution="embedded", timeout=300, progress=show)
        except vcluster.VClusterError as error:
            print(error, file=sys.stderr)
            for finding in error.findings:
                print(f"  {finding.path}: {finding.message}", file=sys.stderr)
            return 1
    print(f"{made.name} in {made.namespace}: {made.status}, Kubernetes {made.kubernetes_version}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
