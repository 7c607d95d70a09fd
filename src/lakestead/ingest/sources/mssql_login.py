"""Connection strings of SQL Server, as ODBC has them."""

from __future__ import annotations

import re

from pydantic import SecretStr

from lakestead.core.errors import ConfigError

from .settings import Login, ServerSettings, login

_PORT = 1433
_PAIR = re.compile(r"\s*([^=;{}]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|(?!\{)[^;]*?)\s*(?:;|\Z)")
_SERVER = ("server", "addr", "address", "data source")
_DATABASE = ("database", "initial catalog")
_USERNAME = ("uid", "user id", "user", "username")
_PASSWORD = ("pwd", "password")
# The driver knows which it is.
_IGNORED = ("driver", "provider")


def server(settings: ServerSettings, source: str) -> Login:
    """Return where a server is, from a source's parts, URL or ODBC connection string.

    Raises:
        ConfigError: when the string cannot be read; it is not shown, as it may hold a password.
    """
    text = settings.url.get_secret_value() if settings.url else ""
    if not text or "://" in text:
        return login(settings, source, _PORT)
    given, position = {}, 0
    while position < len(text.rstrip()):
        found = _PAIR.match(text, position)
        if found is None:
            raise ConfigError(
                "'connection_string' is not of the form Server=…;Database=…;UID=…;PWD=…; a value with ; or }"
                " stands in braces, a } in it doubled",
                where=f"[sources.{source}]",
            )
        key, value = found.groups()
        given[key.lower()] = value[1:-1].replace("}}", "}") if value.startswith("{") else value
        position = found.end()
    return _named(given, settings, source)


def _named(given: dict[str, str], settings: ServerSettings, source: str) -> Login:
    def take(keys: tuple[str, ...]) -> str | None:
        return next((given.pop(key) for key in keys if key in given), None)

    place = take(_SERVER)
    if not place:
        raise ConfigError("'connection_string' names no Server", where=f"[sources.{source}]")
    host, _, port = place.removeprefix("tcp:").partition(",")
    if port and not port.strip().isdigit():
        raise ConfigError("'connection_string' has a port that is no number", where=f"[sources.{source}]")
    database, username, password = take(_DATABASE), take(_USERNAME), take(_PASSWORD)
    options = {key: value for key, value in given.items() if key not in _IGNORED}
    return Login(
        host=host.strip(),
        port=int(port or _PORT),
        database=database,
        username=username,
        password=SecretStr(password) if password else settings.password,
        options={**options, **settings.options},
    )


def connection_string(place: Login) -> str:
    """Return what the driver connects with."""
    parts = {
        # A named instance has no port that we know.
        "Server": place.host if "\\" in place.host else f"tcp:{place.host},{place.port}",
        "Database": place.database,
        "UID": place.username,
        "PWD": place.secret,
        **place.options,
    }
    return "".join(f"{key}={_braced(value)};" for key, value in parts.items() if value)


def _braced(value: str) -> str:
    plain = re.fullmatch(r"[\w.,:\\ -]+", value) and value == value.strip()
    return value if plain else "{" + value.replace("}", "}}") + "}"
