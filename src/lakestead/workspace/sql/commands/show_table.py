"""SHOW COLUMNS, TBLPROPERTIES, PARTITIONS, CREATE TABLE and TABLE EXTENDED."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from lakestead.core.datatypes import Array, DataType, Map, Struct
from lakestead.core.names import quote_if_needed, quote_name, quote_string
from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.table import open_table
from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.commands.describe_table import information
from lakestead.workspace.sql.commands.details import log_facts, properties
from lakestead.workspace.sql.commands.listing import enter, listed, tabular
from lakestead.workspace.sql.commands.relation import Relation, RelationColumn, relation, see
from lakestead.workspace.sql.commands.show import schema_path
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.dml.write import delta_failure
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.information_schema.objects import tables
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind


def show_columns(ctx: Context, command: ast.ShowColumns) -> Outcome:
    """Carry out SHOW COLUMNS IN a table."""
    found = _relation(ctx, command.table)
    return rows([("col_name", "string")], [[column.name] for column in found.columns])


def show_properties(ctx: Context, command: ast.ShowProperties) -> Outcome:
    """Carry out SHOW TBLPROPERTIES."""
    found = _relation(ctx, command.table)
    shown = properties(found, log_facts(found))
    if command.key is not None:
        missing = f"Table {'.'.join(found.path)} does not have property: {command.key}"
        shown = {command.key: shown.get(command.key, missing)}
    return rows([("key", "string"), ("value", "string")], shown.items())


def show_partitions(ctx: Context, command: ast.ShowPartitions) -> Outcome:
    """Carry out SHOW PARTITIONS: the values that the log's files have, with their types."""
    found = _relation(ctx, command.table)
    if not found.partitioned_by or found.location is None:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"The partition command is invalid. Table {quote_name(*found.path)} is not partitioned.",
            condition="INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY",
            sqlstate="42601",
        )
    if found.row_filter or any(column.mask for column in found.columns):
        prefix = "ROW_LEVEL_SECURITY" if found.row_filter else "COLUMN_MASKS"
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            "SHOW PARTITIONS is not supported for tables with a row filter or column mask.",
            condition=f"{prefix}_SHOW_PARTITIONS_UNSUPPORTED",
            sqlstate="0A000",
        )
    try:
        files = pa.table(open_table(found.location).get_add_actions(flatten=True))
    except DeltaError as error:
        raise delta_failure(error) from None
    values = files.select([f"partition.{name}" for name in found.partitioned_by])
    values = values.rename_columns(list(found.partitioned_by))
    distinct = values.group_by(values.column_names).aggregate([])
    ordered = distinct.sort_by([(name, "ascending") for name in found.partitioned_by])
    return tabular(ordered)


def show_create_table(ctx: Context, command: ast.ShowCreateTable) -> Outcome:
    """Carry out SHOW CREATE TABLE: a statement that makes the table or view again."""
    found = _relation(ctx, command.table)
    if len(found.path) == 1:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"SHOW CREATE TABLE is not supported on a temporary view: {quote_name(*found.path)}.",
            condition="UNSUPPORTED_SHOW_CREATE_TABLE.ON_TEMPORARY_VIEW",
            sqlstate="0A000",
        )
    if found.is_view and found.view_definition is None:
        raise unsupported("SHOW CREATE TABLE of a view of INFORMATION_SCHEMA")
    lines = _create_view(found) if found.is_view else _create_table(found)
    return rows([("createtab_stmt", "string")], [["\n".join(lines)]])


def _create_view(view: Relation) -> Iterator[str]:
    names = [quote_if_needed(one.name) + _comment(one.comment) for one in view.columns]
    yield f"CREATE VIEW {_name(view)} (\n  " + ",\n  ".join(names) + ")"
    yield from _clauses(view)
    yield f"AS {view.view_definition}"


def _create_table(table: Relation) -> Iterator[str]:
    parts = [_column(one) for one in table.columns]
    parts += [f"CONSTRAINT {quote_if_needed(one.name)} {one.text}" for one in table.constraints]
    yield f"CREATE TABLE {_name(table)} (\n  " + ",\n  ".join(parts) + ")"
    yield "USING delta"
    if table.partitioned_by:
        yield "PARTITIONED BY (" + ", ".join(quote_if_needed(name) for name in table.partitioned_by) + ")"
    if table.clustered_by:
        names = (".".join(map(quote_if_needed, name.split("."))) for name in table.clustered_by)
        yield "CLUSTER BY (" + ", ".join(names) + ")"
    yield from _clauses(table)
    if table.row_filter is not None:
        yield f"WITH ROW FILTER {table.row_filter.text}"


