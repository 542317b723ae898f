# SPDX-License-Identifier: Apache-2.0
"""Show the namespaces inside a virtual cluster, with no other program: namespaces.py NAME"""

import sys

import vcluster


def main(name: str) -> int:
    try:
        with vcluster.Client() as host, host.open(name) as inside:
            print(f"Kubernetes {inside.server_version()}")
            for namespace in inside.resources.list("v1", "Namespace"):
                print(namespace["metadata"]["name"], namespace["status"]["phase"])
    except vcluster.VClusterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
