# SPDX-License-Identifier: Apache-2.0
"""Any Kubernetes object, as a dict, in any cluster that a client stands for."""

from __future__ import annotations

from ._base import Record, call_options
from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable, Mapping
    from typing import Any

    from ._base import ProgressCallback, Timeout
    from .cancel import Cancel
    from .client import Client
    from .watch import Watch

    Object = dict[str, Any]
    ObjectLike = Mapping[str, Any] | str


class Event(Record):
    """One change that a watch told."""

    __slots__ = ("type", "object")

    type: str  #: ``"ADDED"``, ``"MODIFIED"`` or ``"DELETED"``
    object: Object

    __hash__ = None  # type: ignore[assignment]


def _parse(text: str) -> Any:
    import json

    return json.loads(text)


def _text(document: ObjectLike) -> str:
    if isinstance(document, str):
        return document
    import json

    return json.dumps(dict(document))


class Resources:
    """Objects by apiVersion and kind: ``client.resources.get("v1", "Namespace", "blue")``.

    Namespaced kinds need a namespace, cluster-scoped ones take None. ``timeout``, ``cancel`` and
    ``progress`` are those of :class:`Client`.
    """

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(
        self,
        api_version: str,
        kind: str,
        name: str,
        *,
        namespace: str | None = None,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Object:
        """Get one object."""
        options = call_options(timeout, cancel, progress)
        text = capi.vcluster_resource_get(
            self._client._handle, api_version, kind, namespace, name, options
        )
        found: Object = _parse(text)
        return found

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        metadata_only: bool = False,
        page_size: int = 0,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> builtins.list[Object]:
        """List objects of one kind, in one namespace or in all of them."""
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            metadata_only=metadata_only,
            page_size=page_size,
        )
        text = capi.vcluster_resource_list(self._client._handle, api_version, kind, options)
        items: builtins.list[Object] = _parse(text).get("items") or []
        return items

    def apply(
        self,
        manifest: ObjectLike,
        *,
        namespace: str | None = None,
        field_manager: str | None = None,
        force: bool = False,
        dry_run: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Object:
        """Apply one object by server-side apply; returns it as it was stored.

        :param manifest: a mapping, or JSON or YAML text, with apiVersion, kind and metadata.name
        :param namespace: for namespaced objects that name none themselves
        :param force: take over fields of other managers
        :param dry_run: checked by the server, not stored
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            field_manager=field_manager,
            force=force,
            dry_run=dry_run,
        )
        stored: Object = _parse(
            capi.vcluster_resource_apply(self._client._handle, _text(manifest), options)
        )
        return stored

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        patch: ObjectLike,
        *,
        namespace: str | None = None,
        field_manager: str | None = None,
        force: bool = False,
        dry_run: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> Object:
        """Change one object by a JSON merge patch (a mapping or JSON text)."""
        options = call_options(
            timeout, cancel, progress, field_manager=field_manager, force=force, dry_run=dry_run
        )
        text = capi.vcluster_resource_patch(
            self._client._handle, api_version, kind, namespace, name, _text(patch), options
        )
        stored: Object = _parse(text)
        return stored

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        *,
        namespace: str | None = None,
        propagation: str | None = None,
        uid: str | None = None,
        wait: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Delete one object.

        :param propagation: ``"Background"`` (default), ``"Foreground"`` or ``"Orphan"``
        :param uid: only the object with this uid
        :param wait: until the object is gone
        """
        options = call_options(
            timeout, cancel, progress, propagation=propagation, uid=uid, wait=wait
        )
        capi.vcluster_resource_delete(
            self._client._handle, api_version, kind, namespace, name, options
        )

    def watch(
        self,
        api_version: str,
        kind: str,
        on_event: Callable[[Event], object],
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        metadata_only: bool = False,
        timeout: Timeout = None,
        cancel: Cancel | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Call ``on_event`` for each object that exists and then for every change.

        It runs on this thread; a true answer ends the watch, an exception ends it with that
        exception. ``timeout`` is the length of the watch, which ends with :class:`TimeoutError`.
        """
        options = call_options(
            timeout,
            cancel,
            progress,
            namespace_name=namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            metadata_only=metadata_only,
        )

        def on_native(type: str, json: str) -> object:
            return on_event(Event(type, _parse(json)))

        capi.vcluster_resource_watch(self._client._handle, api_version, kind, options, on_native)

    def watch_iter(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        metadata_only: bool = False,
        timeout: Timeout = None,
    ) -> Watch[Event]:
        """The same as an iterator of :class:`Event`, which is also a context manager."""
        from .watch import Watch

        def run(put: Callable[[Event], None], cancel: Cancel) -> None:
            self.watch(
                api_version,
                kind,
                put,
                namespace=namespace,
                label_selector=label_selector,
                field_selector=field_selector,
                metadata_only=metadata_only,
                timeout=timeout,
                cancel=cancel,
            )

        return Watch(run, f"watch {kind}")
