"""Azure Blob Storage (Azurite) with two accounts, for account keys and shared access signatures."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .process import listening

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

# Azurite's own well-known account, and one that stands for another tenant. Neither is secret.
_KEYS = {
    "devstoreaccount1": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
    "othertenant": "b3RoZXJ0ZW5hbnRzLWtleS1vdGhlcnRlbmFudHMta2V5LW90aGVydGVuYW50cy1rZXktMDEyMzQ1Njc4OTA=",
}
# Where `make` installs it, beside the environment's own programs.
_INSTALLED = Path(sys.prefix) / "azurite" / "node_modules" / ".bin" / "azurite-blob"


@dataclass(frozen=True)
class AzureAccount:
    """A storage account of a running server.

    Attributes:
        server: the server's URL, without the account.
        name: the account.
        key: its key.
    """

    server: str
    name: str
    key: str = field(repr=False)

    @property
    def url(self) -> str:
        """The account's endpoint."""
        return f"{self.server}/{self.name}"

    @property
    def connection_string(self) -> str:
        """What Azure's SDKs connect with."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={self.name};AccountKey={self.key};"
            f"BlobEndpoint={self.url};"
        )

    def client(self) -> BlobServiceClient:
        """Return a client of the Azure SDK with the account's key; close it, or use it in `with`."""
        from azure.storage.blob import BlobServiceClient  # here, because it is slow

        return BlobServiceClient.from_connection_string(self.connection_string)

    def container(self) -> str:
        """Make a container and return its name."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        with self.client() as client:
            client.create_container(name)
        return name

    def put(self, container: str, name: str, content: bytes) -> None:
        """Store a blob."""
        with self.client() as client:
            client.get_blob_client(container, name).upload_blob(content, overwrite=True)

    def sas(self, container: str, permissions: str = "rl", *, hours: float = 1) -> str:
        """Return a shared access signature for a container.

        Args:
            container: its name.
            permissions: as Azure writes them: r read, w write, c create, d delete, l list.
            hours: until it expires; less than 0 for one that has.
        """
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas

        return generate_container_sas(
            self.name,
            container,
            account_key=self.key,
            permission=ContainerSasPermissions.from_string(permissions),
            expiry=datetime.now(UTC) + timedelta(hours=hours),
        )

    def endpoint(self) -> dict[str, str]:
        """Return the environment with which a program finds the server, without credentials."""
        return {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": self.server}

    def env(self) -> dict[str, str]:
        """Return the environment with which a program finds the server and has the account's key."""
        return {
            **self.endpoint(),
            "AZURE_STORAGE_ACCOUNT_NAME": self.name,
            "AZURE_STORAGE_ACCOUNT_KEY": self.key,
        }


@dataclass(frozen=True)
class AzuriteServer:
    """A running server.

    Attributes:
        account: the usual account of the tests.
        other: one of another tenant.
    """

    account: AzureAccount
    other: AzureAccount


@pytest.fixture(scope="session")
def azurite() -> Iterator[AzuriteServer]:
    """One Azure Blob Storage server that the whole session shares; make a container for each test."""
    program = str(_INSTALLED) if _INSTALLED.exists() else shutil.which("azurite-blob")
    if program is None:
        why = "Azurite is not installed: `make test` installs it where npm is (or `npm install -g azurite`)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    accounts = ";".join(f"{name}:{key}" for name, key in _KEYS.items())
    options = ["--blobPort", "0", "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry"]
    with listening([program, *options], {**os.environ, "AZURITE_ACCOUNTS": accounts}) as url:
        first, second = (AzureAccount(url, name, key) for name, key in _KEYS.items())
        yield AzuriteServer(first, second)
