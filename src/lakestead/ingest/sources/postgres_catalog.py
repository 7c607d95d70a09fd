"""What PostgreSQL's catalog says of tables, queries and their columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .duck_types import literal, quoted
from .postgres_types import PostgresColumn

Rows = Callable[[str], list[tuple[Any, ...]]]

LISTED = """
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
"""
# Heaps can be read by ranges of pages, a partitioned table's all at once; PostgreSQL 14 was the first to.
_TABLE = """
WITH RECURSIVE members AS (
  SELECT c.oid FROM pg_class c WHERE c.oid = {oid}
  UNION ALL SELECT i.inhrelid FROM members m JOIN pg_inherits i ON i.inhparent = m.oid
), heaps AS (
  SELECT c.relkind, a.amname,
    CASE WHEN c.relkind IN ('r', 'm') THEN pg_relation_size(c.oid) ELSE 0 END AS bytes,
    CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END AS with_toast
  FROM members m JOIN pg_class c ON c.oid = m.oid LEFT JOIN pg_am a ON a.oid = c.relam
)
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name,
  obj_description(c.oid, 'pg_class') AS comment,
  c.reltuples::float8 AS tuples,
  (SELECT string_agg(a.attname::text, E'\\n' ORDER BY k.place) FROM pg_index i,
     unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place), pg_attribute a
   WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attnum) AS primary_key,
  (SELECT max(bytes) / current_setting('block_size')::int8 FROM heaps) AS pages,
  (SELECT sum(with_toast)::int8 FROM heaps) AS bytes,
  current_setting('server_version_num')::int4 >= 140000 AND (SELECT bool_and(
    relkind = 'p' OR relkind IN ('r', 'm') AND amname = 'heap') FROM heaps) AS ranges
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {oid}
"""
_COLUMNS_OF_TABLE = """
SELECT a.attnum::int4 AS place, a.attname::text AS name, a.atttypid AS typ, a.atttypmod::int4 AS modifier,
  a.attndims::int4 AS dimensions, a.attnotnull AS required, col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped
"""
# A domain is what it is based on; an array is its elements, and its number of dimensions.
_COLUMNS = """
WITH RECURSIVE given AS ({given}), based AS (
  SELECT place, typ, modifier, dimensions FROM given
  UNION ALL
  SELECT b.place, t.typbasetype, CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE b.modifier END,
    greatest(b.dimensions, t.typndims)
  FROM based b JOIN pg_type t ON t.oid = b.typ WHERE t.typtype = 'd'
)
SELECT g.name, format_type(t.oid, b.modifier) AS declared, format_type(t.oid, -1) AS plain,
  CASE WHEN coalesce(e.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace
    THEN coalesce(e.typname, t.typname)::text ELSE '?' END AS base,
  b.modifier, CASE WHEN e.oid IS NULL THEN 0 ELSE greatest(b.dimensions, 1) END AS dimensions,
  NOT g.required AS nullable, g.comment
FROM given g JOIN based b USING (place) JOIN pg_type t ON t.oid = b.typ AND t.typtype <> 'd'
LEFT JOIN pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem
ORDER BY g.place
"""
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)(\[\])*\Z")


@dataclass(frozen=True, slots=True)
class PostgresTable:
    """A table, a view or a query.

    Attributes:
        sql: what stands after FROM.
        columns: in the table's order.
        primary_key: names.
        comment: of the table.
        rows: an estimate; None if the table was never analysed.
        pages: of its largest heap, if it can be read by ranges of pages; else 0.
        bytes: of all its heaps, with large values that are kept aside.
    """

    sql: str
    columns: tuple[PostgresColumn, ...]
    primary_key: tuple[str, ...] = ()
    comment: str | None = None
    rows: int | None = None
    pages: int = 0
    bytes: int = 0


def table(rows: Rows, schema: str | None, name: str) -> PostgresTable | None:
    """Return what the catalog says of a table or a view; None if there is none of that name.

    Args:
        rows: runs a query.
        schema: None for the first of the search path that has the table.
        name: exactly as the catalog has it.
    """
    full = f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)
    found = rows(f"SELECT to_regclass({literal(full)})::oid::int8 AS oid")[0][0]
    if found is None:
        return None
    oid = f"{found}::oid"
    described = rows(_TABLE.format(oid=oid))[0]
    return PostgresTable(
        f"{quoted(described[0])}.{quoted(described[1])}",
        _columns(rows, _COLUMNS_OF_TABLE.format(oid=oid)),
        tuple(described[4].split("\n")) if described[4] else (),
        described[2],
        int(described[3]) if described[3] >= 0 else None,
        described[5] if described[7] else 0,
        described[6],
    )


def query(rows: Rows, text: str, arriving: Sequence[tuple[str, str]]) -> PostgresTable:
    """Return what a query gives.

    Args:
        rows: runs a query.
        text: the query.
        arriving: names and DuckDB's types of its columns, which alone tell a numeric's precision.
    """
    source = f"({text}) AS asked"
    names = [name for name, _ in arriving]
    # A row without values has types too.
    types = ", ".join(f"pg_typeof(asked.{quoted(name)})::oid::int8 AS c{i}" for i, name in enumerate(names))
    oids = rows(f"SELECT {types} FROM (SELECT 1) AS one LEFT JOIN {source} ON false")[0]
    given = " UNION ALL ".join(
        f"SELECT {place} AS place, {literal(name)}::text AS name, {oid}::oid AS typ,"
        f" {_modifier(kind)} AS modifier, 0 AS dimensions, false AS required, NULL::text AS comment"
        for place, ((name, kind), oid) in enumerate(zip(arriving, oids, strict=True))
    )
    return PostgresTable(source, _columns(rows, given))


def _columns(rows: Rows, given: str) -> tuple[PostgresColumn, ...]:
    return tuple(PostgresColumn(*row) for row in rows(_COLUMNS.format(given=given)))


def _modifier(kind: str) -> int:
    found = _DECIMAL.match(kind)
    precision, scale = map(int, found.group(1, 2)) if found else (0, 1)
    # DuckDB does not understand a scale below 0 or beyond the precision.
    return (precision << 16 | scale) + 4 if scale <= precision else -1
