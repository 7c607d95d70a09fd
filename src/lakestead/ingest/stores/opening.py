"""Opens the store of a URL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import ConfigError, MissingExtra

from .credentials import StoreCredentials, reveal
from .folder import Folder
from .location import Location
from .store import Store

if TYPE_CHECKING:
    from obstore.store import AzureConfig, ClientConfig, GCSConfig, ObjectStore, RetryConfig, S3Config

_PUBLIC = "core.windows.net"
_RETRIES: RetryConfig = {"max_retries": 5, "retry_timeout": timedelta(minutes=1)}


def open_store(url: str | Location, credentials: Mapping[str, Any] | StoreCredentials | None = None) -> Store:
    """Open the store of a URL; nothing is sent before its first use.

    Args:
        url: ``s3://bucket/folder``, ``az://container@account.dfs.core.windows.net/folder``,
            ``az://container/folder``, ``abfss://…``, ``gs://bucket/folder``, ``file:///folder`` or a path.
        credentials: a section of the secrets, by the names of `StoreCredentials`; what is not given is
            looked for where the cloud's own tools look (environment, instance's identity).

    Raises:
        ConfigError: when the URL or the credentials cannot be right.
        MissingExtra: when the extra `ingest` is not installed and the store is not local.
    """
    location = url if isinstance(url, Location) else Location.parse(url)
    given = (
        credentials if isinstance(credentials, StoreCredentials) else StoreCredentials.read(credentials or {})
    )
    if location.kind == "file":
        return Folder(location)
    try:
        from obstore.exceptions import BaseError

        from .bucket import Bucket
    except ImportError as error:
        raise MissingExtra(f"The store {location.url} (no module '{error.name}')", "ingest") from error
    if location.kind == "az":
        location = with_account(location, given)
    try:
        inner = _MAKERS[location.kind](location, given)
    except BaseError:
        # The error may hold the credential.
        raise ConfigError(f"{location.name}: {_MALFORMED[location.kind]}: copy it whole") from None
    return Bucket(location, inner, given.secrets)


def with_account(location: Location, given: StoreCredentials) -> Location:
    """Return the location with the account's name, from the credentials if the URL has none."""
    if location.account:
        return location
    if given.azure_storage_account_name is None:
        raise ConfigError(
            f"az://{location.container}: which storage account? write"
            f" az://{location.container}@account.dfs.{_PUBLIC}, or set azure_storage_account_name"
        )
    return replace(location, account=given.azure_storage_account_name)


def azure_endpoint(location: Location, given: StoreCredentials) -> str | None:
    """Return the URL of the account's blob service; None for the usual one."""
    if given.endpoint_url:
        return given.endpoint_url.rstrip("/")
    if given.azure_account_host:
        return "https://" + given.azure_account_host.replace(".dfs.", ".blob.", 1)
    if location.domain != _PUBLIC:
        return f"https://{location.account}.blob.{location.domain}"
    return None


def _client(endpoint: str | None) -> ClientConfig:
    return {"allow_http": True} if endpoint and endpoint.startswith("http://") else {}


def _s3(location: Location, given: StoreCredentials) -> ObjectStore:
    from obstore.store import S3Store

    config: S3Config = {}
    if given.region_name:
        config["region"] = given.region_name
    if given.endpoint_url:
        config["endpoint"] = given.endpoint_url
    return S3Store(
        location.container,
        prefix=location.prefix or None,
        config=config,
        client_options=_client(given.endpoint_url),
        retry_config=_RETRIES,
        credential_provider=_s3_keys(given),
    )


def _s3_keys(given: StoreCredentials) -> Any:
    """Return a provider of the keys given, beside which the environment's session token does not count."""
    key, secret = given.aws_access_key_id, reveal(given.aws_secret_access_key)
    if key is None and secret is None:
        return None
    if key is None or secret is None:
        raise ConfigError("aws_access_key_id and aws_secret_access_key go together: set both or none")
    token = reveal(given.aws_session_token)
    return lambda: {"access_key_id": key, "secret_access_key": secret, "token": token, "expires_at": None}


def _azure(location: Location, given: StoreCredentials) -> ObjectStore:
    from obstore.store import AzureStore

    config: AzureConfig = {"account_name": location.account or "", **_azure_login(given)}
    endpoint = azure_endpoint(location, given)
    if endpoint:
        config["endpoint"] = endpoint
    return AzureStore(
        location.container,
        prefix=location.prefix or None,
        config=config,
        client_options=_client(endpoint),
        retry_config=_RETRIES,
    )


def _azure_login(given: StoreCredentials) -> AzureConfig:
    """Return the first kind of log-in that is given: a signature, a key, a service principal."""
    if given.azure_storage_sas_token:
        token = given.azure_storage_sas_token.get_secret_value().removeprefix("?")
        return {"sas_key": token, "credential_type": "sas_token"}
    if given.azure_storage_account_key:
        return {
            "account_key": given.azure_storage_account_key.get_secret_value(),
            "credential_type": "access_key",
        }
    principal = (given.azure_client_id, reveal(given.azure_client_secret), given.azure_tenant_id)
    if principal[0] and principal[1] and principal[2]:
        return {
            "client_id": principal[0],
            "client_secret": principal[1],
            "tenant_id": principal[2],
            "credential_type": "client_secret",
        }
    if principal[1] or principal[2]:
        raise ConfigError(
            "a service principal is azure_tenant_id, azure_client_id and azure_client_secret: set all"
        )
    return {}


def _google(location: Location, given: StoreCredentials) -> ObjectStore:
    from obstore.store import GCSStore

    config: GCSConfig = {}
    account = service_account(given)
    if account:
        config["service_account_key"] = json.dumps(account)
    if given.endpoint_url:
        config["base_url"] = given.endpoint_url
    return GCSStore(
        location.container,
        prefix=location.prefix or None,
        config=config,
        client_options=_client(given.endpoint_url),
        retry_config=_RETRIES,
    )


def service_account(given: StoreCredentials) -> dict[str, str] | None:
    """Return the JSON of the service account that is given; None if none is."""
    if given.private_key is None:
        return None
    account: dict[str, str] = given.model_dump(include=set(_SERVICE_ACCOUNT), exclude_none=True)
    return account | {"type": "service_account", "private_key": given.private_key.get_secret_value()}


_SERVICE_ACCOUNT = ("project_id", "private_key_id", "client_email", "client_id", "token_uri", "auth_uri")
_MALFORMED = {
    "s3": "the credentials are malformed",
    "az": "azure_storage_account_key or azure_storage_sas_token is malformed",
    "gs": "private_key is malformed",
}
_MAKERS = {"s3": _s3, "az": _azure, "gs": _google}
