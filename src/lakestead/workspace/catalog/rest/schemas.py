"""REST: schemas."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, MANAGE, USE_CATALOG, Access, create_access
from lakestead.workspace.catalog import info, schemas
from lakestead.workspace.catalog.lookup import children
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest import common
from lakestead.workspace.catalog.rest.catalogs import CHANGES, Force
from lakestead.workspace.catalog.rest.common import PREFIX, Listed, Update, needs
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.store.objects import Kind


class Create(Body):
    """Body of a new schema."""

    name: str
    catalog_name: str
    comment: str | None = None
    properties: dict[str, str] | None = None
    storage_root: str | None = None


class ListedSchemas(Listed):
    """Query parameters of the list."""

    catalog_name: str


def may_create(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: CREATE SCHEMA on the catalog."""
    return [create_access(Kind.SCHEMA, (call.parse(Create).catalog_name.lower(),))]


def may_list(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: USE CATALOG, or BROWSE when what can only be browsed is asked for too."""
    asked = call.arguments(ListedSchemas)
    privilege = BROWSE if asked.include_browse else USE_CATALOG
    return [Access(privilege, Kind.CATALOG, (asked.catalog_name.lower(),))]


def create(call: Call) -> info.Json:
    """POST a new schema."""
    asked = call.parse(Create)
    with call.workspace.store.write() as tx:
        made = schemas.create(
            tx,
            call.principal,
            (asked.catalog_name, asked.name),
            comment=asked.comment,
            properties=asked.properties,
            location=asked.storage_root,
        )
        return info.schema(made)


def list_(call: Call) -> info.Json:
    """GET the schemas of a catalog that the principal sees."""
    asked = call.arguments(ListedSchemas)
    with call.workspace.store.read() as tx:
        catalog = lookup(tx, Kind.CATALOG, (asked.catalog_name,))
        shown, token = common.seen(call, tx, children(tx, catalog, Kind.SCHEMA), asked)
        found = [common.marked(call, tx, one, info.schema(one)) for one in shown]
        return common.listed("schemas", found, token)


def get(call: Call) -> info.Json:
    """GET a schema."""
    return common.show(call, Kind.SCHEMA, info.schema)


def update(call: Call) -> info.Json:
    """PATCH a schema."""
    return common.update(call, Kind.SCHEMA, info.schema, Update)


def delete(call: Call) -> None:
    """DELETE a schema; with ``force``, all that is in it too."""
    asked = call.arguments(Force)
    with call.workspace.store.write() as tx:
        target = lookup(tx, Kind.SCHEMA, common.parts(call.path["name"]))
        gone = schemas.drop(tx, target, cascade=asked.force)
    common.remove_files(call.workspace.storage, gone)


_ONE = f"{PREFIX}/schemas/{{name}}"
ROUTES = [
    Route(
        "POST",
        f"{PREFIX}/schemas",
        create,
        may_create,
        "databricks-sdk: schemas.create",
        "no storage_root",
    ),
    Route("GET", f"{PREFIX}/schemas", list_, may_list, "databricks-sdk: schemas.list"),
    Route("GET", _ONE, get, needs(BROWSE, Kind.SCHEMA), "databricks-sdk: schemas.get"),
    Route("PATCH", _ONE, update, needs(MANAGE, Kind.SCHEMA), "databricks-sdk: schemas.update", CHANGES),
    Route("DELETE", _ONE, delete, needs(MANAGE, Kind.SCHEMA), "databricks-sdk: schemas.delete"),
]
