"""Routes of the lineage API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, Access, authorise, visible
from lakestead.workspace.catalog.lookup import find, get
from lakestead.workspace.catalog.rest.common import parts
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files import paths
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.sql.sources import is_volume_path
from lakestead.workspace.store.objects import Kind
from lakestead.workspace.system.lineage.graph import Neighbour

PREFIX = "/api/2.0/lineage-tracking"


class OfTable(Body):
    """What is asked of a table. No statement comes from a notebook or job, so there are none to include."""

    table_name: str
    include_entity_lineage: bool = False


class OfColumn(OfTable):
    """What is asked of a column."""

    column_name: str


Asked = TypeVar("Asked", bound=OfTable)


def _asked(call: Call, model: type[Asked]) -> Asked:
    """Return what is asked for: clients send it as a body or in the query string."""
    return call.parse(model) if call.body else call.arguments(model)


def _of_table(call: Call, _: Session) -> Iterator[Access]:
    """Access rule: the table can be seen."""
    yield Access(BROWSE, Kind.TABLE, parts(_asked(call, OfTable).table_name))


def _of_column(call: Call, _: Session) -> Iterator[Access]:
    """Access rule: the column's table can be seen."""
    yield Access(BROWSE, Kind.TABLE, parts(_asked(call, OfColumn).table_name))


def table_lineage(call: Call) -> dict[str, Any]:
    """GET the tables and paths next to a table, up and down."""
    asked, graph = _asked(call, OfTable), call.workspace.lineage_graph
    with call.workspace.store.read() as tx:
        table = get(tx, Kind.TABLE, parts(asked.table_name)).full_name
    return {
        "upstreams": [_table(one) for one in _seen(call, graph.upstream(table))],
        "downstreams": [_table(one) for one in _seen(call, graph.downstream(table))],
    }


def column_lineage(call: Call) -> dict[str, Any]:
    """GET the columns next to a column, up and down."""
    asked, graph = _asked(call, OfColumn), call.workspace.lineage_graph
    with call.workspace.store.read() as tx:
        found = get(tx, Kind.TABLE, parts(asked.table_name))
        table = found.full_name
        if asked.column_name.lower() not in {one.name.lower() for one in found.columns}:
            raise ApiError(
                ErrorCode.COLUMN_NOT_FOUND, f"The table '{table}' has no column '{asked.column_name}'."
            )
    return {
        "upstream_cols": [_column(one) for one in _seen(call, graph.upstream(table, asked.column_name))],
        "downstream_cols": [_column(one) for one in _seen(call, graph.downstream(table, asked.column_name))],
    }


def _seen(call: Call, found: list[Neighbour]) -> list[Neighbour]:
    """Return what is still there and the principal may see."""
    with call.workspace.store.read() as tx:
        return [one for one in found if _is_seen(call, tx, one)]


def _is_seen(call: Call, tx: Session, one: Neighbour) -> bool:
    if one.type == "PATH":
        return _may_read(call, tx, one.name)
    target = find(tx, Kind.TABLE, tuple(one.name.split(".")))
    return target is not None and bool(visible(tx, call.principal, [target]))


def _may_read(call: Call, tx: Session, path: str) -> bool:
    if not is_volume_path(path):
        return call.principal.is_admin
    try:
        authorise(tx, call.principal, [paths.read_access(path)])
    except ApiError:
        return False
    return True


def _table(one: Neighbour) -> dict[str, Any]:
    if one.type == "PATH":
        return {"fileInfo": {"path": one.name, "has_permission": True, **_when(one)}}
    catalog, schema, name = one.name.split(".")
    info = {"name": name, "catalog_name": catalog, "schema_name": schema, "table_type": one.type}
    return {"tableInfo": info | _when(one)}


def _column(one: Neighbour) -> dict[str, Any]:
    if one.type == "PATH":
        return {"name": one.column, "path": one.name, "table_type": one.type, **_when(one)}
    catalog, schema, name = one.name.split(".")
    return {
        "name": one.column,
        "catalog_name": catalog,
        "schema_name": schema,
        "table_name": name,
        "table_type": one.type,
        **_when(one),
    }


def _when(one: Neighbour) -> dict[str, str]:
    time = datetime.fromtimestamp(one.at_ms // 1000, UTC)
    return {"lineage_timestamp": f"{time:%Y-%m-%d %H:%M:%S}.{one.at_ms % 1000:03d}"}


ROUTES: list[Route] = [
    Route(
        "GET",
        f"{PREFIX}/table-lineage",
        table_lineage,
        access=_of_table,
        partial="notebooks, jobs, queries and dashboards are not named: no statement comes from one",
        witness="ApiClient.do",
    ),
    Route(
        "GET",
        f"{PREFIX}/column-lineage",
        column_lineage,
        access=_of_column,
        witness="ApiClient.do",
    ),
]
