"""Secret stores: Databricks secret scopes and Azure Key Vault, asked only for what is needed."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol

from lakestead.client import Profile
from lakestead.core.errors import ConfigError, ConnectionFailed, LakesteadError, MissingExtra

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient
    from databricks.sdk import WorkspaceClient

_REFERENCE = re.compile(r"(secret|keyvault)://(.*)", re.DOTALL)
_VAULT_NAME = re.compile(r"[0-9A-Za-z-]{1,127}")


def refusals() -> tuple[type[Exception], ...]:
    """Return what reading secrets may raise. Importing the SDK is slow: called when something was raised."""
    from databricks.sdk.errors.base import DatabricksError

    return (LakesteadError, DatabricksError)


class SecretStore(Protocol):
    """A place that keeps secrets by name."""

    @property
    def kind(self) -> str:
        """What it is, for origins."""
        ...

    def place(self, name: str) -> str:
        """Return what is shown of where a secret is."""
        ...

    def names(self) -> list[str]:
        """Return the names of all secrets."""
        ...

    def get(self, name: str) -> str:
        """Return a secret's value."""
        ...


class Scope:
    """A Databricks secret scope.

    Args:
        name: the scope's.
        client: gives the workspace's client; asked when the first secret is.
    """

    kind = "secret scope"

    def __init__(self, name: str, client: Callable[[], WorkspaceClient]) -> None:
        self._name = name
        self._client = client

    def place(self, name: str) -> str:
        """Return scope and key."""
        return f"{self._name}/{name}"

    def names(self) -> list[str]:
        """Return the keys of the scope.

        Raises:
            DatabricksError: as the workspace says.
        """
        return sorted(one.key for one in self._client().secrets.list_secrets(self._name) if one.key)

    def get(self, name: str) -> str:
        """Return a secret's text.

        Raises:
            DatabricksError: as the workspace says.
            ConfigError: when the value is no text.
        """
        encoded = self._client().secrets.get_secret(self._name, name).value or ""
        try:
            return base64.b64decode(encoded).decode("utf-8")
        except ValueError:
            raise ConfigError("is not text", where=f"secret://{self.place(name)}") from None


class KeyVault:
    """An Azure Key Vault, with the log-in that `DefaultAzureCredential` finds.

    Args:
        url: such as `https://my-vault.vault.azure.net`.
        client: another client than the usual one.
    """

    kind = "key vault"

    def __init__(self, url: str, client: SecretClient | None = None) -> None:
        self._url = url.rstrip("/")
        self._given = client

    @cached_property
    def _client(self) -> SecretClient:
        if self._given is not None:
            return self._given
        try:
            from azure.identity import DefaultAzureCredential
            from azure.keyvault.secrets import SecretClient
        except ModuleNotFoundError as error:
            raise MissingExtra("Azure Key Vault", "azure") from error
        try:
            return SecretClient(self._url, DefaultAzureCredential())
        except ValueError as error:
            raise ConfigError(f"'{self._url}' is no URL of a key vault: {error}") from error

    def place(self, name: str) -> str:
        """Return the secret's URL."""
        return f"{self._url}/secrets/{name}"

    def names(self) -> list[str]:
        """Return the names of the vault's secrets that are enabled.

        Raises:
            ConnectionFailed: when the vault cannot be reached, or refuses.
        """
        listed = self._ask(lambda client: list(client.list_properties_of_secrets()), "its list of secrets")
        return sorted(one.name for one in listed if one.name and one.enabled)

    def get(self, name: str) -> str:
        """Return a secret's text.

        Raises:
            ConfigError: when there is no such secret.
            ConnectionFailed: when the vault cannot be reached, or refuses.
        """
        value = self._ask(lambda client: client.get_secret(name).value, f"the secret '{name}'")
        return str(value or "")

    def _ask(self, question: Callable[[SecretClient], Any], what: str) -> Any:
        client = self._client
        from azure.core.exceptions import AzureError, ClientAuthenticationError, ResourceNotFoundError

        try:
            return question(client)
        except ResourceNotFoundError:
            raise ConfigError(f"the key vault {self._url} does not have {what}") from None
        except ClientAuthenticationError as error:
            raise ConnectionFailed(
                f"the key vault {self._url} does not let us in: {error.message}; log in with `az login`,"
                " or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
            ) from error
        except AzureError as error:
            raise ConnectionFailed(
                f"the key vault {self._url} does not give {what}: {error.message}"
            ) from error


class Stores:
    """The stores of a project.

    Args:
        scope: its Databricks secret scope.
        vault: its key vault.
        profile: gives the workspace of the scopes.
    """

    def __init__(self, scope: str | None, vault: str | None, profile: Callable[[], Profile]) -> None:
        self._client = cache(lambda: profile().workspace_client())
        self._vault = KeyVault(vault) if vault else None
        own = Scope(scope, self._client) if scope else None
        self.asked: list[SecretStore] = [store for store in (own, self._vault) if store is not None]

    def refers(self, value: Any, place: str) -> tuple[str, Callable[[], str]] | None:
        """Return the reference that a value is, and what gets the secret; None when it is a value itself.

        Args:
            value: e.g. `secret://scope/key` or `keyvault://name`.
            place: where it is written, for errors.

        Raises:
            ConfigError: when the reference is not complete.
        """
        found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return None
        if found[1] == "secret":
            scope, _, key = found[2].partition("/")
            if not scope or not key or "/" in key:
                raise ConfigError("a reference to a secret scope is secret://scope/key", where=place)
            return value, lambda: Scope(scope, self._client).get(key)
        name = found[2]
        if not _VAULT_NAME.fullmatch(name):
            raise ConfigError(
                "a reference to a key vault is keyvault://name: letters, digits, -", where=place
            )
        vault = self._vault
        if vault is None:
            raise ConfigError("a reference to a key vault needs key_vault_url under [secrets]", where=place)
        return value, lambda: vault.get(name)
