# SPDX-License-Identifier: Apache-2.0
"""A process for callers that are not Python: requests and answers as JSON lines.

``python -m vcluster.rpc`` (or ``vcluster-rpc``) reads requests from standard input and writes
answers to standard output, one JSON object a line, UTF-8. Standard error is for people. The methods
are described by one JSON Schema file, :func:`schema`, from which types for other languages can be
made.

.. code-block:: text

    <- {"hello": {"protocol": 1, "version": "0.1.0", "methods": ["ensure", ...]}}
    -> {"id": 1, "method": "ensure", "params": {"name": "dev", "distribution": "embedded"}}
    <- {"id": 1, "event": "progress", "step": "pod", "object": "pod/dev-0", "message": "...",
        "elapsed": 0.4}
    <- {"id": 1, "result": {"name": "dev", "namespace": "vcluster-dev", ...}}
    <- {"id": 1, "error": {"code": "QUOTA", "message": "...", "retryable": false, ...}}
    -> {"id": 2, "method": "cancel", "params": {"id": 1}}

Any number of requests may be under way; answers come as they are ready. An id is a number or a
text, and is free again once it was answered. At the end of the input what is under way is finished,
and the process ends with 0. Credentials are in the results of ``kubeconfig`` and ``token`` alone,
never in progress or errors.
"""

from __future__ import annotations

from .schema import schema
from .server import Server

__all__ = ["Server", "schema"]
