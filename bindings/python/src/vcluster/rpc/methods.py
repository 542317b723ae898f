# SPDX-License-Identifier: Apache-2.0
"""What each method does: a thin layer that turns parameters into calls, and results into JSON."""

from __future__ import annotations

import json

from .. import gitops, sync
from .._native import capi
from ..chart import Chart
from ..config import Config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..cancel import Cancel
    from ..client import Client
    from ..progress import Progress

    Params = dict[str, Any]
    #: Gets the name of an event and its members; None for the name of progress.
    Emit = Callable[[str, dict[str, Any]], None]


class Call:
    """One request under way: where its progress goes, and what stops it."""

    __slots__ = ("cancel", "emit", "host")

    def __init__(self, host: Callable[[], Client], cancel: Cancel, emit: Emit) -> None:
        self.host = host  #: gives the client, made when it is first asked for
        self.cancel = cancel
        self.emit = emit

    def progress(self, report: Progress) -> None:
        """Pass a report on; ticks are for displays of this process only."""
        if not report.is_tick:
            self.emit(
                "progress",
                {
                    "step": report.step,
                    "object": report.object,
                    "message": report.message,
                    "elapsed": round(report.elapsed, 3),
                },
            )

    def options(self, params: Params) -> Params:
        """The options that every blocking call has."""
        return {
            "timeout": params.pop("timeout", None),
            "cancel": self.cancel,
            "progress": self.progress,
        }


def _config(params: Params) -> Config | None:
    values = params.pop("values", None)
    return None if values is None else Config(values)


def _ensure(call: Call, params: Params) -> object:
    options = call.options(params)
    name, config = params.pop("name"), _config(params)
    return call.host().ensure(name, config, **params, **options).to_dict()


def _create(call: Call, params: Params) -> object:
    options = call.options(params)
    name, config = params.pop("name"), _config(params)
    return call.host().create(name, config, **params, **options).to_dict()


def _get(call: Call, params: Params) -> object:
    options = call.options(params)
    return call.host().get(**params, **options).to_dict()


def _wait(call: Call, params: Params) -> object:
    options = call.options(params)
    return call.host().wait(**params, **options).to_dict()


def _list(call: Call, params: Params) -> object:
    options = call.options(params)
    return [instance.to_dict() for instance in call.host().list(**params, **options)]


def _watch(call: Call, params: Params) -> object:
    options = call.options(params)
    call.host().watch(
        lambda event: call.emit(
            "instance", {"type": event.type, "instance": event.instance.to_dict()}
        ),
        **params,
        **options,
    )
    return None


def _plan(call: Call, params: Params) -> object:
    options = call.options(params)
    name, config = params.pop("name"), _config(params)
    return json.loads(call.host().plan(name, config, **params, **options).json)


def _budget(call: Call, params: Params) -> object:
    options = call.options(params)
    return json.loads(call.host().budget(**params, **options).to_json())


def _admit(call: Call, params: Params) -> object:
    options = call.options(params)
    config = _config(params)
    chart = Chart.embedded() if params.pop("distribution", None) == "embedded" else None
    return json.loads(call.host().admit(config, chart=chart, **params, **options).to_json())


def _pause(call: Call, params: Params) -> object:
    options = call.options(params)
    call.host().pause(**params, **options)
    return None


def _resume(call: Call, params: Params) -> object:
    options = call.options(params)
    call.host().resume(**params, **options)
    return None


def _delete(call: Call, params: Params) -> object:
    options = call.options(params)
    call.host().delete(**params, **options)
    return None


def _endpoint(call: Call, params: Params) -> object:
    options = call.options(params)
    endpoint = call.host().endpoint(**params, **options)
    return {
        "kind": endpoint.kind,
        "url": endpoint.url,
        "tlsServerName": endpoint.tls_server_name,
        "candidates": [candidate.to_dict() for candidate in endpoint.candidates],
    }


def _kubeconfig(call: Call, params: Params) -> object:
    options = call.options(params)
    return {"kubeconfig": call.host().kubeconfig(**params, **options)}


def _token(call: Call, params: Params) -> object:
    options = call.options(params)
    token = call.host().token(**params, **options)
    return {"token": token.text, "user": token.user, "expires": token.expires}


def _render(call: Call, params: Params) -> object:
    del call
    return {"files": gitops.render(params["spec"], format=params.get("format"))}


def _import(call: Call, params: Params) -> object:
    del call
    return {"spec": gitops.read(params["files"], params.get("name"))}


def _sync_rules(call: Call, params: Params) -> object:
    del call
    return json.loads(sync.SyncRules(_config(params)).to_json())


def _version(call: Call, params: Params) -> object:
    del call, params
    return {"version": capi.vcluster_version()}


METHODS: dict[str, Callable[[Call, Params], object]] = {
    "admit": _admit,
    "budget": _budget,
    "create": _create,
    "delete": _delete,
    "endpoint": _endpoint,
    "ensure": _ensure,
    "get": _get,
    "import": _import,
    "kubeconfig": _kubeconfig,
    "list": _list,
    "pause": _pause,
    "plan": _plan,
    "render": _render,
    "resume": _resume,
    "syncRules": _sync_rules,
    "token": _token,
    "version": _version,
    "wait": _wait,
    "watch": _watch,
}
