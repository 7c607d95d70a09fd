"""DESCRIBE TABLE in its three forms: a report, one column, and AS JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lakestead.core.datatypes import Array, Char, DataType, Decimal, Interval, Map, Struct, Varchar
from lakestead.core.names import quote_if_needed
from lakestead.engine.delta.table import TableState
from lakestead.workspace.access import Access
from lakestead.workspace.catalog.constraints import FOREIGN_KEY, PRIMARY_KEY
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.commands.details import iso_date, java_date, log_facts, properties
from lakestead.workspace.sql.commands.relation import Relation, RelationColumn, relation, see
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome

Row = tuple[str, str, str | None]
REPORT = [("col_name", "string"), ("data_type", "string"), ("comment", "string")]
INFO = [("info_name", "string"), ("info_value", "string")]
_UNKNOWN = "UNKNOWN"
_MAKER = "lakestead"
# What ANALYZE would have computed for a column.
_STATISTICS = ("min", "max", "num_nulls", "distinct_count", "avg_col_len", "max_col_len", "histogram")


def describe_table(ctx: Context, command: ast.DescribeTable) -> Outcome:
    """Carry out DESCRIBE TABLE."""
    if command.as_json and not command.extended:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            "DESCRIBE TABLE ... AS JSON only supported when [EXTENDED|FORMATTED] is specified.",
            condition="DESCRIBE_JSON_NOT_EXTENDED",
            sqlstate="0A000",
        )
    with ctx.store.read() as tx:
        described = relation(ctx, tx, command.table)
    if command.column is not None:
        return _describe_column(described, command)
    facts = log_facts(described) if command.extended else None
    if command.as_json:
        return rows([("json_metadata", "string")], [[json.dumps(_document(described, facts))]])
    report = [*_schema(described), *(_details(described, facts) if command.extended else ())]
    return rows(REPORT, report)


def _describe_column(described: Relation, command: ast.DescribeTable) -> Outcome:
    if command.as_json:
        raise unsupported("DESCRIBE TABLE of a column AS JSON")
    path = command.column or ()
    if len(path) > 1:
        raise unsupported("DESCRIBE TABLE of a nested field")
    column = described.column(path[0])
    values = [
        ("col_name", column.name),
        ("data_type", column.type.ddl),
        ("comment", column.comment or "NULL"),
    ]
    if command.extended:
        values += [(name, "NULL") for name in _STATISTICS]
    return rows(INFO, values)


# The report


def _schema(described: Relation) -> Iterator[Row]:
    for column in described.columns:
        yield column.name, column.type.ddl, column.comment
    for title, names in (
        ("# Partition Information", described.partitioned_by),
        ("# Clustering Information", described.clustered_by),
    ):
        if names:
            yield title, "", ""
            yield "# col_name", "data_type", "comment"
            for name in names:
                yield _place(described, name)


def _place(described: Relation, name: str) -> Row:
    """Return the row of a column or, with dots in its name, of a nested field."""
    outer, *inner = name.split(".")
    column = described.column(outer)
    kind: DataType = column.type
    for part in inner:
        fields = kind.fields if isinstance(kind, Struct) else ()
        kind = next((one.type for one in fields if one.name.lower() == part.lower()), kind)
    return ".".join(quote_if_needed(part) for part in (outer, *inner)), kind.ddl, column.comment


def _details(described: Relation, facts: TableState | None) -> Iterator[Row]:
    yield "", "", ""
    yield "# Detailed Table Information", "", ""
    yield from ((name, value, "") for name, value in information(described, facts))
    if described.row_filter is not None:
        yield "", "", ""
        yield "# Row Filter", "", ""
        yield "Function", described.row_filter.function, ""
        yield "Columns", described.row_filter.listed, ""
    masks = [(one.name, one.mask) for one in described.columns if one.mask is not None]
    if masks:
        yield "", "", ""
        yield "# Column Masks", "", ""
        yield from ((name, mask.text, "") for name, mask in masks)
    keys = [one for one in described.constraints if one.kind in (PRIMARY_KEY, FOREIGN_KEY)]
    if keys:
        yield "", "", ""
        yield "# Constraints", "", ""
        yield from ((one.name, one.text, "") for one in keys)


def information(described: Relation, facts: TableState | None) -> Iterator[tuple[str, str]]:
    """Yield what is known of a table or view, under Databricks' names."""
    if len(described.path) == 3:
        catalog, schema, _ = described.path
        yield "Catalog", catalog
        yield "Database", schema
    yield "Table", described.path[-1]
    if described.created_at is not None:
        yield "Created Time", java_date(described.created_at)
        yield "Last Access", _UNKNOWN
        yield "Created By", _MAKER
    if facts is not None:
        counted = "" if facts.rows is None else f", {facts.rows} rows"
        yield "Statistics", f"{facts.size} bytes{counted}"
    yield "Type", described.table_type
    if described.comment:
        yield "Comment", described.comment
    if described.is_view:
        yield "View Text", described.view_text or ""
        yield "View Query Output Columns", _list(column.name for column in described.columns)
    else:
        yield "Location", described.url
        yield "Provider", "delta"
    yield "Owner", described.owner
    if described.table_type == "MANAGED":
        yield "Is_managed_location", "true"
    shown = properties(described, facts)
    if shown:
        yield "Table Properties", "[" + ",".join(f"{key}={value}" for key, value in shown.items()) + "]"


