"""Which columns files have, by those of the source, those of the table, and the job's policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.datatypes import VARIANT, VOID, Array, DataType, Map, Struct
from lakestead.core.errors import PolicyError
from lakestead.ingest.destinations.filesystem.layout import PARTITION
from lakestead.ingest.loading.evolution import fitted, goes_into
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.loading.table import Column


@dataclass(frozen=True, slots=True)
class Kept:
    """A column that goes into the files.

    Attributes:
        source: its name in the extracted files.
        column: what it becomes.
    """

    source: str
    column: StagedColumn


def kept(
    staged: Sequence[StagedColumn], table: Sequence[StagedColumn], policy: str, where: str
) -> list[Kept]:
    """Return the columns that go into the files, in the source's order.

    Args:
        staged: the source's.
        table: the table's so far; none if there is no table, or all of it makes way.
        policy: `evolve`, `freeze`, `discard_value` or `discard_row`.
        where: names the table in messages.

    Raises:
        PolicyError: when a column cannot be kept in files, or the policy does not allow it.
    """
    for one in staged:
        _check(one, where)
    if not table:
        return [_as(one, one.name, one.datatype) for one in staged]
    known = {one.name.lower(): one for one in table}
    fit = fitted(staged, [Column(one.name, one.datatype) for one in table], policy, where)
    if fit.rejects:
        raise PolicyError(
            f"{where}: {fit.rejects[0].reason}, and rows of files cannot be rejected one by one: let the"
            " table evolve, let values be discarded (`evolution: discard_value`), or use the destination"
            " databricks"
        )
    names = {value.name.lower() for value in fit.values}
    found = []
    for one in staged:
        if one.name.lower() not in names:
            continue
        there = known.get(one.name.lower())
        if there is not None and not goes_into(one.datatype, there.datatype):
            raise PolicyError(
                f"{where}: the column '{there.name}' is {there.type}, the source's is {one.type} now, and"
                " files that are there are not written anew: name a type for it (`types`), write into"
                " another target_table, load it whole (FULL, replace), or use the destination databricks"
            )
        found.append(_as(one, there.name, there.datatype) if there else _as(one, one.name, one.datatype))
    return found


def together(table: Sequence[StagedColumn], files: Sequence[StagedColumn]) -> tuple[StagedColumn, ...]:
    """Return the columns of a table that is given files with perhaps new columns."""
    known = {one.name.lower() for one in table}
    return (*table, *(one for one in files if one.name.lower() not in known))


def _as(one: StagedColumn, name: str, kind: DataType) -> Kept:
    return Kept(one.source, StagedColumn(name, name, kind.sql, one.comment))


def _check(one: StagedColumn, where: str) -> None:
    if one.name.lower() == PARTITION:
        raise PolicyError(
            f"{where}: the source's column '{one.source}' is called as the folders are, which are by the day"
            " of the load: give it another name with a query, or leave it out with `columns`"
        )
    if _holds(one.datatype, (VARIANT, VOID)):
        raise PolicyError(
            f"{where}: files do not hold the column '{one.name}' as {one.type}: name another type for it"
            " (`types`), such as string"
        )


def _holds(kind: DataType, kinds: tuple[DataType, ...]) -> bool:
    if isinstance(kind, Array):
        return _holds(kind.element, kinds)
    if isinstance(kind, Map):
        return _holds(kind.key, kinds) or _holds(kind.value, kinds)
    if isinstance(kind, Struct):
        return any(_holds(field.type, kinds) for field in kind.fields)
    return kind in kinds
