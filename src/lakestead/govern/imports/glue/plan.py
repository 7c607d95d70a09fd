"""Schemas, external tables and views for a catalog of Glue: planned, then made all or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.core.errors import SourceError
from lakestead.core.names import InvalidName, canonical, quote, quote_name, quote_string
from lakestead.govern.imports.glue.catalog import GlueCatalog
from lakestead.govern.imports.glue.formats import UnknownFormat, table_format
from lakestead.govern.imports.glue.types import UnknownType, databricks_type
from lakestead.govern.imports.glue.views import UnknownView, view

_VIEW = "VIRTUAL_VIEW"
_SCHEMES = {"s3a://": "s3://", "s3n://": "s3://"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a plan makes.

    Args:
        kind: SCHEMA, TABLE or VIEW.
        name: its full name.
        statement: makes it.
        needs: the full names of what must be there before.
    """

    kind: str
    name: tuple[str, ...]
    statement: str
    needs: frozenset[str] = frozenset()

    @property
    def full_name(self) -> str:
        """The name, with dots."""
        return ".".join(self.name)


@dataclass(frozen=True, slots=True)
class GluePlan:
    """What a migration makes.

    Args:
        steps: in their order: schemas, tables, views.
        refused: what cannot be carried over, and why.
        present: what is there already and stays as it is.
    """

    steps: Sequence[Step]
    refused: Sequence[str]
    present: Sequence[str] = ()

    def apply(self, warehouse: Warehouse, *, partly: bool = False) -> None:
        """Make everything, or nothing: when a step fails, those before it are taken back.

        What is taken back are entries of the catalog; files in storage stay as they are.

        Args:
            warehouse: the workspace.
            partly: make the rest when something is refused.

        Raises:
            SourceError: when something is refused.
            databricks.sql.Error: when a step fails.
        """
        if self.refused and not partly:
            raise SourceError("nothing was made, for not all can be:\n" + "\n".join(self.refused))
        made: list[Step] = []
        try:
            for step in self.steps:
                warehouse.execute(step.statement).close()
                made.append(step)
        except Error:
            for step in reversed(made):
                warehouse.repeat(f"DROP {step.kind} IF EXISTS {quote_name(*step.name)}").close()
            raise

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON has it."""
        steps = [{"kind": one.kind, "name": one.full_name, "statement": one.statement} for one in self.steps]
        return {"steps": steps, "refused": list(self.refused), "present": list(self.present)}


def plan_glue(glue: GlueCatalog, catalog: str, warehouse: Warehouse | None = None) -> GluePlan:
    """Return what a migration makes; nothing is made.

    Args:
        glue: the catalog of Glue.
        catalog: of Unity Catalog; gets each database as a schema. It must be there.
        warehouse: the workspace, to leave out what is there; None plans for an empty one.
    """
    catalog = canonical(catalog)
    refused: list[str] = []
    databases = sorted({*glue.databases, *(database for database, _ in glue.tables)})
    makers = {name: partial(_schema, glue, catalog, name) for name in databases}
    for (database, name), table in sorted(glue.tables.items()):
        make = _view if table.get("TableType") == _VIEW else _table
        makers[f"{database}.{name}"] = partial(make, table, catalog)
    steps = [step for label, make in makers.items() if (step := _made(make, label, refused))]
    steps = _possible(steps, {".".join((catalog, label.lower())) for label in makers}, refused)
    present = _present(warehouse, catalog) if warehouse is not None else set()
    there = [step.full_name for step in steps if step.full_name in present]
    return GluePlan(_ordered([step for step in steps if step.full_name not in present]), refused, there)


def _made(make: Callable[[], Step], label: str, refused: list[str]) -> Step | None:
    try:
        return make()
    except (UnknownFormat, UnknownType, UnknownView, InvalidName) as error:
        refused.append(f"{label}: {error}")
        return None


def _possible(steps: Sequence[Step], asked: set[str], refused: list[str]) -> list[Step]:
    """Return the steps without the views that read what is refused, and those that read these."""
    possible = list(steps)
    while True:
        lost = asked - {step.full_name for step in possible}
        broken = [step for step in possible if step.needs & lost]
        if not broken:
            return possible
        for step in broken:
            refused.append(f"{'.'.join(step.name[1:])}: it reads {min(step.needs & lost)}, which is refused")
            possible.remove(step)


def _ordered(steps: Sequence[Step]) -> list[Step]:
    """Return steps in an order in which each finds what it needs: schemas, tables, then views of these."""
    kinds = ("SCHEMA", "TABLE", "VIEW")
    by_name = {step.full_name: step for step in sorted(steps, key=lambda step: kinds.index(step.kind))}
    needs = {name: step.needs & by_name.keys() for name, step in by_name.items() if step.kind == "VIEW"}
    views = [by_name[name] for name in TopologicalSorter(needs).static_order() if name in needs]
    return [*(step for step in by_name.values() if step.kind != "VIEW"), *views]


def _present(warehouse: Warehouse, catalog: str) -> set[str]:
    rows = warehouse.arrow(
        "SELECT concat_ws('.', catalog_name, schema_name) AS name FROM system.information_schema.schemata"
        " WHERE catalog_name = :catalog UNION ALL"
        " SELECT concat_ws('.', table_catalog, table_schema, table_name)"
        " FROM system.information_schema.tables WHERE table_catalog = :catalog",
        catalog=catalog,
    )
    return set(rows["name"].to_pylist())


def _schema(glue: GlueCatalog, catalog: str, database: str) -> Step:
    name = catalog, canonical(database)
    comment = _comment((glue.databases.get(database) or {}).get("Description"))
    return Step("SCHEMA", name, f"CREATE SCHEMA {quote_name(*name)}{comment}")


def _name(table: Mapping[str, Any], catalog: str) -> tuple[str, str, str]:
    return catalog, canonical(str(table["DatabaseName"])), canonical(str(table["Name"]))


def _view(table: Mapping[str, Any], catalog: str) -> Step:
    name, made = _name(table, catalog), view(table, catalog)
    comment = _comment(table.get("Description"))
    return Step("VIEW", name, f"CREATE VIEW {quote_name(*name)}{comment} AS {made.query}", made.reads)


def _table(table: Mapping[str, Any], catalog: str) -> Step:
    name, how = _name(table, catalog), table_format(table)
    storage = table.get("StorageDescriptor") or {}
    location = str(storage.get("Location") or "")
    if "://" not in location:
        raise UnknownFormat("an external table needs a location, and Glue has none")
    for old, new in _SCHEMES.items():
        location = location.replace(old, new, 1) if location.startswith(old) else location
    options = ", ".join(f"{quote_string(key)} = {quote_string(value)}" for key, value in how.options.items())
    partitions = table.get("PartitionKeys") or []
    by = ", ".join(quote(str(one["Name"]).lower()) for one in partitions)
    # Delta tables have their columns and partitions in their logs; Glue's may be none that one can read.
    is_delta = how.name == "DELTA"
    described = [] if is_delta else [*(storage.get("Columns") or []), *partitions]
    columns = ", ".join(_column(one) for one in described)
    statement = (
        f"CREATE TABLE {quote_name(*name)}"
        + (f" ({columns})" if columns else "")
        + f" USING {how.name}"
        + (f" OPTIONS ({options})" if options else "")
        + (f" PARTITIONED BY ({by})" if by and not is_delta else "")
        + f" LOCATION {quote_string(location)}{_comment(table.get('Description'))}"
    )
    return Step("TABLE", name, statement)


def _column(column: Mapping[str, Any]) -> str:
    name = str(column["Name"]).lower()
    try:
        kind = databricks_type(str(column.get("Type") or ""))
    except UnknownType as error:
        raise UnknownType(f"column '{name}': {error}") from None
    return f"{quote(name)} {kind}{_comment(column.get('Comment'))}"


def _comment(text: str | None) -> str:
    return f" COMMENT {quote_string(text)}" if text else ""
