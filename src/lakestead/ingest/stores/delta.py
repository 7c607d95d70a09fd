"""How delta-rs is told to reach a store."""

from __future__ import annotations

import json

from .credentials import StoreCredentials, reveal
from .location import Location
from .opening import azure_endpoint, service_account


def delta_options(location: Location, given: StoreCredentials) -> dict[str, str]:
    """Return delta-rs' `storage_options` of a store. They hold secrets.

    Args:
        location: the store's; of Azure with the account's name.
        given: its credentials; what is not given delta-rs looks for in the environment.
    """
    if location.kind == "file":
        return {}
    found = {"s3": _s3, "az": _azure, "gs": _google}[location.kind](location, given)
    options = {name: value for name, value in found.items() if value}
    if any(value.startswith("http://") for value in options.values()):
        options["allow_http"] = "true"
    return options


def _s3(location: Location, given: StoreCredentials) -> dict[str, str | None]:
    return {
        "aws_access_key_id": given.aws_access_key_id,
        "aws_secret_access_key": reveal(given.aws_secret_access_key),
        "aws_session_token": reveal(given.aws_session_token),
        "aws_region": given.region_name,
        "aws_endpoint": given.endpoint_url,
    }


def _azure(location: Location, given: StoreCredentials) -> dict[str, str | None]:
    token = reveal(given.azure_storage_sas_token)
    return {
        "azure_storage_account_name": location.account,
        "azure_storage_account_key": None if token else reveal(given.azure_storage_account_key),
        "azure_storage_sas_token": token.removeprefix("?") if token else None,
        "azure_storage_tenant_id": given.azure_tenant_id,
        "azure_storage_client_id": given.azure_client_id,
        "azure_storage_client_secret": reveal(given.azure_client_secret),
        "azure_storage_endpoint": azure_endpoint(location, given),
    }


def _google(location: Location, given: StoreCredentials) -> dict[str, str | None]:
    account = service_account(given)
    return {
        "google_service_account_key": json.dumps(account) if account else None,
        "google_base_url": given.endpoint_url,
    }
