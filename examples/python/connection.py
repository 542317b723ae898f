# SPDX-License-Identifier: Apache-2.0
"""Leave a tunnel behind that outlives this program: connection.py start NAME VCL | list | stop ID

VCL is the path of vcl, a process of which holds it.
"""

import sys

import vcluster
from vcluster import connection


def main(verb: str, *operands: str) -> None:
    if verb == "start":
        name, program = operands
        with vcluster.Client() as host:
            held = host.start_connection(name, program=program)
        print(f"{held.id}: {held.url}, process {held.pid}")  # it goes on
    elif verb == "list":
        for one in connection.running():
            print(one.id, one.name, one.url)
    else:
        connection.stop(operands[0])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
