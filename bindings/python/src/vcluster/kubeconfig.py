# SPDX-License-Identifier: Apache-2.0
"""Kubeconfigs on disk: a file of its own, or one context in the file that kubectl uses.

Files are written whole or not at all, under the lock that kubectl takes, too. In a file that is
there already only the entries of one name are touched: comments, order and unknown fields stay.

>>> from vcluster import kubeconfig
>>> text = host.kubeconfig("dev", server="https://dev.example.com")
>>> kubeconfig.merge(text, set_current=True)
'vcluster_dev_team-a_prod'
>>> kubeconfig.remove()
'vcluster_dev_team-a_prod'
"""

from __future__ import annotations

import os

from ._base import call_options
from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._base import Timeout
    from .cancel import Cancel

    Path = str | os.PathLike[str]


def save(
    text: str,
    path: Path,
    *,
    timeout: Timeout = None,
    cancel: Cancel | None = None,
) -> None:
    """Write a kubeconfig to a file that only this user can read."""
    capi.vcluster_kubeconfig_save(text, os.fspath(path), call_options(timeout, cancel, None))


def merge(
    text: str,
    *,
    path: Path | None = None,
    context_name: str | None = None,
    set_current: bool = False,
    replace: bool = False,
    timeout: Timeout = None,
    cancel: Cancel | None = None,
) -> str:
    """Put the current context of a kubeconfig into the user's; returns its name there.

    :param path: the file; None: the one that kubectl would write to
    :param context_name: None: that of the text
    :param set_current: make it the current context; the one before is remembered
    :param replace: also take the place of entries that somebody else made
    """
    options = call_options(
        timeout,
        cancel,
        None,
        path=None if path is None else os.fspath(path),
        context_name=context_name,
        set_current=set_current,
        replace=replace,
    )
    return capi.vcluster_kubeconfig_merge(text, options)


def remove(
    *,
    context_name: str | None = None,
    name: str | None = None,
    namespace: str | None = None,
    host_context: str | None = None,
    path: Path | None = None,
    missing_ok: bool = False,
    timeout: Timeout = None,
    cancel: Cancel | None = None,
) -> str | None:
    """Take out what :func:`merge` put in, and nothing else.

    Which one: a context, a virtual cluster, or with neither the current context. Where it is
    current, the context before it becomes current again.

    :return: the name of the context that was removed, None when there was none
    """
    options = call_options(
        timeout,
        cancel,
        None,
        path=None if path is None else os.fspath(path),
        context_name=context_name,
        name=name,
        namespace_name=namespace,
        host_context=host_context,
        missing_ok=missing_ok,
    )
    removed = capi.vcluster_kubeconfig_remove(options)
    return removed if isinstance(removed, str) else None
