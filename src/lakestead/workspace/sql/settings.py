"""Settings of a SQL session: the configuration parameters of Databricks SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lakestead.engine.sail import EngineError
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.session import SqlSession

MAX_TIMEOUT = 172_800  # seconds: two days, the longest that Databricks lets a statement run
_LEGACY_PARSER = "LEGACY_TIME_PARSER_POLICY"
_ENGINE_TIME_ZONE = "spark.sql.session.timeZone"
RETENTION_CHECK = "spark.databricks.delta.retentionDurationCheck.enabled"


@dataclass(frozen=True, slots=True)
class Setting:
    """A configuration parameter.

    Attributes:
        default: its value when none is given.
        meaning: what it does here.
        check: returns a value in its canonical form, or raises ApiError.
    """

    default: str
    meaning: str
    check: Callable[[str, str], str]


def _any(_name: str, value: str) -> str:
    return value


def _boolean(name: str, value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise _invalid(name, value, "it is TRUE or FALSE")
    return value.lower()


def _only(allowed: str) -> Callable[[str, str], str]:
    """Return the check of a parameter for which only one of Databricks' values is served."""

    def check(name: str, value: str) -> str:
        if _boolean(name, value) != allowed:
            raise unsupported(f"{name} = {value}")
        return allowed

    return check


def _parser_policy(name: str, value: str) -> str:
    if value.upper() == "LEGACY":
        raise unsupported(f"{name} = LEGACY")
    if value.upper() not in ("EXCEPTION", "CORRECTED"):
        raise _invalid(name, value, "it is EXCEPTION, CORRECTED or LEGACY")
    return value.upper()


def _timeout(name: str, value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > MAX_TIMEOUT:
        raise _invalid(name, value, f"it is a number of seconds from 0 to {MAX_TIMEOUT}")
    return str(int(value))


def _invalid(name: str, value: str, why: str) -> ApiError:
    return ApiError(
        ErrorCode.INVALID_REQUEST,
        f"The value '{value[:200]}' of the configuration {name} is invalid: {why}.",
        condition="INVALID_CONF_VALUE",
    )


SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        "ANSI_MODE": Setting(
            "true", "Standard SQL errors for casts and arithmetic; always on.", _only("true")
        ),
        "ENABLE_PHOTON": Setting("true", "Has no effect: the engine is always vectorised.", _boolean),
        _LEGACY_PARSER: Setting(
            "EXCEPTION", "How times are parsed; never as before Spark 3.", _parser_policy
        ),
        "MAX_FILE_PARTITION_BYTES": Setting(
            "128m", "Has no effect: the engine sizes its reads itself.", _any
        ),
        "QUERY_TAGS": Setting("", "Tags on the session's statements, as k1:v1,k2:v2.", _any),
        "READ_ONLY_EXTERNAL_METASTORE": Setting("false", "There is no external metastore.", _only("false")),
        "STATEMENT_TIMEOUT": Setting(
            str(MAX_TIMEOUT), "Seconds after which a statement is stopped; 0 for never.", _timeout
        ),
        "TIMEZONE": Setting("UTC", "The session's time zone: a region or an offset such as +02:00.", _any),
        "USE_CACHED_RESULT": Setting("true", "Has no effect: results are not cached.", _boolean),
        RETENTION_CHECK: Setting("true", "Whether VACUUM refuses to keep less than 168 hours.", _boolean),
    }
)
# What drivers and dlt call them when they open a session.
_ALIASES = {
    "spark.sql.session.timezone": "TIMEZONE",
    "spark.sql.ansi.enabled": "ANSI_MODE",
    RETENTION_CHECK.lower(): RETENTION_CHECK,
}


def canonical(key: str) -> str:
    """Return the name of a setting.

    Args:
        key: the name, or Spark's own name for it, in any case.

    Raises:
        ApiError: CONFIG_NOT_AVAILABLE.
    """
    name = _ALIASES.get(key.lower(), key.upper())
    if name not in SETTINGS:
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"Configuration {key[:200]} is not available.",
            condition="CONFIG_NOT_AVAILABLE",
            sqlstate="42K0I",
        )
    return name


def assign(session: SqlSession, key: str, value: str) -> tuple[str, str]:
    """Give a setting a value, and make it hold.

    Returns:
        Its name and value in their canonical form.

    Raises:
        ApiError: CONFIG_NOT_AVAILABLE; INVALID_REQUEST for a value it cannot have; NOT_IMPLEMENTED for one
            that is not served; INVALID_TIMEZONE.
    """
    name = canonical(key)
    value = SETTINGS[name].check(name, value)
    if name == "TIMEZONE":
        _set_time_zone(session, value)
    session.configuration[name] = value
    return name, value


def reset(session: SqlSession, key: str | None = None) -> None:
    """Give a setting, or all, the default value again.

    Raises:
        ApiError: CONFIG_NOT_AVAILABLE.
    """
    for name in [canonical(key)] if key is not None else list(SETTINGS):
        if session.configuration.pop(name, None) is not None and name == "TIMEZONE":
            _set_time_zone(session, SETTINGS[name].default)


def configure(session: SqlSession, given: Mapping[str, str]) -> None:
    """Apply the settings with which a session is opened.

    Drivers also send keys for the server's protocol layer; those are kept as they are.

    Raises:
        ApiError: as :func:`assign`.
    """
    for key, value in given.items():
        if _ALIASES.get(key.lower(), key.upper()) in SETTINGS:
            assign(session, key, value)
        else:
            session.configuration[key] = value


def values(session: SqlSession) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and meaning of every setting."""
    for name, setting in SETTINGS.items():
        yield name, session.configuration.get(name, setting.default), setting.meaning


def statement_timeout(session: SqlSession) -> float | None:
    """Return the seconds after which the session's statements are stopped; None for never."""
    return float(session.configuration.get("STATEMENT_TIMEOUT", "0")) or None


def _set_time_zone(session: SqlSession, zone: str) -> None:
    """Set the engine's time zone.

    Raises:
        ApiError: INVALID_TIMEZONE when the engine does not know it.
    """
    before = session.configuration.get("TIMEZONE", SETTINGS["TIMEZONE"].default)
    try:
        session.engine.set(_ENGINE_TIME_ZONE, zone)
        session.engine.query("SELECT CAST(TIMESTAMP '2000-01-01 00:00:00' AS STRING)")
    except EngineError:
        session.engine.set(_ENGINE_TIME_ZONE, before)
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"The timezone: {zone[:200]} is invalid. The timezone must be either a region-based zone ID or a "
            "zone offset like +02:00.",
            condition="INVALID_TIMEZONE",
            sqlstate="22009",
        ) from None
