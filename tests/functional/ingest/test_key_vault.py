"""Secrets of a key vault, through Azure's own client."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.keyvault.secrets import SecretClient

from lakestead.core.errors import ConfigError, ConnectionFailed
from lakestead.ingest.secrets.stores import KeyVault
from tests.servers.key_vault import TOKEN, key_vault

SECRETS = {"erp-password": "hunter2", "erp-client-secret": "s", "crm-token": "t", "erp-old": None}


class Login:
    """A log-in that has its token already."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Return the token, whatever it is for."""
        return AccessToken(self._token, int(time.time()) + 3600)


def client(url: str, certificate: Path, token: str = TOKEN) -> SecretClient:
    # Only a vault of Azure's own domains passes the check that is left out here.
    return SecretClient(
        url,
        Login(token),
        verify_challenge_resource=False,
        connection_verify=str(certificate),
        retry_total=0,
    )


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    with key_vault(SECRETS, tmp_path) as served:
        yield served


def test_names_and_values(vault: tuple[str, Path]) -> None:
    url, _ = vault
    with client(*vault) as azure:
        found = KeyVault(url, azure)
        assert found.names() == ["crm-token", "erp-client-secret", "erp-password"]
        assert found.get("erp-password") == "hunter2"
        assert found.place("erp-password") == f"{url}/secrets/erp-password"
        with pytest.raises(ConfigError, match="does not have the secret 'nope'"):
            found.get("nope")


def test_a_vault_that_does_not_let_us_in(vault: tuple[str, Path]) -> None:
    url, certificate = vault
    with (
        client(url, certificate, "wrong") as azure,
        pytest.raises(ConnectionFailed, match="az login") as raised,
    ):
        KeyVault(url, azure).names()
    assert "wrong" not in str(raised.value)


def test_a_vault_that_is_not_there(tmp_path: Path) -> None:
    with key_vault({}, tmp_path) as (url, certificate):
        pass
    with client(url, certificate) as azure, pytest.raises(ConnectionFailed, match=url):
        KeyVault(url, azure).names()


def test_without_azures_clients_the_extra_is_named() -> None:
    program = """
import sys
sys.modules["azure.identity"] = None  # as if it were not installed
from lakestead.core.errors import MissingExtra
from lakestead.ingest.secrets.stores import KeyVault
try:
    KeyVault("https://x.vault.azure.net").names()
except MissingExtra as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert "pip install 'lakestead[azure]'" in done.stdout, done.stderr
