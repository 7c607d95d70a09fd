"""How the columns of files become the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.datatypes import DataType, parse_type
from lakestead.core.names import quote
from lakestead.engine.files import Options, Relation
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions
from lakestead.workspace.sql.dml.write import Target
from lakestead.workspace.sql.grammar.ast import CopyInto
from lakestead.workspace.sql.text import Edit, apply, tokens_of
from lakestead.workspace.sql.words import describe_bound, understood
from lakestead.workspace.store.objects import TableColumn


@dataclass(frozen=True, slots=True)
class Plan:
    """A query whose columns go into a table.

    Attributes:
        query: gives ``given`` and then ``new``, by these names.
        given: columns of the table that it has values for.
        new: columns that the table does not have yet, with their types.
    """

    query: str
    given: tuple[TableColumn, ...]
    new: tuple[tuple[str, DataType], ...]

    def statement(self, columns: Sequence[TableColumn]) -> str:
        """Return the query with values for all columns of the table.

        Args:
            columns: of the table, its identity columns ready to be numbered.
        """
        given = {column.name for column in self.given}
        made = [
            f"{expressions.identity(column, 'row_number() OVER (ORDER BY 1)')} AS {quote(column.name)}"
            if column.identity is not None
            else f"{expressions.default(column)} AS {quote(column.name)}"
            for column in columns
            if column.name not in given and column.generation is None
        ]
        generated = [
            f"CAST(({column.generation}) AS {expressions.engine_type(column.type)}) AS {quote(column.name)}"
            for column in columns
            if column.name not in given and column.generation is not None
        ]
        query = f"SELECT *, {', '.join(made)} FROM ({self.query})" if made else self.query
        return f"SELECT *, {', '.join(generated)} FROM ({query})" if generated else query


def planned(
    ctx: Context, target: Target, command: CopyInto, relation: Relation, options: Options, merges: bool
) -> Plan:
    """Return how files are loaded.

    Args:
        ctx: the statement.
        target: the table.
        command: may choose and name columns.
        relation: the files.
        options: how they are read.
        merges: whether the table takes columns that it does not have.

    Raises:
        ApiError: the files' columns do not go into the table's.
    """
    if not relation.columns:
        return _nothing(target)
    if command.source.select is not None:
        return _selected(ctx, target, command, relation, merges)
    if command.by_position or command.columns:
        return _by_position(target, command, relation, options)
    matched = {one.name: _match(target, one.name) for one in relation.columns}
    given = [(column, one) for one in relation.columns if (column := matched[one.name]) is not None]
    new = [one for one in relation.columns if matched[one.name] is None]
    _refuse_new(target, [one.name for one in new], merges)
    read = [(column.name, one, parse_type(column.type)) for column, one in given]
    query = relation.select([*read, *((one.name, one, one.type) for one in new)])
    return Plan(query, tuple(column for column, _ in given), tuple((one.name, one.type) for one in new))


def _nothing(target: Target) -> Plan:
    """Return how files that are empty are loaded."""
    given = tuple(one for one in target.columns if one.identity is None and one.generation is None)
    if not given:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            "COPY INTO failed to load its source because the schema cannot be inferred: the files are empty.",
            condition="COPY_INTO_SOURCE_SCHEMA_INFERENCE_FAILED",
            sqlstate="42KD9",
        )
    nulls = ", ".join(f"{expressions.cast(one, 'NULL')} AS {quote(one.name)}" for one in given)
    return Plan(f"SELECT {nulls} WHERE false", given, ())


def _by_position(target: Target, command: CopyInto, relation: Relation, options: Options) -> Plan:
    if options.format != "CSV" or options.flag("header", "headers"):
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            "Columns can be matched by position only for CSV files without a header.",
        )
    wanted = (
        [target.column(name) for name in command.columns]
        if command.columns
        else [one for one in target.columns if one.identity is None and one.generation is None]
    )
    if len(wanted) != len(relation.columns):
        raise _mismatch(
            target,
            f"the files have {len(relation.columns)} columns, {len(wanted)} are to be filled by position",
        )
    read = [
        (column.name, one, parse_type(column.type))
        for column, one in zip(wanted, relation.columns, strict=True)
    ]
    return Plan(relation.select(read), tuple(wanted), ())


def _selected(ctx: Context, target: Target, command: CopyInto, relation: Relation, merges: bool) -> Plan:
    assert command.source.select is not None
    expressions_text = _without_stars(command.source.select.text, relation)
    bound = target.binder.expression(expressions_text)
    hidden = ["_metadata"] if mentions_metadata(expressions_text) else []
    query = understood(ctx, f"SELECT {bound} FROM ({relation.select(further=hidden)})")
    found = describe_bound(ctx, query)
    names = [column.name for column in found]
    if command.columns:
        if len(command.columns) != len(names):
            raise _mismatch(
                target, f"{len(names)} columns are selected, {len(command.columns)} are to be filled"
            )
        names = list(command.columns)
    aliases = [f"c{place}" for place in range(len(names))]
    given: list[TableColumn] = []
    new: list[tuple[str, DataType]] = []
    values: list[tuple[str, str]] = []
    added: list[tuple[str, str]] = []
    for name, alias, column in zip(names, aliases, found, strict=True):
        known = _match(target, name)
        if known is None:
            new.append((name, column.type))
            added.append((alias, name))
        else:
            given.append(known)
            values.append((expressions.cast(known, alias), known.name))
    _refuse_new(target, [name for name, _ in new], merges)
    listed = ", ".join(f"{value} AS {quote(name)}" for value, name in [*values, *added])
    return Plan(f"SELECT {listed} FROM ({query}) AS s({', '.join(aliases)})", tuple(given), tuple(new))


def mentions_metadata(text: str) -> bool:
    """Return whether expressions use the ``_metadata`` of files."""
    return any(token.key == "_METADATA" for token in tokens_of(text))


def _without_stars(text: str, relation: Relation) -> str:
    """Return a list of expressions with ``*`` written out."""
    columns = ", ".join(quote(column.name) for column in relation.columns)
    tokens = tokens_of(text)
    edits = [
        Edit(token.start, token.end, columns)
        for place, token in enumerate(tokens)
        if token.key == "*" and (place == 0 or tokens[place - 1].key == ",")
    ]
    return apply(text, edits)


def _match(target: Target, name: str) -> TableColumn | None:
    return next((column for column in target.columns if column.name.lower() == name.lower()), None)


def _refuse_new(target: Target, names: Sequence[str], merges: bool) -> None:
    if names and not merges:
        listed = ", ".join(quote(name) for name in names)
        raise _mismatch(target, f"the table has no column {listed}")


def _mismatch(target: Target, what: str) -> ApiError:
    return ApiError(
        ErrorCode.SCHEMA_MISMATCH,
        "A schema mismatch was detected while copying into the Delta table (Table: "
        f"{target.table.full_name}): {what}. This may indicate an issue with the incoming data, or the Delta "
        "table schema can be evolved automatically by setting: COPY_OPTIONS ('mergeSchema' = 'true').",
        condition="COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE",
        sqlstate="42KDG",
    )
