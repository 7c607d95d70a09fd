"""The time in which the lineage of a statement is found: TPC-H's 22 queries, every column, parsing included.

Beside it sqlglot's own lineage of the same columns, the query resolved once for all of them. Both are given
the tables' columns.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from benchmarks.harness import Figure, Goal, Group, Size, Timings, compared, in_turns, timed
from benchmarks.tpch import lineage as truth
from benchmarks.tpch.queries import NUMBERS, is_query, statements
from lakestead.workspace.sql.grammar import parse
from lakestead.workspace.system.lineage.model import Dataset, Relation
from lakestead.workspace.system.lineage.statement import extract
from lakestead.workspace.system.lineage.trace import Trace

_TABLES = {name: columns.split() for name, columns in truth.COLUMNS.items()}
_TABLES["revenue0"] = ["supplier_no", "total_revenue"]
_RELATIONS: dict[tuple[str, ...], Relation] = {
    ("main", "tpch", name): Relation(Dataset("TABLE", ("main", "tpch", name)), tuple(columns))
    for name, columns in _TABLES.items()
}
_SCHEMA: dict[str, object] = {name: dict.fromkeys(columns, "string") for name, columns in _TABLES.items()}


def run(size: Size) -> list[Group]:
    """Measure."""
    times: Timings = {"sqlglot.lineage": [], "lakestead": []}
    for number in NUMBERS:
        query = next(one for one in statements(number) if is_query(one))
        contenders = {"sqlglot.lineage": timed(_theirs(query)), "lakestead": timed(_ours(query))}
        for name, seconds in in_turns(contenders, rounds=size(10, 1)).items():
            times[name].append(median(seconds))
    slowest = {name: [max(seconds)] for name, seconds in times.items()}
    return [
        Group(f"Lineage of all columns of a TPC-H query, {what}", _figures(chosen))
        for what, chosen in (("median of 22", times), ("slowest of 22", slowest))
    ]


def _figures(times: Timings) -> list[Figure]:
    return compared(times, "ms", lambda s: s * 1000, {"lakestead": Goal(5)})


def _ours(query: str) -> Callable[[], object]:
    return lambda: extract(Trace("main", "tpch", parse(query), relations=_RELATIONS))


def _theirs(query: str) -> Callable[[], object]:
    def work() -> list[object]:
        # Resolved once for all columns, as its documentation advises.
        tree = qualify(sqlglot.parse_one(query, dialect="databricks"), schema=_SCHEMA, dialect="databricks")
        scope = build_scope(tree)
        assert isinstance(tree, exp.Query)
        return [
            lineage(one.alias_or_name, tree, _SCHEMA, scope=scope, dialect="databricks")
            for one in tree.selects
        ]

    return work
