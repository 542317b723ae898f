# SPDX-License-Identifier: Apache-2.0
"""Virtual clusters as pytest fixtures: the plugin that comes with the package.

``vcluster`` is one of its own for a test, ``vcluster_module`` one for a file, ``vcluster_session``
one for the whole run (of each worker under pytest-xdist), ``vcluster_factory`` makes any number,
``vcluster_host`` is a client of the host. ``@pytest.mark.vcluster(...)`` on a test or a module takes
the arguments of ``Client.ensure``::

    @pytest.mark.vcluster(distribution="embedded", kubernetes_version="1.35")
    def test_controller(vcluster):
        vcluster.client.resources.apply(crd)

The host is the one of ``--vcluster-host-kubeconfig`` or ``$VCLUSTER_TEST_KUBECONFIG``, never the
kubeconfig of everyday work; without one these tests are skipped and say so. Every virtual cluster
expires, so that ``vcl reap`` finds what a killed run left behind.
"""

from __future__ import annotations

import os
import pathlib
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

import vcluster as library

from .testing import Cluster, diagnosis

ENVIRONMENT = "VCLUSTER_TEST_KUBECONFIG"
_FACTORIES = pytest.StashKey["list[ClusterFactory]"]()
_FAILED = pytest.StashKey[bool]()
_RUN = pytest.StashKey[str]()
_KEPT = pytest.StashKey["list[str]"]()
_COUNT = pytest.StashKey[int]()
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(text: str) -> int:
    """What "90", "30m" or "2h" says."""
    found = re.fullmatch(r"([1-9][0-9]*)([smhd]?)", text)
    if not found:
        raise ValueError(f"'{text}' is no duration such as 90s, 30m or 2h")
    return int(found[1]) * _UNITS[found[2] or "s"]


class ClusterFactory:
    """Makes virtual clusters: ``vcluster_factory(distribution="embedded")``."""

    def __init__(self, host: library.Client, config: pytest.Config) -> None:
        self._host = host
        self._config = config
        self._names: list[str] = []
        self._clusters: list[Cluster] = []

    def __call__(self, config: Any = None, **options: Any) -> Cluster:
        """A new one.

        :param config: values, as :meth:`vcluster.Client.ensure` has them
        :param options: the other arguments of that; name and namespace are chosen here, and a TTL
            is always set
        """
        name = _next_name(self._config)
        settings: dict[str, Any] = {
            "distribution": self._config.getoption("vcluster_distribution"),
            "timeout": _option_seconds(self._config, "vcluster_timeout"),
            "ttl": _option_seconds(self._config, "vcluster_ttl"),
            "owner": f"pytest-{_run_id(self._config)}",
        }
        settings.update(options, namespace=f"vcluster-{name}")
        self._names.append(name)
        cluster = Cluster(self._host, self._host.create(name, config, **settings))
        self._clusters.append(cluster)
        return cluster

    def diagnose(self) -> Iterator[tuple[str, str]]:
        """For each: its name, and what the host tells about it."""
        for name in self._names:
            yield name, diagnosis(self._host, f"vcluster-{name}")

    def finish(self, failed: bool) -> None:
        """Delete all, or keep them where the options say so."""
        for cluster in self._clusters:
            cluster.close()
        keep = self._config.getoption("vcluster_keep")
        if keep == "always" or (failed and keep == "on-failure"):
            self._config.stash[_KEPT].extend(self._names)
            return
        timeout = _option_seconds(self._config, "vcluster_timeout")
        batch = library.Batch()
        for name in self._names:
            batch.delete(name, namespace=f"vcluster-{name}", missing_ok=True)
        failures = [r.error for r in batch.run(self._host, timeout=timeout) if r.error]
        if failures:
            raise failures[0]


def _option_seconds(config: pytest.Config, name: str) -> int:
    try:
        return _seconds(config.getoption(name))
    except ValueError as error:
        raise pytest.UsageError(f"--{name.replace('_', '-')}: {error}") from None


def _worker(config: pytest.Config) -> dict[str, Any]:
    """What pytest-xdist told this worker; nothing without it."""
    return getattr(config, "workerinput", {})


def _run_id(config: pytest.Config) -> str:
    """The same in all workers of one run."""
    run: str = _worker(config).get("testrunuid") or config.stash[_RUN]
    return run[:8]


