# SPDX-License-Identifier: Apache-2.0
"""Pods on a real cluster: logs, commands, tunnels. Without one: what is refused."""

import io
import os
import threading
import urllib.request

import pytest

import vcluster

# It is ready when the server answers: the first lines are there by then.
SCRIPT = (
    "echo line 0; echo line 1; "
    "mkdir -p /w && echo hello > /w/index.html && httpd -p 8080 -h /w; "
    "i=2; while true; do echo line $i; i=$((i+1)); sleep 0.1; done"
)


@pytest.fixture(scope="module")
def pods(host):
    """A namespace with one pod, "web", that writes lines and serves a file."""
    name = f"vcluster-python-pods-{os.getpid()}"
    host.resources.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    container = {
        "name": "main",
        "image": "busybox:1.36",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", SCRIPT],
        "readinessProbe": {"httpGet": {"port": 8080}, "periodSeconds": 1},
    }
    host.resources.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "namespace": name, "labels": {"app": "web"}},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
        }
    )

    def is_ready(event):
        conditions = event.object.get("status", {}).get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    host.resources.watch("v1", "Pod", is_ready, namespace=name, timeout=120)
    yield name
    host.resources.delete("v1", "Namespace", name)


def test_logs(host, pods):
    text = host.pods.logs("web", namespace=pods, tail=2)
    assert len(text.splitlines()) == 2
    assert text.startswith(b"line ")
    pieces = []
    assert host.pods.logs("web", pieces.append, namespace=pods, limit_bytes=6) == b""
    assert b"".join(pieces) == b"line 0"
    with pytest.raises(vcluster.NotFoundError):
        host.pods.logs("web", namespace=pods, container="nope")


def test_logs_are_followed_line_by_line(host, pods):
    with host.pods.logs_iter("web", namespace=pods, tail=1) as lines:
        numbers = [int(next(lines).split()[1]) for _ in range(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_exec_tells_outputs_and_exit_code(host, pods):
    script = "cat; echo e >&2; exit 3"
    result = host.pods.exec("web", ["sh", "-c", script], namespace=pods, input=b"in")
    assert result == vcluster.ExecResult(3, b"in", b"e\n")
    missing = host.pods.exec("web", ["no-such-program"], namespace=pods)
    assert missing.exit_code == 127
    assert b"no-such-program" in missing.stderr


def test_exec_takes_files_and_iterables(host, pods):
    data = os.urandom(1 << 20)
    result = host.pods.exec("web", ["cat"], namespace=pods, input=io.BytesIO(data))
    assert (result.exit_code, result.stdout) == (0, data)
    result = host.pods.exec("web", ["cat"], namespace=pods, input=(b"%d " % i for i in range(3)))
    assert result.stdout == b"0 1 2 "


def test_exceptions_of_callbacks_and_inputs_come_through(host, pods):
    with pytest.raises(ZeroDivisionError):
        host.pods.exec("web", ["echo"], namespace=pods, on_stdout=lambda data: 1 / 0)

    def broken():
        yield b"a"
        raise KeyError("k")

    with pytest.raises(KeyError):
        host.pods.exec("web", ["cat"], namespace=pods, input=broken())


def test_exec_with_a_terminal(host, pods):
    size = host.pods.exec(
        "web",
        ["sh", "-c", "sleep 1; stty size"],
        namespace=pods,
        tty=True,
        terminal_size=lambda: (90, 30),
    )
    assert b"30 90" in size.stdout


def test_forward_by_name_and_by_label(host, pods):
    for pod, selector in (("web", None), (None, "app=web")):
        with host.pods.forward(pod, 8080, namespace=pods, label_selector=selector) as tunnel:
            url = f"http://127.0.0.1:{tunnel.port}/"
            assert urllib.request.urlopen(url, timeout=20).read() == b"hello\n"
            assert tunnel.connection_count == 1
            with pytest.raises(vcluster.UnsupportedError):
                tunnel.kubeconfig()
    with pytest.raises(vcluster.NotFoundError):
        host.pods.forward("nope", 8080, namespace=pods)


def test_watch_ends_with_its_deadline(host, pods):
    with pytest.raises(TimeoutError):
        host.watch(print, namespace=pods, timeout=0.3)
    with host.watch_iter(namespace=pods) as events:
        threading.Timer(0.3, events.close).start()
        assert list(events) == []


def test_wrong_arguments_are_refused(refused):
    with pytest.raises(vcluster.InvalidArgumentError):
        refused.pods.exec("web", [])
    with pytest.raises(TypeError):
        refused.pods.exec("web", [1])  # type: ignore[list-item]
    with pytest.raises(vcluster.InvalidArgumentError):
        refused.pods.forward(None, 80)
    with pytest.raises(vcluster.InvalidArgumentError):
        refused.pods.forward("web", 0)
    with pytest.raises(vcluster.InvalidArgumentError):
        refused.pods.logs("web", tail=-1, container="c")
    with pytest.raises(vcluster.UnavailableError):
        refused.pods.logs("web", container="c")