def _clauses(one: Relation) -> Iterator[str]:
    if one.comment:
        yield _comment(one.comment).lstrip()
    if one.table_type == "EXTERNAL":
        yield f"LOCATION {quote_string(one.url)}"
    if one.properties:
        pairs = (
            f"{quote_string(key)} = {quote_string(value)}" for key, value in sorted(one.properties.items())
        )
        yield "TBLPROPERTIES (\n  " + ",\n  ".join(pairs) + ")"


def _column(column: RelationColumn) -> str:
    text = f"{quote_if_needed(column.name)} {column.type.sql}"
    if not column.nullable:
        text += " NOT NULL"
    if column.identity is not None:
        mode = "ALWAYS" if column.identity["always"] else "BY DEFAULT"
        start, step = column.identity["start"], column.identity["step"]
        text += f" GENERATED {mode} AS IDENTITY (START WITH {start} INCREMENT BY {step})"
    if column.generation is not None:
        text += f" GENERATED ALWAYS AS ({column.generation})"
    if column.default is not None:
        text += f" DEFAULT {column.default}"
    text += _comment(column.comment)
    return text if column.mask is None else f"{text} MASK {column.mask.text}"


def _comment(comment: str | None) -> str:
    return f" COMMENT {quote_string(comment)}" if comment else ""


def _name(one: Relation) -> str:
    return ".".join(quote_if_needed(part) for part in one.path)


def show_table_extended(ctx: Context, command: ast.ShowTableExtended) -> Outcome:
    """Carry out SHOW TABLE EXTENDED."""
    catalog, schema = schema_path(ctx, command.schema)
    found = listed(ctx, tables, ("table_name", command.pattern), catalog=catalog, schema=schema)
    columns = [
        ("database", "string"),
        ("tableName", "string"),
        ("isTemporary", "boolean"),
        ("information", "string"),
    ]
    names = found.column("table_name").to_pylist()
    values = [(schema, name, False, _information(ctx, (catalog, schema, name))) for name in names]
    return rows(columns, values)


def _information(ctx: Context, path: tuple[str, str, str]) -> str:
    described = _relation(ctx, path)
    facts = information(described, log_facts(described))
    fields = "".join(_tree(column.name, column.type, column.nullable, 1) for column in described.columns)
    return "".join(f"{name}: {value}\n" for name, value in facts) + f"Schema: root\n{fields}\n"


def _tree(name: str, kind: DataType, nullable: bool, depth: int, word: str = "nullable") -> str:
    """Return a column and what it holds as lines of Spark's schema tree."""
    stored = kind.to_delta()
    label = stored if isinstance(stored, str) else stored["type"]
    line = " |   " * (depth - 1) + f" |-- {name}: {label} ({word} = {str(nullable).lower()})\n"
    if isinstance(kind, Array):
        return line + _tree("element", kind.element, kind.contains_null, depth + 1, "containsNull")
    if isinstance(kind, Map):
        value = _tree("value", kind.value, kind.value_contains_null, depth + 1, "valueContainsNull")
        return line + _tree("key", kind.key, False, depth + 1) + value
    if isinstance(kind, Struct):
        return line + "".join(_tree(one.name, one.type, one.nullable, depth + 1) for one in kind.fields)
    return line


def _relation(ctx: Context, name: ast.Name) -> Relation:
    with ctx.store.read() as tx:
        return relation(ctx, tx, name)


# What the principal needs


def _see(
    ctx: Context, command: ast.ShowColumns | ast.ShowProperties | ast.ShowCreateTable
) -> Iterable[Access]:
    return see(ctx, command.table)


def _select(ctx: Context, command: ast.ShowPartitions) -> Iterable[Access]:
    # The values of partition columns are data.
    yield Access("SELECT", Kind.TABLE, ctx.full_name(command.table))


def _in_schema(ctx: Context, command: ast.ShowTableExtended) -> Iterable[Access]:
    return enter(ctx, schema_path(ctx, command.schema))


VERBS: dict[type, Verb] = {
    ast.ShowColumns: Verb(_see, show_columns, "SHOW"),
    ast.ShowProperties: Verb(_see, show_properties, "SHOW"),
    ast.ShowPartitions: Verb(_select, show_partitions, "SHOW"),
    ast.ShowCreateTable: Verb(_see, show_create_table, "SHOW"),
    ast.ShowTableExtended: Verb(_in_schema, show_table_extended, "SHOW"),
}
