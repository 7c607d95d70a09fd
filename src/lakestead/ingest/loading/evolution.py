"""What becomes of a source's columns that are not, or not so, in the table.

| policy          | a new column                     | a type that does not go into the column's        |
|-----------------|----------------------------------|---------------------------------------------------|
| `evolve`        | is added                         | the column gets it, if it is wider; else an error |
| `freeze`        | an error                         | an error                                          |
| `discard_value` | is left out                      | values that do not fit become null                |
| `discard_row`   | rows that have it are rejected   | rows whose value does not fit are rejected        |

A column of the table that the source has no more is null in new rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.datatypes import STRING, VARIANT, Char, DataType, Varchar, is_wider
from lakestead.core.errors import PolicyError
from lakestead.core.names import quote
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.loading.table import Column


@dataclass(frozen=True, slots=True)
class Value:
    """Where a column of the table gets its values."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Rows that are kept out: those for which the condition holds."""

    condition: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How staged columns go into a table.

    Attributes:
        values: one for each column of the table that gets values, in the staged order.
        added: columns that the table is given first.
        widened: columns of the table that get another type first.
        rejects: rows that do not go in.
        as_they_are: whether every staged column goes into the column of its own name and type.
    """

    values: tuple[Value, ...]
    added: tuple[Column, ...] = ()
    widened: tuple[tuple[str, DataType], ...] = ()
    rejects: tuple[Reject, ...] = ()
    as_they_are: bool = False


def fitted(staged: Sequence[StagedColumn], table: Sequence[Column], policy: str, where: str) -> Fit:
    """Return how staged columns go into a table.

    Args:
        staged: the columns of the files.
        table: those of the table.
        policy: `evolve`, `freeze`, `discard_value` or `discard_row`.
        where: names the table in messages.

    Raises:
        PolicyError: when the policy does not allow it.
    """
    known = {column.name.lower(): column for column in table}
    values: list[Value] = []
    added: list[Column] = []
    widened: list[tuple[str, DataType]] = []
    rejects: list[Reject] = []
    for one in staged:
        column = known.get(one.name.lower())
        if column is None:
            if policy == "freeze":
                raise PolicyError(
                    f"{where} has no column '{one.name}' ({one.type}), which the source has now; evolution is"
                    " 'freeze': add the column, leave it out with `columns`, or let it evolve"
                )
            if policy == "evolve":
                added.append(Column(one.name, one.datatype, comment=one.comment))
                values.append(Value(one.name, _read(one)))
            elif policy == "discard_row":
                rejects.append(
                    Reject(f"{quote(one.source)} IS NOT NULL", f"the table has no column {one.name}")
                )
            continue
        if goes_into(one.datatype, column.type):
            values.append(Value(column.name, _cast(one, column.type)))
            continue
        values.append(_unlike(one, column, policy, where, widened, rejects))
    plain = not (widened or rejects) and len(values) == len(staged)
    same = all(
        one.source == value.name and one.datatype != VARIANT and _stored(one, known)
        for one, value in zip(staged, values, strict=False)
    )
    return Fit(tuple(values), tuple(added), tuple(widened), tuple(rejects), as_they_are=plain and same)


def _stored(one: StagedColumn, known: dict[str, Column]) -> bool:
    column = known.get(one.name.lower())
    return column is None or column.type == one.datatype


def _read(one: StagedColumn) -> str:
    """Return the expression of a staged column in its own type. Files have variants as JSON text."""
    return f"parse_json({quote(one.source)})" if one.datatype == VARIANT else quote(one.source)


def _cast(one: StagedColumn, kind: DataType) -> str:
    return _read(one) if one.datatype == kind else f"CAST({_read(one)} AS {kind.sql})"


def _unlike(
    one: StagedColumn,
    column: Column,
    policy: str,
    where: str,
    widened: list[tuple[str, DataType]],
    rejects: list[Reject],
) -> Value:
    """Return the value for a column of another type, and note what it takes."""
    kind = one.datatype
    attempt = f"TRY_CAST({quote(one.source)} AS {column.type.sql})"
    if policy == "discard_value":
        return Value(column.name, attempt)
    if policy == "discard_row":
        condition = f"{quote(one.source)} IS NOT NULL AND {attempt} IS NULL"
        rejects.append(Reject(condition, f"{one.name} is no {column.type.sql}"))
        return Value(column.name, attempt)
    if policy == "evolve" and is_wider(kind, column.type):
        widened.append((column.name, kind))
        return Value(column.name, quote(one.source))
    remedy = (
        "cast it at the source, name a type for it (`types`), or let values or rows that do not fit be"
        " discarded (`evolution`)"
        if policy == "evolve"
        else "evolution is 'freeze': let it evolve, or name a type for it (`types`)"
    )
    raise PolicyError(
        f"{where}: the column '{column.name}' is {column.type.sql}, the source's is {kind.sql} now: {remedy}"
    )


def goes_into(kind: DataType, target: DataType) -> bool:
    """Return whether every value of a type is one of another, unchanged."""
    if kind == target:
        return True
    if target == STRING or isinstance(target, Varchar | Char):
        return kind == STRING or isinstance(kind, Varchar | Char)
    return is_wider(target, kind)
