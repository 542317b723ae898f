# SPDX-License-Identifier: Apache-2.0
"""The values document of a virtual cluster (vcluster.yaml)."""

from __future__ import annotations

import os

from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    #: What calls accept as values: a document, a mapping, YAML or JSON text, or a path object.
    ConfigLike: TypeAlias = "Config | Mapping[str, Any] | str | os.PathLike[str] | None"


class Config:
    """A values document, read from YAML or JSON and edited by path."""

    __slots__ = ("_handle",)

    def __init__(self, values: ConfigLike = None) -> None:
        """A document of its own: empty, or made from ``values``."""
        if values is None:
            self._handle = capi.vcluster_config_new()
        elif isinstance(values, Config):
            self._handle = capi.vcluster_config_new()
            self.merge(values)
        elif isinstance(values, str):
            self._handle = capi.vcluster_config_parse(values)
        elif isinstance(values, os.PathLike):
            self._handle = capi.vcluster_config_load(os.fspath(values))
        else:
            import json

            self._handle = capi.vcluster_config_parse(json.dumps(dict(values)))

    @classmethod
    def _from_native(cls, native: capi.vcluster_config) -> Config:
        config = cls.__new__(cls)
        config._handle = native
        return config

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Config:
        """Read a document from a file."""
        config = cls.__new__(cls)
        config._handle = capi.vcluster_config_load(os.fspath(path))
        return config

    def merge(self, other: ConfigLike) -> None:
        """Merge another document over this one: maps key by key, all else replaces."""
        source = other if isinstance(other, Config) else Config(other)
        capi.vcluster_config_merge(self._handle, source._handle)

    def set(self, path: str, value: bool | int | str | None) -> None:
        """Set the value at a path such as ``controlPlane.distro.k8s.version``.

        A str stays one, whatever it looks like; ``None`` deletes a default of the chart.
        """
        if isinstance(value, str):
            capi.vcluster_config_set_string(self._handle, path, value)
        elif value is None or isinstance(value, int):
            import json

            capi.vcluster_config_set(self._handle, path, json.dumps(value))
        else:
            raise TypeError(f"a {type(value).__name__} cannot be set by path: use merge()")

    def set_expression(self, expression: str) -> None:
        """Apply one argument of Helm's ``--set``, such as ``a=1,b.c={x,y}``."""
        capi.vcluster_config_set_expression(self._handle, expression)

    def set_string_expression(self, expression: str) -> None:
        """Apply one argument of Helm's ``--set-string``: every value is text."""
        capi.vcluster_config_set_string_expression(self._handle, expression)

    def set_json(self, expression: str) -> None:
        """Apply one argument of Helm's ``--set-json``: ``a.b={"c":1}``, or a whole JSON object."""
        capi.vcluster_config_set_json(self._handle, expression)

    def set_literal(self, expression: str) -> None:
        """Apply one argument of Helm's ``--set-literal``: all behind ``=`` is the value."""
        capi.vcluster_config_set_literal(self._handle, expression)

    def set_file(self, expression: str) -> None:
        """Apply one argument of Helm's ``--set-file``: ``a.b=PATH`` sets the text of a file.

        :class:`NotFoundError` when there is no such file.
        """
        capi.vcluster_config_set_file(self._handle, expression)

    def get(self, path: str) -> Any:
        """The value at a path; :class:`NotFoundError` when there is none."""
        import json

        return json.loads(capi.vcluster_config_get(self._handle, path))

    def to_yaml(self) -> str:
        """The document as YAML with sorted keys."""
        return capi.vcluster_config_to_yaml(self._handle)

    def __repr__(self) -> str:
        return f"Config({self.to_yaml()!r})"


def native_config(values: ConfigLike) -> capi.vcluster_config | None:
    """A document for one call: a copy, since another thread may edit the original meanwhile."""
    return None if values is None else Config(values)._handle
