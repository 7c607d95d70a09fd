"""What is wrong with rules, told by the tables' columns before anything runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal as PyDecimal
from typing import Any

from lakestead.core.datatypes import (
    BOOLEAN,
    DATE,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VARIANT,
    Char,
    DataType,
    Decimal,
    Map,
    Varchar,
    parse_type,
)
from lakestead.profiling.checks.expressions import expression_problems, query_problems
from lakestead.profiling.checks.quarantine import MARKS
from lakestead.profiling.checks.rules import (
    Allowed,
    AnyRule,
    ForeignKey,
    Freshness,
    Pattern,
    Query,
    Range,
    RowRule,
    TableChecks,
    Unique,
)
from lakestead.profiling.checks.source import Source
from lakestead.profiling.problems import Problem

_NUMBERS = tuple(map(parse_type, ("tinyint", "smallint", "int", "bigint", "float", "double")))
_TIMES = (TIMESTAMP, TIMESTAMP_NTZ)

Parts = tuple[str, ...]


def problems(name: str, checks: TableChecks, sources: Mapping[Parts, Source | None]) -> list[Problem]:
    """Return all that is wrong with the rules of a table.

    Args:
        name: the table's full name.
        checks: its rules.
        sources: what is known of it, and of the tables that its rules refer to, by their names.
    """
    source = sources[tuple(name.split("."))]
    if source is None:
        return [Problem(name, "checks", f"Table '{name}' (from checks) not found, or you may not know of it")]
    found = [Problem(name, "checks", text) for text in _of_table(source, checks)]
    for rule in checks.rules:
        where = f" (check '{rule.title}' of '{name}')"
        found += (Problem(name, rule.title, text + where) for text in _of_rule(source, rule, sources))
    return found


def _of_table(source: Source, checks: TableChecks) -> Iterator[str]:
    if checks.since is not None:
        kind = source.column(checks.since)
        if kind is None:
            yield _missing(checks.since, source, "since")
        elif kind not in _TIMES:
            yield f"Column '{checks.since}' (from since) of '{source.full_name}' is {kind.sql}, no TIMESTAMP"
    if any(isinstance(rule, RowRule) and rule.quarantine for rule in checks.rules):
        for mark in sorted(set(MARKS) & {column.lower() for column in source.columns}):
            yield f"Column '{mark}' of '{source.full_name}' has a name that the quarantine table needs itself"


def _of_rule(source: Source, rule: AnyRule, sources: Mapping[Parts, Source | None]) -> Iterator[str]:
    missing = [column for column in rule.needs if source.column(column) is None]
    for column in missing:
        yield _missing(column, source, rule.kind)
    for expression in rule.expressions:
        yield from expression_problems(expression, source.columns)
    if isinstance(rule, Query):
        yield from query_problems(rule.query)
    if not missing:
        yield from _of_types(source, rule, sources)


def _of_types(source: Source, rule: AnyRule, sources: Mapping[Parts, Source | None]) -> Iterator[str]:
    kinds = {column: source.column(column) for column in rule.needs}
    for column, kind in kinds.items():
        assert kind is not None
        written = f"column '{column}' is {kind.sql}"
        if isinstance(rule, Unique) and (isinstance(kind, Map) or kind == VARIANT):
            yield f"{written}, whose values cannot be compared"
        if isinstance(rule, Freshness) and _family(kind) != "time":
            yield f"{written}, neither DATE nor TIMESTAMP"
        if isinstance(rule, Pattern) and _family(kind) != "text":
            yield f"{written}, not STRING"
        for value in _values(rule):
            if _family_of_value(value) != _family(kind):
                yield f"{written}, and {value!r} is none"
        if isinstance(rule, ForeignKey):
            yield from _of_reference(rule, kind, sources)


def _of_reference(rule: ForeignKey, kind: DataType, sources: Mapping[Parts, Source | None]) -> Iterator[str]:
    parts, column = rule.referenced
    other = sources[parts]
    if other is None:
        yield f"Table '{'.'.join(parts)}' (from references) not found, or you may not know of it"
        return
    referenced = other.column(column)
    if referenced is None:
        yield _missing(column, other, "references")
    elif _family(referenced) != _family(kind):
        yield f"column '{rule.column}' is {kind.sql}, and {rule.references} is {referenced.sql}"


def _values(rule: AnyRule) -> list[Any]:
    if isinstance(rule, Range):
        return [end for end in (rule.min, rule.max) if end is not None]
    return list(rule.values) if isinstance(rule, Allowed) else []


def _family(kind: DataType) -> str:
    """Return what values of a type can be compared with."""
    if kind in _NUMBERS or isinstance(kind, Decimal):
        return "number"
    if kind == STRING or isinstance(kind, Char | Varchar):
        return "text"
    if kind == DATE or kind in _TIMES:
        return "time"
    return "truth" if kind == BOOLEAN else kind.sql


def _family_of_value(value: Any) -> str:
    for kinds, family in (
        ((bool,), "truth"),
        ((int, float, PyDecimal), "number"),
        ((dt.date, dt.datetime), "time"),
    ):
        if isinstance(value, kinds):
            return family
    return "text"


def _missing(column: str, source: Source, setting: str) -> str:
    return (
        f"Column '{column}' (from {setting}) not found in table '{source.full_name}'."
        f" Available columns: {list(source.columns)}"
    )