def _next_name(config: pytest.Config) -> str:
    """``pt-RUN-WORKER-NUMBER``: no two workers, and no two runs, take the same one."""
    config.stash[_COUNT] += 1
    worker = _worker(config).get("workerid", "main")
    return f"pt-{_run_id(config)}-{worker}-{config.stash[_COUNT]}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, in a group of their own."""
    group = parser.getgroup("vcluster", "virtual Kubernetes clusters")
    group.addoption(
        "--vcluster-host-kubeconfig",
        metavar="PATH",
        help=f"kubeconfig of the cluster to test on (default: ${ENVIRONMENT})",
    )
    group.addoption(
        "--vcluster-distribution",
        metavar="NAME",
        help="upstream (default), or embedded, which runs no workloads",
    )
    group.addoption(
        "--vcluster-keep",
        nargs="?",
        const="always",
        default="never",
        choices=("never", "on-failure", "always"),
        help="leave virtual clusters behind until they expire (alone: always)",
    )
    group.addoption(
        "--vcluster-ttl", default="2h", metavar="TIME", help="when they expire (default: 2h)"
    )
    group.addoption(
        "--vcluster-timeout",
        default="5m",
        metavar="TIME",
        help="how long one may take to come or to go (default: 5m)",
    )
    group.addoption(
        "--vcluster-diagnostics",
        metavar="DIR",
        type=pathlib.Path,
        help="where a file is written for each virtual cluster of a test that fails",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The mark, and what belongs to this run."""
    config.addinivalue_line(
        "markers", "vcluster(**options): arguments of Client.ensure for the fixture vcluster"
    )
    config.stash[_RUN] = secrets.token_hex(4)
    config.stash[_KEPT] = []
    config.stash[_COUNT] = 0
    for option in ("vcluster_ttl", "vcluster_timeout"):
        _option_seconds(config, option)


@pytest.fixture(scope="session")
def vcluster_host(pytestconfig: pytest.Config) -> Iterator[library.Client]:
    """A client of the host cluster."""
    path = pytestconfig.getoption("vcluster_host_kubeconfig") or os.environ.get(ENVIRONMENT)
    if not path:
        pytest.skip(f"no host cluster: neither --vcluster-host-kubeconfig nor ${ENVIRONMENT}")
    with library.Client(path, user_agent="pytest-vcluster") as client:
        yield client


@pytest.fixture
def vcluster_fake() -> Iterator[library.FakeClient]:
    """A host in memory that only this test has, for unit tests without any cluster."""
    with library.FakeClient() as client:
        yield client


def _factory(
    request: pytest.FixtureRequest, host: library.Client
) -> Iterator[ClusterFactory]:
    """One that lasts as long as the test, module or session that asks for it."""
    factory = ClusterFactory(host, request.config)
    request.node.stash.setdefault(_FACTORIES, []).append(factory)
    try:
        yield factory
    finally:
        factory.finish(request.node.stash.get(_FAILED, False))


def _marked(request: pytest.FixtureRequest, factory: ClusterFactory) -> Cluster:
    """As the mark of a test or module says."""
    mark = request.node.get_closest_marker("vcluster")
    return factory(*mark.args, **mark.kwargs) if mark else factory()


@pytest.fixture
def vcluster_factory(
    request: pytest.FixtureRequest, vcluster_host: library.Client
) -> Iterator[ClusterFactory]:
    """Makes virtual clusters that last as long as the test."""
    yield from _factory(request, vcluster_host)


@pytest.fixture
def vcluster(request: pytest.FixtureRequest, vcluster_factory: ClusterFactory) -> Cluster:
    """A virtual cluster that only this test has."""
    return _marked(request, vcluster_factory)


@pytest.fixture(scope="module")
def vcluster_module(
    request: pytest.FixtureRequest, vcluster_host: library.Client
) -> Iterator[Cluster]:
    """A virtual cluster that the tests of a module share; ``pytestmark`` may say which."""
    for factory in _factory(request, vcluster_host):
        yield _marked(request, factory)


@pytest.fixture(scope="session")
def vcluster_session(
    request: pytest.FixtureRequest, vcluster_host: library.Client
) -> Iterator[Cluster]:
    """A virtual cluster that all tests of this process share."""
    for factory in _factory(request, vcluster_host):
        yield factory()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Attach to a failure what the host tells about the virtual clusters of the test."""
    report = yield
    used = [name for name in getattr(item, "fixturenames", ()) if name.startswith("vcluster")]
    if not used or not report.failed or report.when == "teardown":
        return report
    for node in item.listchain():
        node.stash[_FAILED] = True
        for factory in node.stash.setdefault(_FACTORIES, []):
            for name, text in factory.diagnose():
                report.sections.append((f"virtual cluster {name}", text))
                _write(item.config.getoption("vcluster_diagnostics"), name, text)
    return report


def _write(folder: pathlib.Path | None, name: str, text: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_text(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells pytest-xdist what it left behind."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["vcluster_kept"] = session.config.stash[_KEPT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended."""
    kept = getattr(node, "workeroutput", {}).get("vcluster_kept", [])
    node.config.stash[_KEPT].extend(kept)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what was left behind."""
    if kept := config.stash[_KEPT]:
        ttl = config.getoption("vcluster_ttl")
        terminalreporter.section(f"virtual clusters that were kept; they expire {ttl} after creation")
        for name in kept:
            terminalreporter.line(f"vcl connect {name} -n vcluster-{name}")
