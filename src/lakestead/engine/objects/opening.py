"""Opening object stores, with the environment's credentials and endpoints or with given credentials.

obstore itself reads the environment: ``AWS_…``, ``AZURE_…`` and ``GOOGLE_…``, as the Rust library
object_store documents them. It does so whenever a store is opened.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from obstore.store import AzureStore, GCSStore, S3Store

from lakestead.engine.objects.credentials import AwsKeys, AzureSas, Credentials
from lakestead.engine.objects.errors import StoreError, StoreErrorKind, explained
from lakestead.engine.objects.store import Store
from lakestead.engine.objects.url import ObjectUrl

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_ENDPOINTS = (
    "AWS_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AZURE_ENDPOINT",
    "AZURE_STORAGE_ENDPOINT",
    "GOOGLE_BASE_URL",
)
_PUBLIC_AZURE = "core.windows.net"
_EMULATOR = "http://127.0.0.1:10000"
_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}


def open_store(url: ObjectUrl, credentials: Credentials | None = None) -> Store:
    """Open the bucket or container of a URL; nothing is asked of it yet.

    Args:
        url: where.
        credentials: used instead of the environment's, which then count for nothing.

    Raises:
        StoreError: DENIED when the credentials are not of this cloud; UNAVAILABLE when the environment's
            settings make no sense.
    """
    with explained(url.text):
        match url.cloud:
            case "s3":
                return Store(url, _s3(url, credentials))
            case "azure":
                return Store(url, _azure(url, credentials))
            case "gs":
                if credentials is not None:
                    raise _other_cloud(url, "no credentials", "Google Cloud Storage")
                return Store(url, GCSStore(url.bucket, client_options=_client(), retry_config=_RETRIES))


def _s3(url: ObjectUrl, credentials: Credentials | None) -> ObjectStore:
    if credentials is None:
        return S3Store(url.bucket, client_options=_client(), retry_config=_RETRIES)
    if not isinstance(credentials, AwsKeys):
        raise _other_cloud(url, "AWS_ACCESS_KEY and AWS_SECRET_KEY", "S3")
    # By a provider: as options, they would be mixed with what the environment has.
    given: dict[str, Any] = {
        "access_key_id": credentials.access_key,
        "secret_access_key": credentials.secret_key,
        "token": credentials.session_token,
        "expires_at": None,
    }
    return S3Store(
        url.bucket,
        config={"skip_signature": False},
        client_options=_client(),
        retry_config=_RETRIES,
        credential_provider=lambda: given,  # type: ignore[arg-type]
    )


def _azure(url: ObjectUrl, credentials: Credentials | None) -> ObjectStore:
    config: dict[str, Any] = {"account_name": url.account}
    emulated = _emulated()
    if url.domain != _PUBLIC_AZURE and not emulated:
        config["endpoint"] = f"https://{url.account}.blob.{url.domain}"
    if credentials is None:
        return AzureStore(url.bucket, config=config, client_options=_client(), retry_config=_RETRIES)  # type: ignore[arg-type]
    if not isinstance(credentials, AzureSas):
        raise _other_cloud(url, "AZURE_SAS_TOKEN", "Azure")
    if emulated:
        # In obstore's own mode for the emulator, the account's key comes before any other credential.
        base = os.environ.get("AZURITE_BLOB_STORAGE_URL", _EMULATOR).rstrip("/")
        config |= {"use_emulator": False, "endpoint": f"{base}/{url.account}"}
    given: dict[str, Any] = {"sas_token": credentials.token.lstrip("?"), "expires_at": None}
    return AzureStore(
        url.bucket,
        config={**config, "skip_signature": False},  # type: ignore[arg-type]
        client_options=_client(),
        retry_config=_RETRIES,
        credential_provider=lambda: given,  # type: ignore[arg-type]
    )


def _emulated() -> bool:
    """Return whether Azure's accounts are those of Azurite."""
    return os.environ.get("AZURE_STORAGE_USE_EMULATOR", "").strip().lower() in ("1", "true", "yes", "on")


def _client() -> ClientConfig:
    """Return how requests are made; without TLS only when the environment names such an endpoint."""
    plain = any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)
    return {
        "allow_http": plain or _emulated(),
        "connect_timeout": timedelta(seconds=10),
        # Of a whole request, a file's transfer with it; what stands still ends sooner.
        "timeout": timedelta(hours=12),
        "read_timeout": timedelta(seconds=60),
    }


def _other_cloud(url: ObjectUrl, wanted: str, cloud: str) -> StoreError:
    return StoreError(StoreErrorKind.DENIED, f"{url.text}: a CREDENTIAL for {cloud} has {wanted}.")
