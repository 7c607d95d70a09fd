"""What a call of the REST API does, from its method and path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from lakestead.core.names import InvalidName, split_name
from lakestead.telemetry import attributes as names

STATEMENTS = "/api/2.0/sql/statements"

_PREFIX = re.compile(r"/api/\d+(?:\.\d+)?/(?:preview/)?(?:scim/v2/)?")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*\Z")
_VERBS = {
    "GET": "get",
    "HEAD": "get",
    "POST": "create",
    "PUT": "replace",
    "PATCH": "update",
    "DELETE": "delete",
}
_LEVELS = (names.GENOPS_CATALOG_NAME, names.GENOPS_SCHEMA_NAME, names.GENOPS_TABLE_NAME)
_DEPTHS = {"catalogs": 1, "schemas": 2, "tables": 3, "volumes": 3, "functions": 3}


@dataclass(frozen=True, slots=True)
class Target:
    """What a call does.

    Attributes:
        kind: such as `catalog.list`; one of few.
        attributes: of the span: what it is done to.
    """

    kind: str
    attributes: Mapping[str, str]


def target(method: str, path: str) -> Target:
    """Return what a call does.

    Args:
        method: GET, POST, …
        path: of the URL.
    """
    parts = [unquote(part) for part in _PREFIX.sub("", path, count=1).split("/") if part]
    if parts[:1] == ["unity-catalog"]:
        kind, attributes = _unity_catalog(method, parts[1:])
    elif parts[:1] == ["sql"]:
        kind, attributes = _sql(method, parts[1:])
    elif parts == ["Me"]:
        kind, attributes = "current_user.get", {}
    elif parts[:1] == ["fs"]:
        kind, attributes = f"file.{_VERBS.get(method, 'call')}", _volume(parts[1:])
    else:
        kind, attributes = _other(method, parts), {}
    return Target(kind, MappingProxyType(attributes))


def _unity_catalog(method: str, parts: list[str]) -> tuple[str, dict[str, str]]:
    """Return it for /catalogs, /catalogs/{name}, /tables/{name}/monitor, /permissions/{kind}/{name}."""
    if parts[:1] in (["permissions"], ["effective-permissions"], ["tags"]) and len(parts) > 2:
        attributes = _named(_plural(parts[1]), parts[2])
        return f"{_singular(parts[0])}.{_VERBS.get(method, 'call')}", attributes
    resources = "_".join(_singular(part) for part in parts[::2])
    attributes = _named(parts[0], parts[1]) if len(parts) > 1 else {}
    return f"{resources or 'unity_catalog'}.{_verb(method, named=len(parts) % 2 == 0)}", attributes


def _named(resource: str, name: str) -> dict[str, str]:
    depth = _DEPTHS.get(resource)
    if depth is None:
        return {}
    try:
        parts = split_name(name)
    except InvalidName:
        return {}
    found = dict(zip(_LEVELS, parts[:depth], strict=False))
    if resource == "volumes" and names.GENOPS_TABLE_NAME in found:
        found["genops.volume_name"] = found.pop(names.GENOPS_TABLE_NAME)
    elif resource == "functions":
        found.pop(names.GENOPS_TABLE_NAME, None)
    return found


def _sql(method: str, parts: list[str]) -> tuple[str, dict[str, str]]:
    """Return it for /warehouses, /warehouses/{id}/start, /statements/{id}/cancel, /history/queries."""
    resource = parts[0] if parts else "sql"
    if resource == "warehouses":
        attributes = {names.GENOPS_WAREHOUSE_ID: parts[1]} if len(parts) > 1 else {}
        verb = parts[2].replace("-", "_") if len(parts) > 2 else _verb(method, named=len(parts) > 1)
        return f"sql_warehouse.{verb}", attributes
    if resource == "statements":
        verb = parts[2].replace("-", "_") if len(parts) > 2 else _verb(method, named=len(parts) > 1)
        return f"statement.{verb}", {}
    return _other(method, parts), {}


def _volume(parts: list[str]) -> dict[str, str]:
    """Return the volume of /files/Volumes/{catalog}/{schema}/{volume}/and so on."""
    if len(parts) < 5 or parts[1] != "Volumes":
        return {}
    return dict(zip((*_LEVELS[:2], "genops.volume_name"), parts[2:5], strict=True))


def _other(method: str, parts: list[str]) -> str:
    """Return it for /jobs/list, /clusters/start, /Me: an action that is named, else what the method means."""
    words = [part.lower().replace("-", "_") for part in parts[:2] if _WORD.match(part)]
    if not words:
        return f"api.{_VERBS.get(method, 'call')}"
    if len(parts) == 2 and len(words) == 2:
        return f"{words[0]}.{words[1]}"
    return f"{words[0]}.{_verb(method, named=len(parts) > 1)}"


def _verb(method: str, *, named: bool) -> str:
    return "list" if method == "GET" and not named else _VERBS.get(method, "call")


def _singular(part: str) -> str:
    word = part.lower().replace("-", "_")
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _plural(kind: str) -> str:
    return kind.lower().rstrip("s") + "s"
