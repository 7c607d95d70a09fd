"""Whether a workspace has what a level of compliance asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from databricks.sdk.errors.base import DatabricksError
from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.client.health import answers
from lakestead.core.errors import ConfigError

LEVELS = ("basic", "standard", "enterprise")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Readiness:
    """One thing that was looked at.

    Args:
        name: what it is.
        ok: whether it is as it should be.
        message: what was seen, or what to do.
    """

    name: str
    ok: bool
    message: str

    def values(self) -> dict[str, object]:
        """Return the fields as JSON has them."""
        return asdict(self)


def look(warehouse: Warehouse, url: str, level: str, metastore_id: str | None) -> list[Readiness]:
    """Return what was seen of a workspace; the first thing that is wrong is the last that is looked at.

    `basic` asks that it answers and lets this user in; `standard` also for a Unity Catalog metastore, the
    one that is named if one is; `enterprise` also for a connection that is encrypted or stays on this
    machine, and for an audit log that can be read.

    Raises:
        ConfigError: the level is none.
    """
    if level not in LEVELS:
        raise ConfigError(f"unknown compliance_level '{level}'; give one of {', '.join(LEVELS)}")
    steps: list[Callable[[], Readiness]] = [lambda: _reachable(warehouse, url), lambda: _login(warehouse)]
    if level != "basic":
        steps.append(lambda: _metastore(warehouse, metastore_id))
    if level == "enterprise":
        steps += [lambda: _encrypted(url), lambda: _audited(warehouse)]
    seen: list[Readiness] = []
    for step in steps:
        seen.append(step())
        if not seen[-1].ok:
            break
    return seen


def _reachable(warehouse: Warehouse, url: str) -> Readiness:
    if answers(warehouse.profile):
        return Readiness("reachable", True, f"{url} answers")
    return Readiness("reachable", False, f"{url} does not answer: check the URL and the network")


def _login(warehouse: Warehouse) -> Readiness:
    try:
        name = warehouse.client.current_user.me().user_name
    except (DatabricksError, OSError) as error:
        return Readiness("login", False, f"the log-in is refused: {error}")
    return Readiness("login", True, f"logged in as {name}")


def _metastore(warehouse: Warehouse, metastore_id: str | None) -> Readiness:
    try:
        found = warehouse.client.metastores.summary().metastore_id
    except (DatabricksError, OSError) as error:
        return Readiness("metastore", False, f"there is no Unity Catalog metastore: {error}")
    if metastore_id is not None and _is_uuid(metastore_id) and found != metastore_id:
        return Readiness("metastore", False, f"its metastore is {found}, not {metastore_id}")
    return Readiness("metastore", True, f"its metastore is {found}")


def _is_uuid(text: str) -> bool:
    """Return whether an id is one that Databricks gives; other words are names that the program gives."""
    parts = text.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12]


def _encrypted(url: str) -> Readiness:
    if url.startswith("https://"):
        return Readiness("encryption", True, "the connection is encrypted")
    if urlsplit(url).hostname in _LOOPBACK:
        return Readiness("encryption", True, "the connection does not leave this machine")
    return Readiness("encryption", False, f"{url} is not encrypted: use https")


def _audited(warehouse: Warehouse) -> Readiness:
    try:
        warehouse.rows("SELECT event_time FROM system.access.audit LIMIT 1")
    except (Error, ConfigError) as error:
        what = "system.access.audit cannot be read: have it enabled, and get SELECT on it"
        return Readiness("audit_log", False, f"{what} ({error})")
    return Readiness("audit_log", True, "system.access.audit can be read")
