"""What the strategies do, each in one statement that can be repeated without effect.

A statement reads *rows*: a query of the staged files with the target's names and types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakestead.core.names import quote
from lakestead.ingest.loading.names import Table

VALID_FROM = "_valid_from"
VALID_TO = "_valid_to"

_FINGERPRINT = "_lakestead_fingerprint"
_NUMBER = "_lakestead_number"
_INSERT = "_lakestead_insert"


@dataclass(frozen=True, slots=True)
class Move:
    """Rows on their way into a table.

    Attributes:
        target: the table.
        columns: names of the table's columns that get values.
        keys: those that identify a row.
        rows: a query that gives the columns.
        whole: whether they are all rows of the source.
        watermark: the column that grows, if there is one.
        bounded: whether rows below the parameter `:lower` were not read.
        variants: those of the columns that are variants, which only their text can be compared by.
    """

    target: Table
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    rows: str
    whole: bool
    watermark: str | None
    bounded: bool
    variants: frozenset[str] = frozenset()

    @property
    def listed(self) -> str:
        """The columns, quoted."""
        return listed(self.columns)


def replace(move: Move) -> str:
    """All rows of the table make way."""
    return f"INSERT OVERWRITE {move.target.sql} ({move.listed}) {_selected(move, move.rows)}"


def append(move: Move) -> str:
    """Rows are added; of those that were read before, none twice.

    The source was read again from the last watermark on, less the lag. What is already in the table of that
    window is left out, row by row: two equal rows of the source are two in the table.
    """
    return f"INSERT INTO {move.target.sql} ({move.listed}) {_selected(move, _fresh(move))}"


def merge(move: Move) -> str:
    """Rows with a known key take the place of the old ones, the others are added."""
    rows = _fresh(move) if move.bounded else move.rows
    return (
        f"MERGE INTO {move.target.sql} t USING ({_newest(move, rows)}) s ON {_same(move.keys)}"
        f"{_update(move)} WHEN NOT MATCHED THEN INSERT ({move.listed}) VALUES ({_from_source(move)})"
    )


def mirror(move: Move) -> str:
    """As `merge`, and rows that the source has no more are deleted."""
    changed = " AND ".join(f"t.{quote(name)} <=> s.{quote(name)}" for name in _others(move)) or "true"
    matched = f" WHEN MATCHED AND NOT ({changed}) THEN UPDATE SET {_assigned(move)}" if _others(move) else ""
    return (
        f"MERGE INTO {move.target.sql} t USING ({_newest(move, move.rows)}) s ON {_same(move.keys)}{matched}"
        f" WHEN NOT MATCHED THEN INSERT ({move.listed}) VALUES ({_from_source(move)})"
        " WHEN NOT MATCHED BY SOURCE THEN DELETE"
    )


def delete_insert(move: Move) -> str:
    """All rows with a key that came are deleted, those that came are added; a key may have many rows."""
    nulls = ", ".join(quote(name) if name in move.keys else f"NULL AS {quote(name)}" for name in move.columns)
    rows = (
        f"SELECT {move.listed}, true AS {_INSERT} FROM ({move.rows})"
        f" UNION ALL SELECT DISTINCT {nulls}, false FROM ({move.rows})"
    )
    return (
        f"MERGE INTO {move.target.sql} t USING ({rows}) s ON {_same(move.keys)} AND NOT s.{_INSERT}"
        f" WHEN MATCHED THEN DELETE"
        f" WHEN NOT MATCHED AND s.{_INSERT} THEN INSERT ({move.listed}) VALUES ({_from_source(move)})"
    )


def scd2(move: Move) -> str:
    """A row that has changed is a new version, valid from the load on; the old one ends there.

    Where all rows of the source came, one that it has no more ends too. (A slowly changing dimension of type
    2, in Kimball's terms.)
    """
    current = f"SELECT {move.listed} FROM {move.target.sql} WHERE {VALID_TO} IS NULL"
    came = _newest(move, move.rows)
    on = " AND ".join(f"n.{quote(key)} = o.{quote(key)}" for key in move.keys)
    same = " AND ".join(f"n.{quote(name)} <=> o.{quote(name)}" for name in _others(move)) or "true"
    first = quote(move.keys[0])
    new = (
        f"SELECT {listed(move.columns, 'n')}, true AS {_INSERT} FROM ({came}) n LEFT JOIN ({current}) o"
        f" ON {on} WHERE o.{first} IS NULL OR NOT ({same})"
    )
    gone = f"n.{first} IS NULL OR NOT ({same})" if move.whole else f"n.{first} IS NOT NULL AND NOT ({same})"
    ended = (
        f"SELECT {listed(move.columns, 'o')}, false FROM ({current}) o LEFT JOIN ({came}) n"
        f" ON {on} WHERE {gone}"
    )
    return (
        f"MERGE INTO {move.target.sql} t USING ({new} UNION ALL {ended}) s"
        f" ON {_same(move.keys)} AND t.{VALID_TO} IS NULL AND NOT s.{_INSERT}"
        f" WHEN MATCHED THEN UPDATE SET {VALID_TO} = :at"
        f" WHEN NOT MATCHED AND s.{_INSERT} THEN INSERT ({move.listed}, {VALID_FROM}, {VALID_TO})"
        f" VALUES ({_from_source(move)}, :at, NULL)"
    )


STRATEGIES = {
    "replace": replace,
    "append": append,
    "merge": merge,
    "mirror": mirror,
    "delete+insert": delete_insert,
    "scd2": scd2,
}


def parameters(move: Move, strategy: str, lower: Any, at: datetime) -> dict[str, Any]:
    """Return the values of the parameters that a strategy's statement has."""
    values: dict[str, Any] = {}
    if move.bounded and strategy in ("append", "merge"):
        values["lower"] = lower
    if strategy == "scd2":
        values["at"] = at
    return values


def bad_keys(move: Move) -> str:
    """Return a query that gives a few keys that came more than once or are null, with `n`, how often."""
    keys = listed(move.keys)
    nulls = " OR ".join(f"{quote(key)} IS NULL" for key in move.keys)
    return (
        f"SELECT {keys}, count(*) AS n FROM ({move.rows}) GROUP BY {keys}"
        f" HAVING count(*) > 1 OR {nulls} ORDER BY {keys} LIMIT 3"
    )


def missing(move: Move, strategy: str) -> str:
    """Return a query that counts, as `n`, the rows that came and are not in the table."""
    rows = move.rows if strategy in ("replace", "append", "delete+insert") else _newest(move, move.rows)
    known = move.target.sql
    if strategy == "scd2":
        known = f"(SELECT * FROM {known} WHERE {VALID_TO} IS NULL)"
    return f"SELECT count(*) AS n FROM ({_unknown(move, rows, known)})"


def listed(names: Sequence[str], alias: str = "") -> str:
    """Return names as SQL lists them."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(prefix + quote(name) for name in names)


def fingerprint(move: Move) -> str:
    """Return an expression that is the same for equal rows, nulls included."""
    values = ", ".join(
        f"CAST({quote(name)} AS STRING) AS {quote(name)}" if name in move.variants else quote(name)
        for name in move.columns
    )
    return f"sha2(to_json(struct({values})), 256)"


def _selected(move: Move, rows: str) -> str:
    return f"SELECT {move.listed} FROM ({rows})"


def _fresh(move: Move) -> str:
    """Return the rows that are not yet in the table's part of the window."""
    known = move.target.sql
    if move.bounded and move.watermark:
        known = f"(SELECT * FROM {known} WHERE {quote(move.watermark)} >= :lower)"
    return _unknown(move, move.rows, known)


def _unknown(move: Move, rows: str, known: str) -> str:
    """Return rows that are not among known ones; of equal rows as many as are missing."""
    mark = f"*, {fingerprint(move)} AS {_FINGERPRINT}"
    number = f"row_number() OVER (PARTITION BY {_FINGERPRINT} ORDER BY {_FINGERPRINT}) AS {_NUMBER}"
    came = f"SELECT *, {number} FROM (SELECT {mark} FROM ({rows}))"
    there = f"SELECT {_FINGERPRINT}, {number} FROM (SELECT {mark} FROM {known})"
    return (
        f"SELECT {listed(move.columns, 'n')} FROM ({came}) n"
        f" LEFT ANTI JOIN ({there}) o"
        f" ON n.{_FINGERPRINT} = o.{_FINGERPRINT} AND n.{_NUMBER} = o.{_NUMBER}"
    )


def _newest(move: Move, rows: str) -> str:
    """Return the rows, of those with one key only the newest."""
    if move.watermark is None:
        return f"SELECT {move.listed} FROM ({rows})"
    order = f"PARTITION BY {listed(move.keys)} ORDER BY {quote(move.watermark)} DESC"
    return (
        f"SELECT {move.listed} FROM (SELECT *, row_number() OVER ({order}) AS {_NUMBER} FROM ({rows}))"
        f" WHERE {_NUMBER} = 1"
    )


def _same(keys: Sequence[str]) -> str:
    return " AND ".join(f"t.{quote(key)} = s.{quote(key)}" for key in keys)


def _others(move: Move) -> list[str]:
    return [name for name in move.columns if name not in move.keys]


def _assigned(move: Move) -> str:
    return ", ".join(f"{quote(name)} = s.{quote(name)}" for name in _others(move))


def _update(move: Move) -> str:
    return f" WHEN MATCHED THEN UPDATE SET {_assigned(move)}" if _others(move) else ""


def _from_source(move: Move) -> str:
    return listed(move.columns, "s")
