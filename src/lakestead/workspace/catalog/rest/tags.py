"""REST: tags of objects and columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, Access
from lakestead.workspace.catalog import tags
from lakestead.workspace.catalog.info import Json
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest.common import PREFIX, Rule, listed, parts
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.paging import Paging, page
from lakestead.workspace.store.objects import Kind, Securable

_KINDS = {
    "catalogs": Kind.CATALOG,
    "schemas": Kind.SCHEMA,
    "tables": Kind.TABLE,
    "columns": Kind.TABLE,
    "volumes": Kind.VOLUME,
}


class Assignment(Body):
    """A tag on an entity as the client sends it."""

    entity_type: str
    entity_name: str
    tag_key: str
    tag_value: str = ""


class Mask(Body):
    """Query parameter of an update: what of a tag can be changed."""

    update_mask: Literal["tag_value", "*"]


def of_path(privilege: str) -> Rule:
    """Return the access rule of routes whose path names the entity."""
    return lambda call, _: [_access(privilege, call.path["entity_type"], call.path["entity_name"])]


def may_create(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: APPLY TAG on the entity that the body names."""
    asked = call.parse(Assignment)
    return [_access("APPLY_TAG", asked.entity_type, asked.entity_name)]


def create(call: Call) -> Json:
    """POST a tag onto an entity that does not have it yet."""
    asked = call.parse(Assignment)
    with call.workspace.store.write() as tx:
        target, column = _entity(tx, asked.entity_type, asked.entity_name)
        if asked.tag_key in tags.of(tx, target, column):
            raise ApiError(
                ErrorCode.ALREADY_EXISTS, f"{asked.entity_name} already has the tag '{asked.tag_key}'."
            )
        tags.set(tx, target, column, {asked.tag_key: asked.tag_value})
    return asked.model_dump()


def list_(call: Call) -> Json:
    """GET the tags of an entity."""
    asked = call.arguments(Paging)
    with call.workspace.store.read() as tx:
        found = tags.of(tx, *_entity(tx, call.path["entity_type"], call.path["entity_name"]))
    chosen, token = page(list(found), str, asked.max_results, asked.page_token)
    return listed("tag_assignments", [_shown(call, key, found[key]) for key in chosen], token)


def get(call: Call) -> Json:
    """GET one tag of an entity."""
    with call.workspace.store.read() as tx:
        target, column = _entity(tx, call.path["entity_type"], call.path["entity_name"])
        return _shown(call, call.path["key"], _value(tx, target, column, call.path["key"]))


def update(call: Call) -> Json:
    """PATCH the value of a tag of an entity."""
    call.arguments(Mask)
    asked = call.parse(Assignment)
    key = call.path["key"]
    with call.workspace.store.write() as tx:
        target, column = _entity(tx, call.path["entity_type"], call.path["entity_name"])
        _value(tx, target, column, key)
        tags.set(tx, target, column, {key: asked.tag_value})
    return _shown(call, key, asked.tag_value)


def delete(call: Call) -> None:
    """DELETE a tag of an entity."""
    key = call.path["key"]
    with call.workspace.store.write() as tx:
        target, column = _entity(tx, call.path["entity_type"], call.path["entity_name"])
        _value(tx, target, column, key)
        tags.unset(tx, target, column, [key])


def _shown(call: Call, key: str, value: str) -> Json:
    return {
        "entity_type": call.path["entity_type"],
        "entity_name": call.path["entity_name"],
        "tag_key": key,
        "tag_value": value,
    }


def _value(tx: Session, target: Securable, column: str | None, key: str) -> str:
    found = tags.of(tx, target, column)
    if key not in found:
        raise ApiError(ErrorCode.NOT_FOUND, f"{target.full_name} does not have the tag '{key}'.")
    return found[key]


def _entity(tx: Session, entity_type: str, entity_name: str) -> tuple[Securable, str | None]:
    """Return the object, and for columns the column's name."""
    access = _access(BROWSE, entity_type, entity_name)
    column = entity_name.rsplit(".", 1)[-1] if entity_type == "columns" else None
    return lookup(tx, access.kind, access.name), column


def _access(privilege: str, entity_type: str, entity_name: str) -> Access:
    if entity_type not in _KINDS:
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"Entity type '{entity_type}' is not known or not supported; known: {', '.join(_KINDS)}.",
        )
    name = parts(entity_name)
    return Access(privilege, _KINDS[entity_type], name[:3] if entity_type == "columns" else name)


_TAGS = f"{PREFIX}/entity-tag-assignments"
_ALL = f"{_TAGS}/{{entity_type}}/{{entity_name}}/tags"
_ONE = f"{_ALL}/{{key}}"
ROUTES = [
    Route("POST", _TAGS, create, may_create, "databricks-sdk: entity_tag_assignments.create"),
    Route("GET", _ALL, list_, of_path(BROWSE), "databricks-sdk: entity_tag_assignments.list"),
    Route("GET", _ONE, get, of_path(BROWSE), "databricks-sdk: entity_tag_assignments.get"),
    Route("PATCH", _ONE, update, of_path("APPLY_TAG"), "databricks-sdk: entity_tag_assignments.update"),
    Route("DELETE", _ONE, delete, of_path("APPLY_TAG"), "databricks-sdk: entity_tag_assignments.delete"),
]
