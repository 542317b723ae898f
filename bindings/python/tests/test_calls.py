# SPDX-License-Identifier: Apache-2.0
"""Callbacks, cancellation, Ctrl-C, threads: on a server that never answers."""

import datetime
import http.server
import signal
import sys
import threading
import time

import pytest

import vcluster


class Stop(Exception):
    pass


def test_exception_in_progress_comes_out_as_the_same_object(stalled):
    stop = Stop("enough")

    def progress(report):
        raise stop

    before = time.monotonic()
    with pytest.raises(Stop) as caught:
        stalled.server_version(progress=progress)
    assert caught.value is stop
    assert time.monotonic() - before < 5


def test_ticks_come_while_a_call_waits(stalled):
    reports = []
    with pytest.raises(vcluster.TimeoutError):
        stalled.server_version(progress=reports.append, timeout=1.2)
    assert len(reports) >= 3
    assert all(report.is_tick and str(report) == "" for report in reports)
    assert [r.elapsed for r in reports] == sorted(r.elapsed for r in reports)
    with pytest.raises(AttributeError):
        reports[0].step = "else"


def test_what_progress_returns_does_not_matter(stalled):
    with pytest.raises(vcluster.TimeoutError):
        stalled.server_version(progress=lambda report: True, timeout=0.6)


def test_progress_may_call_the_library(stalled, refused):
    seen = []

    def progress(report):
        with pytest.raises(vcluster.UnavailableError):
            refused.server_version()
        seen.append(stalled.server)

    with pytest.raises(vcluster.TimeoutError):
        stalled.server_version(progress=progress, timeout=0.8)
    assert seen


def test_cancel_from_another_thread(stalled):
    cancel = vcluster.Cancel()
    timer = threading.Timer(0.2, cancel.trigger)
    timer.start()
    before = time.monotonic()
    with pytest.raises(vcluster.CancelledError) as caught:
        stalled.list(cancel=cancel)
    assert caught.value.code == "CANCELLED"
    assert time.monotonic() - before < 5
    timer.join()
    with pytest.raises(vcluster.CancelledError):  # it is permanent
        stalled.list(cancel=cancel)


def test_interrupt_ends_a_call(stalled):
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()
    before = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stalled.delete("dev")
    assert time.monotonic() - before < 5


def test_interpreter_runs_on_during_a_call(stalled):
    done = threading.Event()
    counted = 0

    def wait():
        with pytest.raises(vcluster.TimeoutError):
            stalled.server_version(timeout=0.5)
        done.set()

    thread = threading.Thread(target=wait)
    thread.start()
    while not done.is_set():
        counted += 1
    thread.join()
    assert counted > 1000


def test_many_threads_share_a_client(stalled):
    kinds = []

    def call():
        try:
            stalled.server_version(timeout=0.3)
        except vcluster.VClusterError as error:
            kinds.append(type(error))

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == [vcluster.TimeoutError] * 16


def test_close_during_a_call_is_safe(stalled):
    threading.Timer(0.1, stalled.close).start()
    with pytest.raises(vcluster.TimeoutError):
        stalled.server_version(timeout=0.6)
    assert stalled.closed


@pytest.mark.parametrize("timeout", [0.2, datetime.timedelta(milliseconds=200), 0])
def test_timeouts_in_seconds(stalled, timeout):
    before = time.monotonic()
    with pytest.raises(vcluster.TimeoutError):
        stalled.server_version(timeout=timeout)
    assert time.monotonic() - before < 3


def test_infinite_timeout_waits_longer_than_the_default(stalled):
    cancel = vcluster.Cancel()
    threading.Timer(0.4, cancel.trigger).start()
    with pytest.raises(vcluster.CancelledError):
        stalled.server_version(timeout=float("inf"), cancel=cancel)


def test_watch_iterator_closes_in_time(stalled):
    with stalled.resources.watch_iter("v1", "Namespace", timeout=20) as watch:
        time.sleep(0.1)
        before = time.monotonic()
    assert time.monotonic() - before < 3
    assert list(watch) == []


def test_watch_iterator_raises_the_error_of_the_watch(refused):
    with refused.resources.watch_iter("v1", "Namespace", timeout=0.5) as watch:
        with pytest.raises(vcluster.VClusterError):
            next(watch)
        assert list(watch) == []


def test_a_forgotten_watch_ends(stalled):
    before = threading.active_count()
    watch = stalled.resources.watch_iter("v1", "Namespace")
    assert threading.active_count() == before + 1
    del watch
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() == before


def test_log_has_levels_of_logging(stalled):
    import logging

    lines = []
    with (
        vcluster.Client(
            kubeconfig_text=_kubeconfig_of(stalled),
            log=lambda *line: lines.append(line),
            timeout=0.3,
        ) as client,
        pytest.raises(vcluster.TimeoutError),
    ):
        client.server_version()
    assert all(level in (logging.DEBUG, logging.INFO, logging.WARNING) for level, _ in lines)
    assert not any("t0ken" in line for _, line in lines)


class _Warns(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"gitVersion": "v1.35.4"}'
        self.send_response(200)
        self.send_header("Warning", '299 - "this kind will go", 299 - "so will \\"that\\""')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_warnings_of_the_server_reach_the_caller():
    from conftest import kubeconfig_for

    told = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Warns) as server:
        threading.Thread(target=server.serve_forever).start()
        text = kubeconfig_for(f"http://127.0.0.1:{server.server_port}")
        with vcluster.Client(
            kubeconfig_text=text, on_warning=lambda *what: told.append(what), timeout=10
        ) as client:
            client.server_version()
        server.shutdown()
    assert told == [("GET /version", "this kind will go"), ("GET /version", 'so will "that"')]


def test_exception_in_log_is_reported_not_raised(refused, monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)

    def log(level, line):
        raise Stop

    with vcluster.Client(kubeconfig_text=_kubeconfig_of(refused), log=log, timeout=1) as client:
        with pytest.raises(vcluster.UnavailableError):
            client.server_version()
    for report in reported:
        assert report.exc_type is Stop


def _kubeconfig_of(client):
    from conftest import kubeconfig_for

    return kubeconfig_for(client.server)
