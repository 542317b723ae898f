# SPDX-License-Identifier: Apache-2.0
"""Memory and references: nothing is lost, and any order of dropping things is fine."""

import gc
import os
import subprocess
import sys
import textwrap
import threading
import weakref

import pytest
from conftest import kubeconfig_for

import vcluster

KUBECONFIG = kubeconfig_for("https://127.0.0.1:1")


def resident_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def failing_calls(client):
    with pytest.raises(vcluster.VClusterError):
        client.get("Not A Name")
    with pytest.raises(vcluster.VClusterError):
        vcluster.Config("a: [\n")
    with pytest.raises(TypeError):
        client.get(5)


def documents():
    config = vcluster.Config({"a": {"b": [1, 2, {"c": "x" * 1000}]}})
    config.merge("a: {d: 1}")
    config.get("a.b[2].c")
    config.to_yaml()
    vcluster.Cancel().trigger()


def clients(log=None):
    vcluster.Client(kubeconfig_text=KUBECONFIG, log=log, on_warning=log)
    with pytest.raises(vcluster.VClusterError):
        vcluster.Client(kubeconfig_text=KUBECONFIG, context="none", log=log, on_warning=log)


def logging_clients():
    clients(lambda level, line: None)


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or "san" in os.environ.get("LD_PRELOAD", ""),
    reason="reads /proc, and sanitizers keep freed memory for a while",
)
@pytest.mark.parametrize("work", [documents, failing_calls, clients, logging_clients])
def test_memory_does_not_grow(work):
    arguments = [vcluster.Client(kubeconfig_text=KUBECONFIG)] if work is failing_calls else []
    for _ in range(200):
        work(*arguments)
    gc.collect()
    before = resident_kb()
    for _ in range(2000):
        work(*arguments)
    gc.collect()
    assert resident_kb() - before < 3000


def test_log_callback_is_dropped_with_its_client():
    class Log:
        def __call__(self, level, line):
            pass

    log = Log()
    gone = weakref.ref(log)
    client = vcluster.Client(kubeconfig_text=KUBECONFIG, log=log)
    del log
    gc.collect()
    assert gone() is not None
    del client
    gc.collect()
    assert gone() is None


def test_log_callback_of_a_client_that_was_not_made_is_dropped():
    class Log:
        def __call__(self, level, line):
            pass

    log = Log()
    gone = weakref.ref(log)
    with pytest.raises(vcluster.NotFoundError):
        vcluster.Client(kubeconfig_text=KUBECONFIG, context="none", log=log)
    del log
    gc.collect()
    assert gone() is None


def test_callback_is_dropped_after_the_call(stalled):
    class Stop(Exception):
        pass

    class Progress:
        def __call__(self, report):
            raise Stop

    progress = Progress()
    gone = weakref.ref(progress)
    with pytest.raises(Stop):
        stalled.server_version(progress=progress)
    del progress
    gc.collect()
    assert gone() is None


def test_resources_keep_their_client():
    resources = vcluster.Client(kubeconfig_text=KUBECONFIG).resources
    gc.collect()
    with pytest.raises(vcluster.UnavailableError):
        resources.get("v1", "Namespace", "x", timeout=2)


def test_clients_made_and_dropped_in_threads():
    def work():
        for _ in range(50):
            vcluster.Client(kubeconfig_text=KUBECONFIG, log=lambda level, line: None)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "left_open",
    [
        "client = vcluster.Client(kubeconfig_text=text, log=print)",
        "clients = [vcluster.Client(kubeconfig_text=text)]; clients.append(clients)",
        "watch = vcluster.Client(kubeconfig_text=text).resources.watch_iter('v1', 'Pod')",
        """
        client = vcluster.Client(kubeconfig_text=text, log=lambda level, line: None)
        def call():
            try:
                client.server_version(timeout=30)
            except vcluster.VClusterError:
                pass
        threading.Thread(target=call, daemon=True).start()
        time.sleep(0.2)
        """,
    ],
    ids=["client", "cycle", "watch", "call in a daemon thread"],
)
def test_the_interpreter_ends_with_things_left_open(stalled, left_open):
    program = "import threading, time, vcluster\n" + (
        f"text = {kubeconfig_for(stalled.server)!r}\n{textwrap.dedent(left_open)}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fork_refuses_the_old_client(refused):
    program = textwrap.dedent(
        f"""
        import os, vcluster
        client = vcluster.Client(kubeconfig_text={kubeconfig_for(refused.server)!r}, timeout=2)
        try:
            client.server_version()
        except vcluster.UnavailableError:
            pass
        child = os.fork()
        if child == 0:
            try:
                client.server_version()
            except vcluster.UnsupportedError:
                os._exit(7)
            os._exit(1)
        raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=20)
    assert done.returncode == 7
