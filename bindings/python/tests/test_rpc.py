# SPDX-License-Identifier: Apache-2.0
"""The process that speaks JSON lines: what it answers, whatever it is sent."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading

import pytest

from vcluster.rpc import schema
from vcluster.rpc.methods import METHODS
from vcluster.rpc.schema import KEYWORDS, violations
from vcluster.rpc.server import MAX_LINE


class Process:
    """A running vcluster.rpc, and its answers by id."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vcluster.rpc", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.hello = self.next()["hello"]

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def next(self):
        return self.lines.get(timeout=60)

    def answer(self, request_id):
        """The result or error of a request; what comes before it is dropped."""
        while True:
            line = self.next()
            if line.get("id") == request_id and "event" not in line:
                return line

    def send(self, request):
        text = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.process.stdin.write(text + b"\n")
        self.process.stdin.flush()

    def ask(self, request_id, method, **params):
        self.send({"id": request_id, "method": method, "params": params})
        return self.answer(request_id)

    def end(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)


@pytest.fixture
def rpc(tmp_path, stalled_server):
    process = Process("--kubeconfig", stalled_server)
    yield process
    process.process.kill()
    process.process.wait()
    process.process.stdin.close()
    process.process.stdout.close()


def test_it_says_who_it_is(rpc):
    assert rpc.hello["protocol"] == 1
    assert set(rpc.hello["methods"]) == set(METHODS) | {"cancel"}
    assert rpc.ask("a", "version")["result"]["version"] == rpc.hello["version"]
    assert rpc.end() == 0


def test_garbage_is_answered_and_the_next_request_works(rpc):
    for line in (b"{", b"\xff\xfe", b"[1]", b"null", b"[" * 100_000, b"{}" + b" " * MAX_LINE):
        rpc.send(line)
        answer = rpc.next()
        assert answer["id"] is None
        assert answer["error"]["code"] == "INVALID_REQUEST"
    rpc.send(b"")
    rpc.send({"id": 1, "method": "version"})
    assert rpc.next()["id"] == 1


def test_wrong_requests_say_what_is_wrong(rpc):
    assert rpc.ask(1, "explode")["error"]["code"] == "METHOD_NOT_FOUND"
    error = rpc.ask(2, "ensure", nam="dev", timeout="soon")["error"]
    assert error["code"] == "INVALID_ARGUMENT"
    assert "params.name: it is missing" in error["message"]
    assert "params.nam: there is no such parameter" in error["message"]
    assert "params.timeout: number expected" in error["message"]
    rpc.send({"id": True, "method": "version"})
    assert rpc.next()["error"]["code"] == "INVALID_REQUEST"
    error = rpc.ask(3, "ensure", name="Not A Label")["error"]
    assert error["code"] == "INVALID_ARGUMENT"
    assert not error["retryable"]


def test_requests_run_beside_each_other_and_can_be_cancelled(rpc):
    for number in range(10):
        rpc.send({"id": number, "method": "get", "params": {"name": "dev", "timeout": 50}})
    assert rpc.ask("quick", "syncRules")["result"][0]["resource"] == "pods"
    assert rpc.ask(3, "version")["error"]["message"] == "id 3 is under way already"
    for number in range(10):
        rpc.send({"id": f"stop {number}", "method": "cancel", "params": {"id": number}})
    left = set(range(10))
    while left:
        answer = rpc.next()
        if answer["id"] in left:
            assert answer["error"]["code"] == "CANCELLED"
            left.remove(answer["id"])
        else:
            assert answer["result"] == {"cancelled": True}
    while (answer := rpc.ask("late", "cancel", id=3)).get("result") is None:
        pass
    assert answer["result"] == {"cancelled": False}


def test_more_requests_than_workers_wait(stalled_server):
    rpc = Process("--kubeconfig", stalled_server, "--workers", "1")
    rpc.send({"id": 1, "method": "get", "params": {"name": "dev", "timeout": 50}})
    rpc.send({"id": 2, "method": "version"})
    rpc.send({"id": 3, "method": "cancel", "params": {"id": 2}})
    assert rpc.next()["id"] == 3
    rpc.send({"id": 4, "method": "cancel", "params": {"id": 1}})
    answers = {line["id"]: line for line in (rpc.next(), rpc.next(), rpc.next())}
    assert answers[1]["error"]["code"] == answers[2]["error"]["code"] == "CANCELLED"
    assert rpc.end() == 0


@pytest.fixture
def fake():
    process = Process("--fake", "--faults", "[{method: GET, path: /version, status: 500}]")
    yield process
    assert process.end() == 0
    process.process.stdout.close()


