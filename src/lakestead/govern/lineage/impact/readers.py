"""Views, functions and queries that read what is dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlglot import exp

from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.impact.finding import Broken, Kind
from lakestead.govern.lineage.impact.metastore import Metastore, Rows
from lakestead.govern.lineage.impact.statements import Reads, Statement, named_tables

_SHOWN = 120  # characters of a query
_WORK = (exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge)


class Readers:
    """Finds statements that read a table or a column, and those that read them.

    Args:
        metastore: has them.
        dropped: the table or column.
    """

    def __init__(self, metastore: Metastore, dropped: Node) -> None:
        self._metastore = metastore
        self._dropped = dropped

    def views(self) -> Iterator[Broken]:
        """Yield the views, and views of these. A view that breaks does so with all its columns."""
        known: dict[str, bool] = {}
        frontier = [self._dropped]
        while frontier:
            rows = self._metastore.views(_words(frontier))
            new = [row for row in rows if _name(row) not in known]
            found = list(self._broken(Kind.VIEW, new, frontier, known))
            yield from found
            known |= {one.name: one.certain for one in found}
            frontier = [Node(one.name) for one in found]

    def functions(self) -> Iterator[Broken]:
        """Yield the SQL functions."""
        yield from self._broken(
            Kind.FUNCTION, self._metastore.functions(_words([self._dropped])), [self._dropped], {}
        )

    def queries(self, since: dt.datetime) -> Iterator[Broken]:
        """Yield the queries that were run since some time."""
        rows = self._metastore.queries(self._dropped.table, _words([self._dropped]), since)
        statements = [Statement(row["text"]) for row in rows]
        columns = self._columns(statements)
        for row, statement in zip(rows, statements, strict=True):
            reads = self._reads(statement, self._dropped, columns)
            if reads is not Reads.NO and _runs_again(statement, self._dropped.table):
                shown = " ".join(row["text"].split())
                shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
                why = f"was run {row['runs']} times, last on {row['last']:%Y-%m-%d}"
                yield Broken(Kind.QUERY, shown, why, row["owner"], reads is Reads.YES)

    def _broken(
        self, kind: Kind, rows: Rows, frontier: Sequence[Node], known: dict[str, bool]
    ) -> Iterator[Broken]:
        statements = [Statement(row["definition"], row["catalog"], row["schema"]) for row in rows]
        columns = self._columns(statements)
        for row, statement in zip(rows, statements, strict=True):
            reads, one = max((self._reads(statement, one, columns), one) for one in frontier)
            if reads is not Reads.NO and _name(row) != self._dropped.table:
                certain = reads is Reads.YES and known.get(one.table, True)
                yield Broken(kind, _name(row), f"reads {one}", row["owner"], certain)

    def _reads(self, statement: Statement, one: Node, columns: dict[str, list[str]]) -> Reads:
        if one.column is None:
            return statement.reads_table(one.table)
        return statement.reads_column(one.table, one.column, columns)

    def _columns(self, statements: Sequence[Statement]) -> dict[str, list[str]]:
        """Return the columns of all tables that statements name, if they matter."""
        tables = named_tables(statements) if self._dropped.column is not None else set()
        return self._metastore.columns(tables) if tables else {}


def _runs_again(statement: Statement, dropped: str) -> bool:
    """Return whether a statement is work, and not the making of a view or of the table itself."""
    tree = statement.tree
    if isinstance(tree, exp.Create):
        made = next(statement.tables(), ())
        return tree.kind == "TABLE" and ".".join(made) != dropped
    return tree is None or isinstance(tree, _WORK)


def _name(row: dict[str, str]) -> str:
    return f"{row['catalog']}.{row['schema']}.{row['name']}"


def _words(nodes: Sequence[Node]) -> list[str]:
    """Return the words of which a text has one if it names one of some tables."""
    return sorted({node.table.rpartition(".")[2] for node in nodes})
