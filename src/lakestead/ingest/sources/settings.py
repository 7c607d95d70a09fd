"""What the secrets say of a database: where it is and who logs in, in parts or as one URL."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from lakestead.core.errors import ConfigError


class SourceSettings(BaseModel):
    """The keys of a section of the secrets; none but the known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def read(cls, name: str, settings: Mapping[str, Any]) -> Self:
        """Check the section of a source.

        Args:
            name: the source's.
            settings: the section, its secrets resolved.

        Raises:
            ConfigError: when a key is unknown or missing, or a value is of the wrong kind; no value is named.
        """
        given = {key: value for key, value in settings.items() if value not in (None, "")}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [cls._explain(part["loc"], part["msg"]) for part in error.errors(include_input=False)]
            raise ConfigError("; ".join(lines), where=f"[sources.{name}]") from None

    @classmethod
    def _explain(cls, location: tuple[int | str, ...], message: str) -> str:
        if not location:
            return message.removeprefix("Value error, ")
        key = str(location[0])
        if key in cls.model_fields or key == "connection_string":
            return f"'{key}': {message}"
        near = get_close_matches(key, cls.model_fields, n=1)
        hint = f", did you mean '{near[0]}'?" if near else f"; known: {', '.join(cls.model_fields)}"
        return f"unknown key '{key}'{hint}"


class ServerSettings(SourceSettings):
    """Where a database server is: either `url` (or `connection_string`), or `host` and the other parts.

    Attributes:
        url: such as ``postgresql://user:password@host:5432/database?sslmode=require``; a password with
            ``@``, ``/`` or ``:`` is percent-encoded.
        options: further parameters of the driver, such as ``sslmode``.
    """

    host: str | None = None
    port: int | None = Field(None, ge=1, le=65535)
    database: str | None = None
    username: str | None = Field(None, validation_alias=AliasChoices("username", "user"))
    password: SecretStr | None = None
    url: SecretStr | None = Field(None, validation_alias=AliasChoices("url", "connection_string"))
    options: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.url is None:
            if self.host is None:
                raise ValueError("either 'host' or 'url' must be given")
            return self
        parts = [key for key in ("host", "port", "database", "username") if getattr(self, key) is not None]
        if parts:
            raise ValueError(f"'url' says where the database is: leave out {', '.join(parts)}")
        return self


class Login(BaseModel):
    """Where a database server is and who logs in."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    database: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    options: dict[str, str] = Field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.host}:{self.port}" + (f"/{self.database}" if self.database else "")

    @property
    def secret(self) -> str:
        """The password's text; empty if there is none."""
        return self.password.get_secret_value() if self.password else ""


def login(settings: ServerSettings, source: str, default_port: int) -> Login:
    """Return the parts of a source's settings, taken from its URL if it has one.

    Raises:
        ConfigError: when the URL cannot be read; it is not shown, as it may hold a password.
    """
    if settings.url is None:
        return Login(
            host=settings.host or "",
            port=settings.port or default_port,
            database=settings.database,
            username=settings.username,
            password=settings.password,
            options=settings.options,
        )
    try:
        url = urlsplit(settings.url.get_secret_value().strip())
        host, port, query = url.hostname, url.port, parse_qsl(url.query, strict_parsing=bool(url.query))
    except ValueError:
        host, port, query = None, None, []
    if not host:
        raise ConfigError(
            "'url' is not of the form scheme://user:password@host:port/database; special characters in the"
            " password are percent-encoded (@ is %40, / is %2F, : is %3A)",
            where=f"[sources.{source}]",
        )
    password = settings.password or (SecretStr(unquote(url.password)) if url.password else None)
    return Login(
        host=host,
        port=port or default_port,
        database=unquote(url.path.removeprefix("/")) or None,
        username=unquote(url.username) if url.username else None,
        password=password,
        options={**dict(query), **settings.options},
    )