def _list(names: Iterable[str]) -> str:
    return "[" + ", ".join(names) + "]"


# The document


def _document(described: Relation, facts: TableState | None) -> dict[str, Any]:
    document: dict[str, Any] = {"table_name": described.path[-1]}
    if len(described.path) == 3:
        catalog, schema, _ = described.path
        document |= {"catalog_name": catalog, "namespace": [schema], "schema_name": schema}
    document["columns"] = [_column(column) for column in described.columns]
    if described.partitioned_by:
        document["partition_columns"] = list(described.partitioned_by)
    if described.clustered_by:
        document["clustering_columns"] = list(described.clustered_by)
    document["type"] = described.table_type
    if described.comment:
        document["comment"] = described.comment
    if described.is_view:
        document["view_text"] = described.view_text or ""
        document["view_query_output_columns"] = [column.name for column in described.columns]
    else:
        document |= {"collation": "UTF8_BINARY", "location": described.url, "provider": "delta"}
    document["owner"] = described.owner
    if described.table_type == "MANAGED":
        document["is_managed_location"] = True
    document["table_properties"] = properties(described, facts)
    if described.created_at is not None:
        document["created_time"] = iso_date(described.created_at)
        document["last_access"] = _UNKNOWN
        document["created_by"] = _MAKER
    if facts is not None:
        counted = {} if facts.rows is None else {"num_rows": facts.rows}
        document["statistics"] = {"size_in_bytes": facts.size, **counted}
    if described.row_filter is not None:
        document["row_filter"] = described.row_filter.document
    masks = [
        {"column_name": one.name, **one.mask.document} for one in described.columns if one.mask is not None
    ]
    if masks:
        document["column_masks"] = masks
    keys = [one for one in described.constraints if one.kind in (PRIMARY_KEY, FOREIGN_KEY)]
    if keys:
        document["table_constraints"] = _list(f"({one.name},{one.text})" for one in keys)
    return document


def _column(column: RelationColumn) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": json_type(column.type),
        "nullable": column.nullable,
    }
    if column.comment:
        described["comment"] = column.comment
    if column.default is not None:
        described["default"] = column.default
    return described


def json_type(kind: DataType) -> dict[str, Any]:
    """Return a type as DESCRIBE … AS JSON writes it."""
    if isinstance(kind, Decimal):
        return {"name": "decimal", "precision": kind.precision, "scale": kind.scale}
    if isinstance(kind, Char | Varchar):
        return {"name": kind.ddl.partition("(")[0], "length": kind.length}
    if isinstance(kind, Interval):
        return {"name": "interval", "start_unit": kind.first, "end_unit": kind.last}
    if isinstance(kind, Array):
        element = json_type(kind.element)
        return {"name": "array", "element_type": element, "element_nullable": kind.contains_null}
    if isinstance(kind, Map):
        key, value = json_type(kind.key), json_type(kind.value)
        return {
            "name": "map",
            "key_type": key,
            "value_type": value,
            "value_nullable": kind.value_contains_null,
        }
    if isinstance(kind, Struct):
        return {"name": "struct", "fields": [_field(one) for one in kind.fields]}
    if kind.ddl == "string":
        return {"name": "string", "collation": "UTF8_BINARY"}
    return {"name": "timestamp_ltz" if kind.ddl == "timestamp" else kind.ddl}


def _field(field: Any) -> dict[str, Any]:
    described = {"name": field.name, "type": json_type(field.type), "nullable": field.nullable}
    return described | ({"comment": field.comment} if field.comment else {})


def _access(ctx: Context, command: ast.DescribeTable) -> Iterable[Access]:
    return see(ctx, command.table)


VERBS: dict[type, Verb] = {ast.DescribeTable: Verb(_access, describe_table, "DESCRIBE")}
