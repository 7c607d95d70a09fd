"""CREATE TABLE and its clauses, and TRUNCATE."""

from __future__ import annotations

from typing import Any, Literal

from .ast import Command, CreateTable, CreateTableLike, Name, Truncate
from .columns import (
    Definition,
    at_constraint,
    read_clustering,
    read_constraint,
    read_definition,
    read_row_filter,
)
from .errors import UnsupportedSyntax
from .reader import Clause, Reader

Mode = Literal["CREATE", "CREATE OR REPLACE", "REPLACE"]

_LIKE_CLAUSES = ("using", "location", "properties")


def read_create_table(reader: Reader, mode: Mode, *, external: bool) -> Command:
    """Read what follows CREATE … TABLE."""
    if_not_exists = mode == "CREATE" and reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    if reader.accept("LIKE"):
        return _like(reader, name, mode, if_not_exists=if_not_exists)
    if reader.at_any("SHALLOW", "DEEP", "CLONE"):
        raise UnsupportedSyntax("CREATE TABLE CLONE")
    columns: list[Any] = []
    constraints: list[Any] = []
    if reader.at("(") and not reader.accept("(", ")"):
        _read_specification(reader, columns, constraints)
    clauses = reader.clauses(lambda: _clause(reader))
    partitions: list[str | Definition] = clauses.pop("partitioned_by", [])
    columns += [part.column for part in partitions if isinstance(part, Definition)]
    constraints += [one for part in partitions if isinstance(part, Definition) for one in part.constraints]
    query = None
    if reader.accept("AS") or reader.at_any("SELECT", "WITH", "VALUES", "FROM", "TABLE", "("):
        query = reader.query()
    return CreateTable(
        name=name,
        columns=tuple(columns),
        constraints=tuple(constraints),
        mode=mode,
        if_not_exists=if_not_exists,
        external=external,
        partitioned_by=tuple(part if isinstance(part, str) else part.column.name for part in partitions),
        query=query,
        **clauses,
    )


def _like(reader: Reader, name: Name, mode: Mode, *, if_not_exists: bool) -> CreateTableLike:
    if mode != "CREATE":
        raise UnsupportedSyntax(f"{mode} TABLE LIKE")
    source = reader.name()
    start = reader.token
    clauses = reader.clauses(lambda: _clause(reader))
    if not clauses.keys() <= set(_LIKE_CLAUSES):
        raise reader.error(start)
    return CreateTableLike(name, source, if_not_exists, **clauses)


def _read_specification(reader: Reader, columns: list[Any], constraints: list[Any]) -> None:
    """Read (column or constraint, …) into the two lists."""

    def one() -> None:
        if at_constraint(reader):
            constraints.append(read_constraint(reader))
            return
        definition = read_definition(reader)
        if definition.position:
            raise reader.error()
        columns.append(definition.column)
        constraints.extend(definition.constraints)

    reader.parenthesised(one)


def _clause(reader: Reader) -> Clause | None:
    if reader.accept("USING"):
        return "using", lambda: ".".join(reader.name())
    if reader.accept("OPTIONS"):
        return "options", reader.pairs
    if reader.accept("PARTITIONED", "BY"):
        return "partitioned_by", lambda: list(reader.parenthesised(lambda: _partition_column(reader)))
    if reader.accept("CLUSTER", "BY"):
        return "cluster_by", lambda: read_clustering(reader)
    if reader.accept("LOCATION"):
        return "location", lambda: _location(reader)
    if reader.accept("COMMENT"):
        return "comment", reader.string
    if reader.accept("TBLPROPERTIES"):
        return "properties", reader.pairs
    if reader.accept("WITH", "ROW", "FILTER") or reader.accept("ROW", "FILTER"):
        return "row_filter", lambda: read_row_filter(reader)
    if reader.accept("DEFAULT", "COLLATION"):
        return "collation", reader.identifier
    for refused in (("CLUSTERED", "BY"), ("STORED", "AS"), ("STORED", "BY"), ("ROW", "FORMAT")):
        if reader.at(*refused):
            raise UnsupportedSyntax("CREATE TABLE … " + " ".join(refused))
    return None


def _partition_column(reader: Reader) -> str | Definition:
    name = reader.identifier()
    if reader.at("("):
        raise UnsupportedSyntax(f"PARTITIONED BY ({name}(…))")
    return name if reader.at_any(",", ")") else read_definition(reader, name)


def _location(reader: Reader) -> str:
    path = reader.string()
    if reader.at("WITH", "("):
        raise UnsupportedSyntax("LOCATION … WITH (CREDENTIAL …)")
    return path


def read_truncate(reader: Reader) -> Command:
    """Read what follows TRUNCATE."""
    reader.expect("TABLE")
    name = reader.name()
    if reader.at("PARTITION"):
        raise UnsupportedSyntax("TRUNCATE TABLE … PARTITION")
    return Truncate(name)
