"""Statements over a few tables, and their lineage as short text."""

from __future__ import annotations

from collections.abc import Mapping

from lakestead.workspace.sql.grammar import parse
from lakestead.workspace.sql.grammar.ast import CreateTable, CreateView, Dml
from lakestead.workspace.system.lineage.model import Dataset, Lineage, Relation
from lakestead.workspace.system.lineage.statement import extract
from lakestead.workspace.system.lineage.trace import Function, Trace

TABLES = {
    "main.d.t": "a b c S arr",
    "main.d.u": "a d e",
    "main.d.w": "k v",
    "other.x.t": "a z",
    "main.d.n": "a b c",
}


def relations(tables: Mapping[str, str] = TABLES) -> dict[tuple[str, ...], Relation]:
    """Return tables as a statement's trace has them."""
    found = {}
    for name, columns in tables.items():
        path = tuple(name.split("."))
        found[path] = Relation(Dataset("TABLE", path), tuple(columns.split()))
    return found


def trace(text: str, target: str = "n", columns: str = "", **noted: object) -> Trace:
    """Return what a statement in ``main.d`` notes when it runs.

    Args:
        text: the statement.
        target: what it writes, if it writes anything.
        columns: those of the target, by default the table's own.
        noted: further attributes.
    """
    made = Trace("main", "d", parse(text), relations=relations())
    if isinstance(made.parsed, Dml):
        made.written = made.relation(tuple(target.split(".")))
    elif isinstance(made.parsed, CreateTable | CreateView):
        made.makes("TABLE", ("main", "d", target), columns.split())
    for name, value in noted.items():
        setattr(made, name, value)
    return made


def lineage(text: str, target: str = "n", columns: str = "", **noted: object) -> Lineage:
    """Return the lineage of a statement; arguments as of :func:`trace`."""
    found = extract(trace(text, target, columns, **noted))
    assert found is not None
    return found


def sources(found: Lineage) -> list[str]:
    """Return what a statement reads, by the last part of its names, or by paths."""
    return sorted(one.name[-1] for one in found.sources)


def made(text: str, columns: str, **noted: object) -> dict[str, str]:
    """Return what a query gives: by column, what it is made of, e.g. ``{"x": "t.a u.d"}``."""
    return edges(lineage(f"CREATE TABLE n AS {text}", "made", columns, **noted))


def edges(found: Lineage) -> dict[str, str]:
    """Return the edges into each column of the target that has some."""
    by_target: dict[str, list[str]] = {}
    for edge in found.columns:
        origin = f"{edge.source.dataset.name[-1]}.{edge.source.column}"
        by_target.setdefault(str(edge.target), []).append(origin)
    return {target: " ".join(sorted(origins)) for target, origins in by_target.items()}


def function(parameters: str, body: str, columns: str | None = None) -> Function:
    """Return a SQL function."""
    return Function(tuple(parameters.split()), body, None if columns is None else tuple(columns.split()))
