# SPDX-License-Identifier: Apache-2.0
"""Delete a virtual cluster and wait until it is gone: delete.py NAME"""

import sys

import vcluster


def main(name: str) -> int:
    with vcluster.Client() as host:
        try:
            host.delete(name, progress=lambda p: p.is_tick or print(p))
        except vcluster.NotFoundError:
            print(f"there is no virtual cluster '{name}'", file=sys.stderr)
            return 1
    print(f"{name} is gone")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
