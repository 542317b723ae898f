# SPDX-License-Identifier: Apache-2.0
"""The program: ``python -m vcluster.rpc``, also installed as ``vcluster-rpc``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys

from ..client import Client
from ..fake import FakeClient
from .schema import schema
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="vcluster-rpc",
        description="Manage virtual clusters by JSON lines on standard input and output.",
    )
    parser.add_argument("--kubeconfig", help="of the host cluster (default: as kubectl finds it)")
    parser.add_argument("--context", help="in that kubeconfig (default: its current one)")
    parser.add_argument(
        "--fake",
        action="store_true",
        help="a host in memory, for tests of programs that speak to this one",
    )
    parser.add_argument("--faults", help="with --fake: its fault script, YAML or JSON")
    parser.add_argument(
        "--workers", type=int, default=16, metavar="N", help="requests at once (default: 16)"
    )
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema and end")
    parser.add_argument("-v", "--verbose", action="store_true", help="log requests to stderr")
    arguments = parser.parse_args()
    if arguments.workers < 1:
        parser.error("--workers: at least 1 expected")
    if arguments.fake and (arguments.kubeconfig or arguments.context):
        parser.error("--fake: there is no kubeconfig of a host in memory")
    if arguments.faults and not arguments.fake:
        parser.error("--faults: --fake expected")
    return arguments


def main() -> int:
    """Run the program and give its exit code."""
    arguments = _arguments()
    if arguments.schema:
        json.dump(schema(), sys.stdout, indent=2)
        print()
        return 0
    logging.basicConfig(
        stream=sys.stderr, level=logging.DEBUG if arguments.verbose else logging.WARNING
    )
    # Results go where standard output was; what else prints in this process goes to stderr.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def make_client() -> Client:
        log = logging.getLogger("vcluster").log
        if arguments.fake:
            return FakeClient(faults=arguments.faults, log=log)
        return Client(
            arguments.kubeconfig,
            context=arguments.context,
            user_agent="vcluster-rpc",
            log=log,
        )

    server = Server(sys.stdin.buffer, sink, make_client, workers=arguments.workers)

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        server.stop()
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return 0 if server.serve() else 1


if __name__ == "__main__":
    sys.exit(main())
