# SPDX-License-Identifier: Apache-2.0
"""The description of the methods, and checking parameters by it."""

from __future__ import annotations

import functools
import json
from importlib import resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Schema = dict[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}

#: What :func:`violations` knows, and the schema may therefore use for parameters.
KEYWORDS = frozenset(
    "type properties required additionalProperties items enum minimum minLength oneOf "
    "description default".split()
)


@functools.cache
def schema() -> Schema:
    """The JSON Schema of all methods: ``methods.NAME.params`` and ``methods.NAME.result``."""
    text = resources.files(__package__).joinpath("methods.schema.json").read_text("utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def _is_type(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def violations(value: Any, wanted: Schema, path: str = "params") -> Iterator[str]:
    """What is wrong with a value, each with its path."""
    if "oneOf" in wanted:
        if not any(not list(violations(value, one, path)) for one in wanted["oneOf"]):
            yield f"{path}: {' or '.join(one['type'] for one in wanted['oneOf'])} expected"
        return
    if "type" in wanted and not _is_type(value, wanted["type"]):
        yield f"{path}: {wanted['type']} expected"
        return
    if "enum" in wanted and value not in wanted["enum"]:
        yield f"{path}: one of {', '.join(map(str, wanted['enum']))} expected"
    if "minimum" in wanted and value < wanted["minimum"]:
        yield f"{path}: at least {wanted['minimum']} expected"
    if "minLength" in wanted and len(value) < wanted["minLength"]:
        yield f"{path}: it is empty"
    if isinstance(value, dict):
        yield from _members(value, wanted, path)
    if isinstance(value, list) and "items" in wanted:
        for index, item in enumerate(value):
            yield from violations(item, wanted["items"], f"{path}[{index}]")


def _members(value: dict[str, Any], wanted: Schema, path: str) -> Iterator[str]:
    known = wanted.get("properties", {})
    for name in wanted.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: it is missing"
    others = wanted.get("additionalProperties", True)
    for name, member in value.items():
        if name in known:
            yield from violations(member, known[name], f"{path}.{name}")
        elif others is False:
            yield f"{path}.{name}: there is no such parameter"
        elif others is not True:
            yield from violations(member, others, f"{path}.{name}")
