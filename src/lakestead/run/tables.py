"""Tables as declared, compared with tables as they are: the statements that make them agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.core.errors import ConfigError
from lakestead.core.names import quote, quote_string
from lakestead.run.changes import Change, Sql
from lakestead.run.lakehouse import Lakehouse
from lakestead.run.project import Column, Project, Table

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import ColumnInfo, TableInfo

# Spark's other names of a type, by the one that Unity Catalog reports.
_SYNONYMS = {
    "integer": "int",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "real": "float",
    "dec": "decimal",
    "numeric": "decimal",
}


def plan_tables(
    project: Project, lakehouse: Lakehouse, actual: Mapping[str, TableInfo | None]
) -> Iterator[Change]:
    """Yield what makes the tables agree with their declaration.

    Columns, comments, tags and keys that are missing are added. What is there but not declared is left alone.

    Raises:
        ConfigError: when a column's type or a key differs, which would need the table to be made anew.
    """
    for name in project.creation_order():
        table, there = project.tables[name], actual[name]
        if there is None:
            yield Sql(f"create table {name}", _create(project, lakehouse, name))
        else:
            yield from _alter(project, lakehouse, name, there)
        yield from _tag(table, name, lakehouse, {} if there is None else _tags(lakehouse, name))


def _create(project: Project, lakehouse: Lakehouse, name: str) -> str:
    table = project.tables[name]
    lines = [_column(column, declared, table.required(column)) for column, declared in table.columns.items()]
    lines += [f"CONSTRAINT {quote(key.name)} {key.sql}" for key in _keys(project, lakehouse, name)]
    comment = f"\nCOMMENT {quote_string(table.comment)}" if table.comment else ""
    body = ",\n  ".join(lines)
    return f"CREATE TABLE IF NOT EXISTS {lakehouse.quoted(name)} (\n  {body}\n){comment}"


def _column(name: str, column: Column, required: bool) -> str:
    text = f"{quote(name)} {column.type}"
    if required:
        text += " NOT NULL"
    if column.comment:
        text += f" COMMENT {quote_string(column.comment)}"
    return text


@dataclass(frozen=True)
class _Key:
    name: str
    columns: tuple[str, ...]
    sql: str


def _keys(project: Project, lakehouse: Lakehouse, name: str) -> Iterator[_Key]:
    table = project.tables[name]
    if table.primary_key:
        yield _Key(f"{name}_pk", table.primary_key, f"PRIMARY KEY ({_list(table.primary_key)})")
    for key in table.foreign_keys:
        parent = project.tables[key.references]
        reference = f"{lakehouse.quoted(key.references)} ({_list(parent.primary_key)})"
        sql = f"FOREIGN KEY ({_list(key.columns)}) REFERENCES {reference}"
        yield _Key(f"{name}_{'_'.join(key.columns)}_fk", key.columns, sql)


def _list(columns: tuple[str, ...]) -> str:
    return ", ".join(quote(column) for column in columns)


def _alter(project: Project, lakehouse: Lakehouse, name: str, there: TableInfo) -> Iterator[Change]:
    table, full_name = project.tables[name], lakehouse.quoted(name)
    if table.comment and table.comment != there.comment:
        yield Sql(f"comment on {name}", f"COMMENT ON TABLE {full_name} IS {quote_string(table.comment)}")
    columns = {str(column.name).lower(): column for column in there.columns or []}
    for column, declared in table.columns.items():
        if column not in columns:
            if table.required(column):
                raise ConfigError(
                    f"{name}.{column} is new to a table that is there, so it cannot be required"
                )
            text = _column(column, declared, required=False)
            yield Sql(f"add column {name}.{column}", f"ALTER TABLE {full_name} ADD COLUMN {text}")
        else:
            yield from _alter_column(table, full_name, name, columns[column])
    existing = _constraints(there)
    for key in _keys(project, lakehouse, name):
        if key.name not in existing:
            yield Sql(
                f"add key {key.name}", f"ALTER TABLE {full_name} ADD CONSTRAINT {quote(key.name)} {key.sql}"
            )
        elif existing[key.name] != list(key.columns):
            raise ConfigError(
                f"the key {key.name} is declared over {', '.join(key.columns)} but is over"
                f" {', '.join(existing[key.name])} in the workspace: drop the constraint to have it made anew"
            )


def _alter_column(table: Table, full_name: str, name: str, there: ColumnInfo) -> Iterator[Change]:
    column = str(there.name).lower()
    declared = table.columns[column]
    if type_name(declared.type) != type_name(there.type_text or ""):
        raise ConfigError(
            f"{name}.{column} is declared {declared.type} but is {there.type_text} in the workspace;"
            " a column's type cannot be changed: correct the declaration, or drop the table to make it anew"
        )
    alter = f"ALTER TABLE {full_name} ALTER COLUMN {quote(column)}"
    if declared.comment and declared.comment != there.comment:
        yield Sql(f"comment on {name}.{column}", f"{alter} COMMENT {quote_string(declared.comment)}")
    if table.required(column) and there.nullable:
        yield Sql(f"require {name}.{column}", f"{alter} SET NOT NULL")


def _constraints(there: TableInfo) -> dict[str, list[str]]:
    """Return the keys that exist: constraint name → columns."""
    named = [c.primary_key_constraint or c.foreign_key_constraint for c in there.table_constraints or []]
    return {str(key.name): [column.lower() for column in key.child_columns or []] for key in named if key}


def type_name(text: str) -> str:
    """Return a type as Unity Catalog spells it, to compare two of them."""
    base, bracket, rest = re.sub(r"\s+", "", text.lower()).partition("(")
    base = _SYNONYMS.get(base, base)
    return "decimal(10,0)" if base == "decimal" and not bracket else base + bracket + rest


Tags = dict[str, dict[str, str]]  # column ("" for the table itself) → tag → value


def _tags(lakehouse: Lakehouse, name: str) -> Tags:
    schema = f"schema_name = {quote_string(lakehouse.schema)} AND table_name = {quote_string(name)}"
    information = f"{quote(lakehouse.catalog)}.information_schema"
    tags: Tags = {}
    for row in lakehouse.execute(
        f"SELECT '' AS column_name, tag_name, tag_value FROM {information}.table_tags WHERE {schema}"
        f" UNION ALL SELECT column_name, tag_name, tag_value FROM {information}.column_tags WHERE {schema}"
    ):
        tags.setdefault(row.column_name.lower(), {})[row.tag_name] = row.tag_value
    return tags


def _tag(table: Table, name: str, lakehouse: Lakehouse, there: Tags) -> Iterator[Change]:
    declared = {"": table.tags, **{column: values.tags for column, values in table.columns.items()}}
    for column, tags in declared.items():
        missing = {tag: value for tag, value in tags.items() if there.get(column, {}).get(tag) != value}
        if missing:
            pairs = ", ".join(
                f"{quote_string(tag)} = {quote_string(value)}" for tag, value in missing.items()
            )
            target = f"ALTER TABLE {lakehouse.quoted(name)}"
            target += f" ALTER COLUMN {quote(column)}" if column else ""
            yield Sql(f"tag {name}{'.' if column else ''}{column}", f"{target} SET TAGS ({pairs})")
