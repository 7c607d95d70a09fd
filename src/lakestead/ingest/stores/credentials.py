"""What is needed to be let in to a store, under the names of dlt's secrets."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from lakestead.core.errors import ConfigError


class StoreCredentials(BaseModel):
    """Credentials of any store; those that are not given are looked for in the cloud's own environment.

    Attributes:
        azure_storage_account_name: needed when the URL does not name the account.
        azure_storage_account_key: lets in to everything in the account.
        azure_storage_sas_token: a shared access signature, with or without the leading `?`.
        azure_tenant_id: with client id and secret: a service principal.
        azure_account_host: another host than the account's usual, as in dlt.
        region_name: where the S3 bucket is.
        endpoint_url: the server's URL, for stores that are compatible; for Azure with the account in it.
        private_key: with client_email and the rest of a service account's JSON: Google Cloud.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    azure_storage_account_name: str | None = None
    azure_storage_account_key: SecretStr | None = None
    azure_storage_sas_token: SecretStr | None = None
    azure_tenant_id: str | None = None
    azure_client_id: str | None = None
    azure_client_secret: SecretStr | None = None
    azure_account_host: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    region_name: str | None = None
    endpoint_url: str | None = None
    type: str | None = None
    project_id: str | None = None
    private_key_id: str | None = None
    private_key: SecretStr | None = None
    client_email: str | None = None
    client_id: str | None = None
    auth_uri: str | None = None
    token_uri: str | None = None
    auth_provider_x509_cert_url: str | None = None
    client_x509_cert_url: str | None = None
    universe_domain: str | None = None

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> StoreCredentials:
        """Check a section of the secrets.

        Raises:
            ConfigError: when a key is unknown or a value is of the wrong kind; no value is named.
        """
        given = {key: value for key, value in settings.items() if value not in (None, "")}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [cls._explain(str(part["loc"][0]), part["msg"]) for part in error.errors()]
            raise ConfigError("credentials of the store: " + "; ".join(lines)) from None

    @classmethod
    def _explain(cls, key: str, message: str) -> str:
        if key in cls.model_fields:
            return f"'{key}': {message}"
        near = get_close_matches(key, cls.model_fields, n=1)
        hint = f", did you mean '{near[0]}'?" if near else f"; known: {', '.join(cls.model_fields)}"
        return f"unknown key '{key}'{hint}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no message may hold."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(value.get_secret_value() for value in values if isinstance(value, SecretStr))


def reveal(secret: SecretStr | None) -> str | None:
    """Return a secret's text."""
    return secret.get_secret_value() if secret else None
