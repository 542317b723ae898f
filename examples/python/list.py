# SPDX-License-Identifier: Apache-2.0
"""List the virtual clusters of the host."""

import sys

import vcluster


def main() -> int:
    try:
        with vcluster.Client() as host:
            found = host.list()
    except vcluster.VClusterError as error:
        print(error, file=sys.stderr)
        return 1
    for one in found:
        ready = "ready" if one.ready else "not ready"
        print(f"{one.name:20} {one.namespace:28} {one.status:10} {ready:9} {one.distribution}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
