# SPDX-License-Identifier: Apache-2.0
"""Nothing that the library exports is forgotten here."""

import ast
import pathlib
import re

import pytest

import vcluster
from vcluster import errors
from vcluster._native import capi

ROOT = pathlib.Path(__file__).parents[3]
HEADERS = ROOT / "include" / "libvcluster"

NOT_BOUND = {
    "vcluster_free": "strings are copied and freed by the char ** typemap",
    "vcluster_client_ref": "references are counted by Python",
    "vcluster_client_unref": "the destructor of the handle",
    "vcluster_cancel_free": "the destructor of the handle",
    "vcluster_chart_free": "the destructor of the handle",
    "vcluster_config_free": "the destructor of the handle",
    "vcluster_error_free": "the destructor of the handle",
    "vcluster_instance_free": "the destructor of the handle",
    "vcluster_instance_list_free": "the destructor of the handle",
    "vcluster_batch_free": "the destructor of the handle",
    "vcluster_description_free": "the destructor of the handle",
    "vcluster_diagnosis_free": "the destructor of the handle",
    "vcluster_tunnel_free": "the destructor of the handle",
    "vcluster_plan_free": "the destructor of the handle",
    "vcluster_connection_free": "the destructor of the handle",
    "vcluster_connection_list_free": "the destructor of the handle",
    "vcluster_endpoint_free": "the destructor of the handle",
    "vcluster_token_free": "the destructor of the handle",
    "vcluster_release_free": "the destructor of the handle",
    "vcluster_release_list_free": "the destructor of the handle",
    "vcluster_report_free": "the destructor of the handle",
    "vcluster_lint_free": "the destructor of the handle",
    "vcluster_budget_free": "the destructor of the handle",
    "vcluster_usage_free": "the destructor of the handle",
    "vcluster_sync_rules_free": "the destructor of the handle",
    "vcluster_files_free": "the destructor of the handle",
}

# Set by the typemaps themselves.
OWN_MEMBERS = {"struct_size", "user_data", "log_user_data", "log_destroy"}
OWN_MEMBERS |= {"warning_user_data", "warning_destroy"}
# For signal handlers in C; a program that Python runs gets Ctrl-C from the terminal itself.
OWN_MEMBERS |= {"out_pid"}
OWN_MEMBERS |= {"input_size", "use_input_fd", "terminal_data"}
# A pipe does the same, and output goes on while it waits: see Pods.exec().
OWN_MEMBERS |= {"read_input", "input_data"}

pytestmark = pytest.mark.skipif(not HEADERS.is_dir(), reason="not run from a checkout")


def exported():
    text = (ROOT / "lib" / "libvcluster.map").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return set(re.findall(r"^\s*(vcluster_\w+);", text, re.M))


def headers():
    text = "".join(path.read_text() for path in HEADERS.glob("*.h"))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def test_every_exported_function_is_bound_or_has_a_reason():
    names = exported()
    assert len(names) > 80
    missing = {name for name in names if not hasattr(capi, name)}
    assert missing == set(NOT_BOUND)


def test_every_enum_value_is_bound():
    values = re.findall(r"^\s+(VCLUSTER_\w+) = -?\d+", headers(), re.M)
    assert len(values) > 30
    assert [name for name in values if not isinstance(getattr(capi, name, None), int)] == []


def test_every_option_is_bound():
    """capi_fill() knows the options by the tables in callbacks.i; here they are in the headers."""
    tables = (ROOT / "bindings/python/swig/callbacks.i").read_text()
    tables = dict(re.findall(r"^OPTIONS\((\w+), (.*?)\);$", tables, re.M | re.S))
    structs = re.findall(r"typedef struct vcluster_(\w+)_options \{(.*?)\}", headers(), re.S)
    assert {name for name, _ in structs} == set(tables)
    for name, body in structs:
        members = set(re.findall(r"\(?\*?(\w+)\)?(?:\([^)]*\))?;", body)) - OWN_MEMBERS
        bound = set(re.findall(r"(?:MEMBER|TEXT|INT|FLAG)\(\w+, (\w+)", tables[name]))
        if "COMMON(" in tables[name]:
            bound |= {"timeout_ms", "cancel", "progress"}
        assert bound == members, name


def test_stub_and_module_have_the_same_names():
    stub = pathlib.Path(vcluster.__file__).parent / "_native" / "capi.pyi"
    tree = ast.parse(stub.read_text())
    typed = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    bound = {
        name
        for name in dir(capi)
        if re.match(r"vcluster_", name) and not isinstance(getattr(capi, name), type)
    }
    bound = {name for name in bound if not name.endswith("_swigregister")}
    assert typed - {"stop_callbacks"} == bound


def test_every_status_has_its_exception():
    codes = {
        value: name
        for name, value in vars(capi).items()
        if re.match(r"VCLUSTER_E_", name) and isinstance(value, int)
    }
    assert len(codes) == 16
    for value, name in codes.items():
        code = capi.vcluster_status_name(value)
        assert name == f"VCLUSTER_E_{code}"
        kind = errors._CLASSES[code]
        assert kind.code == code
        assert kind.__name__ == code.title().replace("_", "") + "Error"
        assert getattr(vcluster, kind.__name__) is kind
        assert kind.__name__ in vcluster.__all__


def test_everything_public_is_there():
    assert [name for name in vcluster.__all__ if not hasattr(vcluster, name)] == []
