"""The tables that are looked at, and rows of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import quote, quote_name
from lakestead.govern.pii.settings import PiiSettings

_COLUMNS = """
SELECT c.table_catalog, c.table_schema, c.table_name, c.column_name, c.full_data_type, c.comment
FROM {schema}.columns AS c JOIN {schema}.tables AS t
ON t.table_catalog = c.table_catalog AND t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema <> 'information_schema' AND c.table_catalog <> 'system'
AND t.table_type NOT IN ('VIEW', 'MATERIALIZED_VIEW', 'METRIC_VIEW') {where}
ORDER BY c.table_catalog, c.table_schema, c.table_name, c.ordinal_position"""
_PLACES = ("table_catalog", "table_schema", "table_name")
# Parts of documents in a column are looked into: this deep, and in so many different documents.
_DEPTH, _DOCUMENTS = 8, 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type as DDL, and its comment."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table that may hold personal data.

    Args:
        name: catalog, schema and table.
        columns: in order.
    """

    name: tuple[str, str, str]
    columns: tuple[Column, ...]

    @property
    def fingerprint(self) -> str:
        """What changes when a column is added, removed, renamed or changed in its type."""
        columns = json.dumps([(column.name, column.type) for column in self.columns])
        return sha256(columns.encode()).hexdigest()[:16]


def tables(warehouse: Warehouse, scope: Sequence[str], system: str = "system") -> list[Table]:
    """Return the tables that a user may see; views show what tables hold, and are left out.

    Args:
        warehouse: where they are.
        scope: up to a catalog, a schema and a table; all catalogs if empty.
        system: the catalog that has `information_schema` of all catalogs.

    Raises:
        ConfigError: nothing is there.
    """
    where = "".join(f" AND c.{place} = :{place}" for place, _ in zip(_PLACES, scope, strict=False))
    given: dict[str, Any] = {place: name.lower() for place, name in zip(_PLACES, scope, strict=False)}
    statement = _COLUMNS.format(schema=f"{quote(system)}.information_schema", where=where)
    found: dict[tuple[str, str, str], list[Column]] = {}
    for batch in warehouse.batches(statement, **given):
        for catalog, schema, table, column, kind, comment in zip(*batch.to_pydict().values(), strict=True):
            found.setdefault((catalog, schema, table), []).append(Column(column, kind, comment or ""))
    if not found and len(scope) == 3:
        raise ConfigError(f"there is no table {'.'.join(scope)}, or none that you may see")
    return [Table(name, tuple(columns)) for name, columns in found.items()]


def sample(warehouse: Warehouse, table: Table, settings: PiiSettings) -> pa.Table:
    """Return rows of a table, without columns that hold no texts, numbers or times.

    Raises:
        databricks.sql.Error: the table cannot be read.
    """
    columns = [_selected(column) for column in table.columns]
    chosen = [column for column in columns if column is not None]
    if not chosen:
        return pa.table({})
    order = " ORDER BY rand()" if settings.sampling == "random" else ""
    return warehouse.arrow(
        f"SELECT {', '.join(chosen)} FROM {quote_name(*table.name)}{order} LIMIT {settings.sample_rows}"
    )


def _selected(column: Column) -> str | None:
    kind = column.type.lower()
    if kind.startswith(("binary", "boolean", "void", "interval", "geo")):
        return None
    if kind.startswith("variant"):
        return f"to_json({quote(column.name)}) AS {quote(column.name)}"
    return quote(column.name)


def leaves(name: str, values: pa.ChunkedArray) -> Iterator[tuple[str, pa.Array]]:
    """Yield what lies in a column, as texts: fields of structs, elements of arrays, values of maps and JSON.

    Args:
        name: the column's.
        values: of the sample.
    """
    for chunk in values.chunks or [pa.array([], values.type)]:
        if isinstance(values.type, pa.StructType):
            for field, inner in zip(values.type, chunk.flatten(), strict=True):
                yield from leaves(f"{name}.{field.name}", pa.chunked_array([inner]))
        elif pa.types.is_map(values.type):
            yield from leaves(f"{name}.value", pa.chunked_array([chunk.items]))
        elif pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
            yield from leaves(f"{name}.element", pa.chunked_array([chunk.flatten()]))
        else:
            texts = _texts(chunk)
            documents = _documents(texts)
            if documents:
                yield from _inside(name, documents)
            else:
                yield name, texts


def _texts(values: pa.Array) -> pa.Array:
    if pa.types.is_floating(values.type) and pc.all(pc.equal(values, pc.round(values))).as_py():
        # A number that somebody keeps as a double; 2**53 has 16 digits.
        inside = pc.less(pc.abs(values), 2.0**53)
        if pc.all(inside).as_py():
            values = values.cast(pa.int64())
    return values.cast(pa.string())


def _documents(texts: pa.Array) -> list[Any]:
    """Return values that are JSON objects or arrays, if most are."""
    trimmed = pc.utf8_ltrim_whitespace(texts.drop_null())
    if not len(trimmed):
        return []
    likely = trimmed.filter(pc.match_substring_regex(trimmed, r"^[\[{]"))
    if len(likely) * 2 < len(trimmed):
        return []
    found = []
    for text in likely[:_DOCUMENTS].to_pylist():
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found if len(found) * 2 > min(len(likely), _DOCUMENTS) else []


def _inside(name: str, documents: Sequence[Any]) -> Iterator[tuple[str, pa.Array]]:
    found: dict[str, list[str]] = {}
    pending = [(name, document, 0) for document in documents]
    while pending:
        path, value, depth = pending.pop()
        if isinstance(value, dict) and depth < _DEPTH:
            pending.extend((f"{path}.{key}", inner, depth + 1) for key, inner in value.items())
        elif isinstance(value, list) and depth < _DEPTH:
            pending.extend((path, inner, depth + 1) for inner in value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found.setdefault(path, []).append(str(value))
    for path, texts in found.items():
        yield path, pa.array(texts, pa.string())
