"""Shared access signatures for Azure containers, with which Databricks reads what is staged there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from lakestead.core.errors import ConfigError, ConnectionFailed, MissingExtra

from .credentials import StoreCredentials, reveal
from .location import Location
from .opening import azure_endpoint, with_account

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

# Clocks differ; a signature that starts now may not have started there.
_SKEW = timedelta(minutes=5)
_PERMISSIONS = {"r": "read", "l": "list", "w": "write", "c": "create", "d": "delete", "a": "add"}


@dataclass(frozen=True, slots=True)
class Sas:
    """A shared access signature.

    Attributes:
        token: the signature, without a leading `?`; never in a repr.
        expiry: when it ends, in UTC; None if it does not say so (it goes by a stored policy).
        scope: what it lets do and where, for a log.
    """

    token: str = field(repr=False)
    expiry: datetime | None
    scope: str


def container_sas(
    url: str | Location,
    credentials: Mapping[str, Any] | StoreCredentials,
    lifetime: timedelta = timedelta(hours=1),
) -> Sas:
    """Return a signature that lets read and list a container.

    A signature among the credentials is given as it is; an account key signs one; else one is signed by a
    user delegation key, which the service principal given, or whoever the environment logs in, is asked for.

    Args:
        url: the container's, see `open_store`.
        credentials: see `open_store`.
        lifetime: how long a signature made here is valid; Azure allows at most 7 days to user delegations.

    Raises:
        ConfigError: when the URL is not of an Azure container, or it is not known which account's.
        ConnectionFailed: when Azure gives no delegation key.
        MissingExtra: when a signature has to be made and the extra `azure` is not installed.
    """
    location = url if isinstance(url, Location) else Location.parse(url)
    if location.kind != "az":
        raise ConfigError(f"{location.url}: only Azure has shared access signatures")
    given = credentials if isinstance(credentials, StoreCredentials) else StoreCredentials.read(credentials)
    location = with_account(location, given)
    if given.azure_storage_sas_token:
        return _given(given.azure_storage_sas_token.get_secret_value(), location)
    try:
        if given.azure_storage_account_key:
            return _sign(location, lifetime, account_key=given.azure_storage_account_key.get_secret_value())
        endpoint = azure_endpoint(location, given) or f"https://{location.account}.blob.{location.domain}"
        return delegation_sas(location, endpoint, _identity(given), lifetime)
    except ImportError as error:
        raise MissingExtra(f"A shared access signature (no module '{error.name}')", "azure") from error


def delegation_sas(location: Location, endpoint: str, identity: TokenCredential, lifetime: timedelta) -> Sas:
    """Return a signature by a user delegation key; it can do no more than the identity may."""
    from azure.core.exceptions import AzureError
    from azure.storage.blob import BlobServiceClient

    now = datetime.now(UTC)
    try:
        with BlobServiceClient(endpoint, credential=identity) as service:
            key = service.get_user_delegation_key(now - _SKEW, now + lifetime)
    except AzureError as error:
        raise ConnectionFailed(
            f"no user delegation key for {location.name}: the identity needs the role"
            f" 'Storage Blob Delegator' ({type(error).__name__}: {str(error).splitlines()[0]})"
        ) from None
    return _sign(location, lifetime, user_delegation_key=key)


def _identity(given: StoreCredentials) -> TokenCredential:
    from azure.identity import ClientSecretCredential, DefaultAzureCredential

    tenant, client, secret = given.azure_tenant_id, given.azure_client_id, reveal(given.azure_client_secret)
    if tenant and client and secret:
        return ClientSecretCredential(tenant, client, secret)
    return DefaultAzureCredential()


def _sign(location: Location, lifetime: timedelta, **key: Any) -> Sas:
    from azure.storage.blob import ContainerSasPermissions, generate_container_sas

    now = datetime.now(UTC)
    token = generate_container_sas(
        location.account or "",
        location.container,
        permission=ContainerSasPermissions(read=True, list=True),
        start=now - _SKEW,
        expiry=now + lifetime,
        **key,
    )
    return _given(token, location)


def _given(text: str, location: Location) -> Sas:
    """Return a signature with what it says of itself."""
    token = text.removeprefix("?")
    parts = {name: values[0] for name, values in parse_qs(token).items()}
    if "sig" not in parts:
        raise ConfigError(f"the SAS token for {location.name} has no 'sig=': copy the whole token")
    may = (
        ", ".join(_PERMISSIONS.get(letter, letter) for letter in parts.get("sp", ""))
        or "as its stored policy says"
    )
    where = f"account '{location.account}'" if "ss" in parts else location.name
    expiry = datetime.fromisoformat(parts["se"]) if "se" in parts else None
    if expiry and expiry.tzinfo is None:
        expiry = expiry.replace(tzinfo=UTC)
    return Sas(token, expiry, f"{may}: {where}")
