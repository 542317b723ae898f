# SPDX-License-Identifier: Apache-2.0
"""Run a command with a kubeconfig for a virtual cluster: run.py NAME COMMAND [ARGS...]

The kubeconfig is a private file, which is gone when the command is done.
"""

import os
import subprocess
import sys
import tempfile

import vcluster


def main(name: str, command: list[str]) -> int:
    try:
        with vcluster.Client() as host, host.tunnel(name) as tunnel:
            with tempfile.NamedTemporaryFile("w", prefix="vcluster-") as file:  # mode 0600
                file.write(tunnel.kubeconfig())
                file.flush()
                return subprocess.call(command, env={**os.environ, "KUBECONFIG": file.name})
    except vcluster.VClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
