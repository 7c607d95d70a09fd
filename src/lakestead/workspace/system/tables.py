"""The tables of the ``system`` catalog: their columns, and their records in the metastore."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lakestead.core.datatypes import parse_type
from lakestead.engine.delta.table import DeltaColumn
from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.identity.principals import ADMINS
from lakestead.workspace.store.base import new_id, now_ms
from lakestead.workspace.store.objects import Kind, Securable, TableColumn

SYSTEM = "system"
"""The catalog's name."""

_BY = "System user"


def _text() -> str:
    return files(__package__).joinpath("tables.ddl").read_text(encoding="utf-8")


def declared() -> dict[str, list[tuple[str, str]]]:
    """Return the columns of every table, as (name, DDL type), by its name, e.g. ``access.audit``."""
    found: dict[str, list[tuple[str, str]]] = {}
    columns: list[tuple[str, str]] = []
    for line in _text().splitlines():
        if line.startswith("  "):
            name, _, kind = line.strip().partition(" ")
            columns.append((name, kind))
        elif line and not line.startswith("#"):
            columns = found[line] = []
    return found


@cache
def columns(table: str) -> tuple[DeltaColumn, ...]:
    """Return the columns of a table.

    Raises:
        KeyError: there is no such table.
    """
    return tuple(DeltaColumn(name, parse_type(kind)) for name, kind in declared()[table])


def location(root: Path, table: str) -> Path:
    """Return the folder of a table's files."""
    return root.joinpath(*table.split("."))


def declare(tx: Session, root: Path) -> None:
    """Make the metastore's records of the catalog say what this release has; grants on them stay.

    Administrators own it, which lets them read: changing it is refused to everybody (:mod:`..access`).

    Args:
        tx: a transaction that may write.
        root: the folder of its tables' files.
    """
    state = sha256(f"{root}\n{_text()}".encode()).hexdigest()
    above = metastore(tx)
    catalog = tx.scalar(select(Securable).where(Securable.kind == Kind.CATALOG, Securable.name == SYSTEM))
    if catalog is not None and catalog.spec.get("declared") == state:
        return
    records = _Records(tx, catalog)
    catalog_id = records.say(
        Kind.CATALOG, above.id, SYSTEM, comment="System catalog", spec={"declared": state}
    )
    schemas = {
        name: records.say(Kind.SCHEMA, catalog_id, name)
        for name in sorted({table.split(".")[0] for table in declared()})
    }
    columns: dict[str, list[dict[str, Any]]] = {}
    for table, described in declared().items():
        schema, name = table.split(".")
        spec = {"table_type": "MANAGED", "format": "DELTA"}
        where = str(location(root, table))
        table_id = records.say(Kind.TABLE, schemas[schema], name, spec=spec, location=where)
        columns[table_id] = [
            {"table_id": table_id, "position": position, "name": column, "type": parse_type(kind).ddl}
            for position, (column, kind) in enumerate(described)
        ]
    if records.made:
        tx.execute(insert(Securable), records.made)
    tx.execute(delete(TableColumn).where(TableColumn.table_id.in_(columns)))
    tx.execute(insert(TableColumn), [column for some in columns.values() for column in some])


class _Records:
    """The records of a catalog: those that are there are changed, others are gathered to be made at once.

    Args:
        tx: a transaction that may write.
        catalog: the catalog's record; None if there is none yet.
    """

    def __init__(self, tx: Session, catalog: Securable | None) -> None:
        self.made: list[dict[str, Any]] = []
        self._there: dict[tuple[str | None, str], Securable] = {}
        if catalog is not None:
            schemas = tx.scalars(select(Securable).where(Securable.parent_id == catalog.id)).all()
            below = select(Securable).where(Securable.parent_id.in_([schema.id for schema in schemas]))
            tables = below.where(Securable.kind == Kind.TABLE)
            found = [catalog, *schemas, *tx.scalars(tables)]
            self._there = {(one.parent_id, one.name): one for one in found}

    def say(self, kind: Kind, parent: str, name: str, **fields: Any) -> str:
        """Make or change a record, and return its id."""
        values: Mapping[str, Any] = MappingProxyType({"owner": ADMINS, "updated_by": _BY, **fields})
        there = self._there.get((parent, name))
        if there is None:
            made = {"id": new_id(), "kind": kind, "parent_id": parent, "name": name, "created_by": _BY}
            # Records that are made at once say the same things.
            self.made.append({"comment": None, "spec": {}, "location": None, **made, **values})
            return str(made["id"])
        for key, value in values.items():
            setattr(there, key, value)
        there.updated_at = now_ms()
        return there.id
