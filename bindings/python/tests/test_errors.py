# SPDX-License-Identifier: Apache-2.0
import builtins
import pickle

import pytest
from conftest import kubeconfig_for

import vcluster


def test_missing_kubeconfig_is_a_lookup_error(tmp_path):
    with pytest.raises(LookupError) as caught:
        vcluster.Client(tmp_path / "none")
    error = caught.value
    assert type(error) is vcluster.NotFoundError
    assert error.code == "NOT_FOUND"
    assert error.operation == "make a client"
    assert str(tmp_path / "none") in str(error)


def test_malformed_kubeconfig_is_a_value_error_with_a_cause():
    with pytest.raises(ValueError, match="at line ") as caught:
        vcluster.Client(kubeconfig_text="clusters:\n- [\n")
    assert type(caught.value) is vcluster.ConfigError
    assert isinstance(caught.value.__cause__, vcluster.VClusterError)


def test_unknown_context_names_it():
    with pytest.raises(vcluster.NotFoundError, match="nowhere"):
        vcluster.Client(kubeconfig_text=kubeconfig_for("https://127.0.0.1:1"), context="nowhere")


def test_refused_connection_is_a_connection_error(refused):
    with pytest.raises(ConnectionError) as caught:
        refused.server_version()
    assert type(caught.value) is vcluster.UnavailableError
    assert caught.value.retryable is True


def test_deadline_is_a_timeout_error(stalled):
    with pytest.raises(builtins.TimeoutError) as caught:
        stalled.server_version(timeout=0.2)
    assert type(caught.value) is vcluster.TimeoutError


def test_errors_never_have_the_token(refused, stalled):
    for client, timeout in ((refused, None), (stalled, 0.2)):
        with pytest.raises(vcluster.VClusterError) as caught:
            client.server_version(timeout=timeout)
        assert "t0ken" not in str(caught.value) + repr(caught.value)


def test_findings_say_the_line():
    with pytest.raises(vcluster.ConfigError) as caught:
        vcluster.Config("a: 1\nb: [\n")
    finding = caught.value.findings[0]
    assert finding.line > 0
    assert finding.severity == "error"
    assert finding.message
    with pytest.raises(AttributeError):
        finding.line = 7


@pytest.mark.parametrize("name", ["UPPER", "-x", "a" * 60, "a.b", ""])
def test_bad_names_are_value_errors(refused, name):
    with pytest.raises(ValueError) as caught:
        refused.get(name)
    assert type(caught.value) is vcluster.InvalidArgumentError


def test_text_with_a_null_is_refused_not_cut(refused):
    with pytest.raises(ValueError, match="null character"):
        refused.get("dev\0evil")
    with pytest.raises(ValueError, match="null character"):
        refused.get("dev", namespace="a\0b")


def test_lone_surrogates_are_refused(refused):
    with pytest.raises(UnicodeEncodeError):
        refused.get("dev\udc80")


@pytest.mark.parametrize(
    "arguments",
    [{"namespace": 5}, {"cancel": object()}, {"timeout": "3"}, {"timeout": -1}],
    ids=lambda a: next(iter(a)),
)
def test_wrong_types_are_refused(refused, arguments):
    with pytest.raises((TypeError, ValueError, AttributeError)):
        refused.get("dev", **arguments)


def test_native_options_are_checked(refused):
    from vcluster._native import capi

    for options in ({"unknown": 1}, {5: 1}, {"timeout_ms": 2**70}, {"cancel": "x"}, [1]):
        with pytest.raises((TypeError, OverflowError)):
            capi.vcluster_client_server_version(refused._handle, options)


def test_closed_client_says_so(refused):
    refused.close()
    refused.close()
    assert refused.closed
    with pytest.raises(ValueError, match="the client is closed"):
        refused.list()
    assert repr(refused) == "<Client closed>"


def test_errors_survive_pickling(refused):
    with pytest.raises(vcluster.UnavailableError) as caught:
        refused.server_version()
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is vcluster.UnavailableError
    assert (str(copy), copy.code, copy.retryable) == (str(caught.value), "UNAVAILABLE", True)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (vcluster.NotFoundError, LookupError),
        (vcluster.TimeoutError, builtins.TimeoutError),
        (vcluster.PermissionError, builtins.PermissionError),
        (vcluster.ConfigError, ValueError),
        (vcluster.InvalidArgumentError, ValueError),
        (vcluster.NoMemoryError, MemoryError),
        (vcluster.UnavailableError, ConnectionError),
        (vcluster.InternalError, RuntimeError),
    ],
)
def test_builtin_parents(kind, builtin):
    assert issubclass(kind, builtin)
    assert issubclass(kind, vcluster.VClusterError)
    assert str(kind("text")) == "text"


def _with_plugin(command):
    return kubeconfig_for("https://127.0.0.1:1").replace(
        "{token: t0ken-that-is-secret}",
        "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never,"
        f" command: '{command}'}}}}",
    )


def test_programs_of_a_text_run_only_when_allowed(tmp_path):
    plugin = tmp_path / "plugin"
    plugin.write_text("#!/bin/sh\necho please log in >&2\nexit 7\n")
    plugin.chmod(0o700)
    text = _with_plugin(plugin)
    with pytest.raises(vcluster.ConfigError, match="only if the client's exec policy"):
        vcluster.Client(kubeconfig_text=text)
    with pytest.raises(vcluster.ConfigError, match="may not be run"):
        vcluster.Client(kubeconfig_text=text, exec_policy="deny")
    with pytest.raises(vcluster.ConfigError, match="not in the client's list"):
        vcluster.Client(kubeconfig_text=text, exec_policy="allowlist", exec_allowlist=["ls"])
    with pytest.raises(vcluster.InvalidArgumentError, match="exec_allowlist"):
        vcluster.Client(kubeconfig_text=text, exec_allowlist=["ls"])
    with pytest.raises(ValueError, match="none of default, allow"):
        vcluster.Client(kubeconfig_text=text, exec_policy="sometimes")
    for options in (
        {"exec_policy": "allow"},
        {"exec_policy": "allowlist", "exec_allowlist": ["ls", str(plugin)]},
    ):
        with (
            vcluster.Client(kubeconfig_text=text, **options) as client,
            pytest.raises(vcluster.UnauthenticatedError, match="exit code 7: please log in"),
        ):
            client.server_version()


def test_options_take_the_place_of_the_kubeconfig(tmp_path):
    text = kubeconfig_for("https://127.0.0.1:1")
    with vcluster.Client(
        kubeconfig_text=text,
        server="https://other:2",
        namespace="mine",
        impersonate_user="jane",
        impersonate_groups=("ops", "dev"),
    ) as client:
        assert client.server == "https://other:2"
        assert client.namespace == "mine"
    with pytest.raises(vcluster.InvalidArgumentError, match="but no user"):
        vcluster.Client(kubeconfig_text=text, impersonate_groups=["ops"])
    with pytest.raises(vcluster.InvalidArgumentError, match="control character"):
        vcluster.Client(kubeconfig_text=text, impersonate_user="a\r\nb: c")

    token = tmp_path / "token"
    token.write_text("t\n")
    text = text.replace("token: t0ken-that-is-secret", f"tokenFile: '{token}'")
    with pytest.raises(vcluster.ConfigError, match="tokenFile names a file"):
        vcluster.Client(kubeconfig_text=text)
    vcluster.Client(kubeconfig_text=text, allow_file_references=True).close()
