"""What the secrets say of an API, and what a job may say of a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from lakestead.core.config import Declaration
from lakestead.core.errors import ConfigError
from lakestead.ingest.sources.settings import SourceSettings
from lakestead.ingest.sources.source import Window

AuthType = Literal["none", "bearer", "api_key", "http_basic", "oauth2_client_credentials"]
Pagination = Literal[
    "auto", "single_page", "header_link", "json_link", "offset", "page_number", "cursor", "header_cursor"
]
_NEEDED: Mapping[AuthType, tuple[str, ...]] = {
    "none": (),
    "bearer": ("token",),
    "api_key": ("api_key",),
    "http_basic": ("username", "password"),
    "oauth2_client_credentials": ("access_token_url", "client_id", "client_secret"),
}
_PLACE = re.compile(r"\{(watermark|end)(?::([^{}]*))?\}")


class Settings(SourceSettings):
    """An API.

    Attributes:
        base_url: what the endpoints of jobs are relative to.
        auth_type: how to log in, unless the job says it; by what is given if neither does.
        token: for bearer.
        api_key: for api_key, in the header, or query parameter, `api_key_name`.
        access_token_url: for oauth2_client_credentials, with client_id, client_secret and maybe scope.
        headers: sent with every request.
        timeout: seconds until a request is given up.
        max_attempts: how often a request is made before its failure counts: on 429, 5xx and lost connections.
        backoff: seconds before the second attempt, then twice as long each; Retry-After goes before it.
    """

    base_url: str
    auth_type: AuthType | None = None
    token: SecretStr | None = None
    api_key: SecretStr | None = None
    api_key_name: str = "Authorization"
    api_key_location: Literal["header", "query"] = "header"
    username: str | None = None
    password: SecretStr | None = None
    access_token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    scope: str | None = None
    headers: Mapping[str, SecretStr] = {}
    timeout: float = Field(60, gt=0)
    max_attempts: int = Field(5, ge=1)
    backoff: float = Field(1, ge=0)

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http://)")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.login(self.auth_type)
        return self

    def login(self, wanted: AuthType | None) -> AuthType:
        """Return how to log in.

        Args:
            wanted: what the job or the section says; None for what the given keys are for.

        Raises:
            ValueError: when keys are missing.
        """
        kinds: list[AuthType] = [kind for kind in _NEEDED if not self._lacks(kind)]
        found = wanted or kinds[-1]
        lacks = self._lacks(found)
        if lacks:
            raise ValueError(f"auth_type {found} needs {', '.join(lacks)}")
        return found

    def _lacks(self, kind: AuthType) -> list[str]:
        return [key for key in _NEEDED[kind] if getattr(self, key) is None]

    def text(self, key: str) -> str:
        """Return a key that the log-in needs, see `login`."""
        value = getattr(self, key)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no message may hold."""
        own = (self.token, self.api_key, self.password, self.client_secret, *self.headers.values())
        return tuple(secret.get_secret_value() for secret in own if secret)


class ApiRequest(Declaration):
    """The options of a request that are about an API.

    Attributes:
        api_endpoint: the resource's path below `base_url`.
        pagination_type: a kind of pages, or a mapping of its `type` and dlt's arguments for that kind.
        auth_type: how to log in, see `Settings`.
        page_size: rows to ask for in a page.
        data_selector: JSONPath to the rows in an answer; found out if not given.
        params: the query string's; `{watermark}` and `{end}` stand for the window's bounds, also with a
            format as in `{watermark:%Y-%m-%d}`; without the bound the parameter is left out.
    """

    api_endpoint: str | None = None
    pagination_type: Pagination | Mapping[str, Any] = "auto"
    auth_type: AuthType | None = None
    page_size: int | None = Field(None, ge=1)
    data_selector: str | None = None
    params: Mapping[str, Any] = {}


def filled(params: Mapping[str, Any], window: Window | None) -> dict[str, Any]:
    """Return parameters with the window's bounds in their places."""
    bounds = {"watermark": window.lower if window else None, "end": window.upper if window else None}
    found: dict[str, Any] = {}
    for name, value in params.items():
        if not isinstance(value, str):
            found[name] = value
        elif all(bounds[place[1]] is not None for place in _PLACE.finditer(value)):
            found[name] = _PLACE.sub(partial(_bound, bounds, name), value)
    return found


def _bound(bounds: Mapping[str, Any], name: str, place: re.Match[str]) -> str:
    return _written(bounds[place[1]], place[2], name)


def _written(value: Any, form: str | None, name: str) -> str:
    if form is not None:
        if not isinstance(value, date):
            raise ConfigError(f"params: '{name}' has a format of times, but the bound '{value}' is none")
        return value.strftime(form)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat() + ("Z" if value.tzinfo else "")
    return value.isoformat() if isinstance(value, date) else str(value)
