# SPDX-License-Identifier: Apache-2.0
"""Tokens of service accounts of a virtual cluster."""

from __future__ import annotations

from ._native import capi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Token:
    """A short-lived token, made by :meth:`Client.token`. Its ``repr`` does not show the secret.

    The library's copy is wiped when the object goes; one that was read with :attr:`text` is a
    ``str`` like any other.
    """

    __slots__ = ("_native",)

    def __init__(self, native: capi.vcluster_token) -> None:
        self._native = native

    @property
    def text(self) -> str:
        """The token itself, a secret."""
        return capi.vcluster_token_text(self._native)

    @property
    def user(self) -> str:
        """Who it is of: ``system:serviceaccount:NAMESPACE:ACCOUNT``."""
        return capi.vcluster_token_user(self._native)

    @property
    def expires(self) -> str:
        """When it expires, such as ``2030-01-02T03:04:05Z``."""
        return capi.vcluster_token_expires(self._native)

    @property
    def expires_at(self) -> int:
        """The same in seconds since 1970."""
        return capi.vcluster_token_expires_at(self._native)

    def exec_credential(self, api_version: str | None = None) -> str:
        """The answer of an exec credential plugin, as JSON. It holds the token.

        :param api_version: None: ``client.authentication.k8s.io/v1``
        """
        return capi.vcluster_token_exec_credential(self._native, api_version)

    def __repr__(self) -> str:
        return f"<Token of {self.user} until {self.expires}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is a secret: it cannot be pickled")


def account_options(
    namespace: str | None,
    service_account: str | None,
    service_account_namespace: str | None,
    **options: object,
) -> dict[str, Any]:
    """The members that say which account is meant."""
    options["namespace_name"] = namespace
    options["service_account"] = service_account
    options["service_account_namespace"] = service_account_namespace
    return options
