# SPDX-License-Identifier: Apache-2.0
"""Tell where a virtual cluster can be reached, and why not elsewhere: endpoint.py NAME"""

import sys

import vcluster


def main(name: str) -> int:
    try:
        with vcluster.Client() as host:
            way = host.endpoint(name)
    except vcluster.VClusterError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{name} is reached by {way.kind} {way.url}")
    for candidate in way.candidates:
        if candidate.reason:
            print(f"  not by {candidate.kind} {candidate.url}: {candidate.reason}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