def test_a_host_in_memory_answers_as_a_real_one_would(fake):
    failed = fake.ask(0, "ensure", name="dev", distribution="embedded")["error"]
    assert failed["code"] == "UNAVAILABLE" and failed["retryable"]  # as the script says
    made = fake.ask(1, "ensure", name="dev", distribution="embedded")["result"]
    assert made["ready"] and made["namespace"] == "vcluster-dev"
    assert [one["name"] for one in fake.ask(2, "list")["result"]] == ["dev"]
    assert fake.ask(3, "wait", name="dev")["result"]["ready"]
    assert fake.ask(4, "delete", name="dev")["result"] is None
    assert fake.ask(5, "get", name="dev")["error"]["code"] == "NOT_FOUND"


def test_what_was_rendered_is_read_back(fake):
    spec = {"name": "team-alpha", "team": "alpha", "owner": "o@example.com", "quota": {"pods": 5}}
    files = fake.ask(1, "render", spec=spec, format="flux")["result"]["files"]
    read = fake.ask(2, "import", files=files)["result"]["spec"]
    assert set(read.splitlines()) >= {"name: team-alpha", "owner: o@example.com", "quota:", "  pods: 5"}
    assert fake.ask(3, "render", spec=read)["result"]["files"] == files
    refused = fake.ask(4, "import", files={"a.yaml": 7})["error"]
    assert refused["code"] == "INVALID_ARGUMENT" and "params.files.a.yaml" in refused["text"]


def test_the_end_of_the_input_lets_requests_finish(rpc):
    rpc.send({"id": 1, "method": "get", "params": {"name": "dev", "timeout": 1}})
    assert rpc.end() == 0
    assert rpc.answer(1)["error"]["code"] == "TIMEOUT"


def test_a_signal_stops_what_is_under_way(rpc):
    rpc.send({"id": 1, "method": "get", "params": {"name": "dev", "timeout": 50}})
    rpc.ask(2, "version")
    rpc.process.send_signal(signal.SIGTERM)
    assert rpc.process.wait(timeout=60) == 128 + signal.SIGTERM


def test_a_kubeconfig_that_is_missing_is_an_answer(tmp_path):
    rpc = Process("--kubeconfig", str(tmp_path / "none"))
    assert rpc.ask(1, "list")["error"]["code"] == "NOT_FOUND"
    assert rpc.end() == 0


def parameter_schemas():
    yield schema()["$defs"]["request"]
    for method in schema()["methods"].values():
        yield method["params"]


def walk(node):
    yield node
    for member in [*node.get("properties", {}).values(), *node.get("oneOf", ())]:
        yield from walk(member)
    if "items" in node:
        yield from walk(node["items"])


def test_the_schema_describes_every_method_in_words_that_are_checked():
    assert set(schema()["methods"]) == set(METHODS) | {"cancel"}
    for described in parameter_schemas():
        assert described["additionalProperties"] is False
        for node in walk(described):
            assert set(node) <= KEYWORDS, node


def test_what_violates_a_schema_is_named():
    wanted = {"type": "object", "properties": {"a": {"type": "array", "items": {"minimum": 2}}}}
    assert list(violations({"a": [2, 1]}, wanted)) == ["params.a[1]: at least 2 expected"]
    assert list(violations(True, {"type": "integer"})) == ["params: integer expected"]


def test_results_on_the_host_fit_the_schema(host, namespace):
    rpc = Process("--kubeconfig", os.environ["VCLUSTER_TEST_KUBECONFIG"])
    made = rpc.ask(
        1,
        "ensure",
        name="rpc",
        namespace=namespace,
        distribution="embedded",
        values={
            "controlPlane": {
                "statefulSet": {"persistence": {"volumeClaim": {"enabled": False}}}
            }
        },
    )["result"]
    assert not list(violations(made, schema()["$defs"]["instance"], "result"))
    listed = rpc.ask(2, "list", namespace=namespace)["result"]
    assert [one["name"] for one in listed] == ["rpc"]
    promised = rpc.ask(4, "budget", budget={"cpu": "100k"})["result"]
    assert [namespace, ["rpc"]] in [[one["namespace"], one["names"]] for one in promised["clusters"]]
    quota = {"policies": {"resourceQuota": {"enabled": True, "quota": {"requests.cpu": "200k"}}}}
    assert rpc.ask(5, "admit", values=quota, budget="{cpu: 100k}")["result"]["fits"] is False
    assert "error" not in rpc.ask(3, "delete", name="rpc", namespace=namespace, wait=False)
    assert rpc.end() == 0
