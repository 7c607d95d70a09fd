"""REST: tables and views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter

from sqlalchemy.orm import Session

from lakestead.engine.delta.table import latest_version
from lakestead.workspace.access import (
    BROWSE,
    MANAGE,
    USE_CATALOG,
    USE_SCHEMA,
    Access,
    visible,
)
from lakestead.workspace.catalog import info, tables
from lakestead.workspace.catalog.lookup import children, find
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest import common, new_tables
from lakestead.workspace.catalog.rest.common import PREFIX, ListedInSchema, Shown, in_schema, needs
from lakestead.workspace.errors import unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.paging import DEFAULT_SIZE, Paging, page
from lakestead.workspace.store.objects import Kind, Securable


class ListedTables(ListedInSchema):
    """Query parameters of the list."""

    omit_columns: bool = False
    omit_properties: bool = False
    omit_username: bool = False
    include_manifest_capabilities: bool = False


class ListedSummaries(Paging):
    """Query parameters of the list of summaries; the patterns are those of LIKE."""

    catalog_name: str
    schema_name_pattern: str = "%"
    table_name_pattern: str = "%"
    include_manifest_capabilities: bool = False


class ShownTable(Shown):
    """Query parameters of a table."""

    include_delta_metadata: bool = False
    include_manifest_capabilities: bool = False


class Update(Body):
    """Body of a change."""

    owner: str | None = None


def may_ask(call: Call, _: Session) -> Iterator[Access]:
    """Access rule of asking whether a table exists: its schema can be used."""
    yield Access(USE_SCHEMA, Kind.SCHEMA, common.parts(call.path["name"])[:2])


def may_summarise(call: Call, _: Session) -> Iterable[Access]:
    """Access rule of summaries: the catalog can be used."""
    return [Access(USE_CATALOG, Kind.CATALOG, (call.arguments(ListedSummaries).catalog_name.lower(),))]


def list_(call: Call) -> info.Json:
    """GET the tables and views of a schema that the principal sees."""
    asked = call.arguments(ListedTables)
    _refuse_manifests(asked.include_manifest_capabilities)
    with call.workspace.store.read() as tx:
        schema = lookup(tx, Kind.SCHEMA, (asked.catalog_name, asked.schema_name))
        shown, token = common.seen(call, tx, children(tx, schema, Kind.TABLE), asked)
        found = [
            common.marked(
                call,
                tx,
                one,
                info.table(
                    one,
                    columns=not asked.omit_columns,
                    properties=not asked.omit_properties,
                    users=not asked.omit_username,
                ),
            )
            for one in shown
        ]
        return common.listed("tables", found, token)


def list_summaries(call: Call) -> info.Json:
    """GET names and types of the tables and views of a catalog that the principal sees."""
    asked = call.arguments(ListedSummaries)
    _refuse_manifests(asked.include_manifest_capabilities)
    with call.workspace.store.read() as tx:
        catalog = lookup(tx, Kind.CATALOG, (asked.catalog_name,))
        found = [
            table
            for schema in children(tx, catalog, Kind.SCHEMA)
            if _like(asked.schema_name_pattern, schema.name)
            for table in children(tx, schema, Kind.TABLE)
            if _like(asked.table_name_pattern, table.name)
        ]
        shown = sorted(visible(tx, call.principal, found), key=attrgetter("full_name"))
        size = DEFAULT_SIZE if asked.max_results is None else asked.max_results
        chosen, token = page(shown, attrgetter("full_name"), size, asked.page_token)
        return common.listed("tables", [info.summary(one) for one in chosen], token)


def exists(call: Call) -> info.Json:
    """GET whether there is a table or view of this name."""
    with call.workspace.store.read() as tx:
        return {"table_exists": find(tx, Kind.TABLE, common.parts(call.path["name"])) is not None}


def get(call: Call) -> info.Json:
    """GET a table or view."""
    asked = call.arguments(ShownTable)
    _refuse_manifests(asked.include_manifest_capabilities)
    with call.workspace.store.read() as tx:
        target = lookup(tx, Kind.TABLE, common.parts(call.path["name"]))
        shown = common.marked(call, tx, target, info.table(target))
    if asked.include_delta_metadata and not target.is_view:
        shown["delta_runtime_properties_kvpairs"] = _delta_metadata(target)
    return shown


def update(call: Call) -> info.Json:
    """PATCH a table or view."""
    return common.update(call, Kind.TABLE, info.table, Update)


def delete(call: Call) -> None:
    """DELETE a table or view, and the files of a managed table once nobody writes them."""
    workspace = call.workspace
    name = common.parts(call.path["name"])
    with workspace.store.read() as tx:
        location = lookup(tx, Kind.TABLE, name).location or ""
    with workspace.router.locks.hold(location):
        with workspace.store.write() as tx:
            gone = tables.drop(tx, lookup(tx, Kind.TABLE, name))
        common.remove_files(workspace.storage, gone)


def _delta_metadata(target: Securable) -> info.Json:
    version = latest_version(target.location or "")
    return {"delta_runtime_properties": {"delta.lastUpdateVersion": str(version)}}


def _like(pattern: str, name: str) -> bool:
    """Return whether a name matches a LIKE pattern, in any case."""
    parts = {"%": ".*", "_": "."}
    expression = "".join(parts.get(one, re.escape(one)) for one in pattern)
    return re.fullmatch(expression, name, re.IGNORECASE) is not None


def _refuse_manifests(asked: bool) -> None:
    if asked:
        raise unsupported("A table's manifest of capabilities")


_ONE = f"{PREFIX}/tables/{{name}}"
ROUTES = [
    *new_tables.ROUTES,
    Route("GET", f"{PREFIX}/tables", list_, in_schema, "databricks-sdk: tables.list"),
    Route(
        "GET",
        f"{PREFIX}/table-summaries",
        list_summaries,
        may_summarise,
        "databricks-sdk: tables.list_summaries",
    ),
    Route("GET", f"{_ONE}/exists", exists, may_ask, "databricks-sdk: tables.exists"),
    Route("GET", _ONE, get, needs(BROWSE, Kind.TABLE), "databricks-sdk: tables.get"),
    Route("PATCH", _ONE, update, needs(MANAGE, Kind.TABLE), "databricks-sdk: tables.update"),
    Route("DELETE", _ONE, delete, needs(MANAGE, Kind.TABLE), "databricks-sdk: tables.delete"),
]
