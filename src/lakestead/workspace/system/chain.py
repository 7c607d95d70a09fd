"""Rows chained by hash: each row's hash covers its content and the hash before it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

START = "0" * 64
"""The hash before the first row of a stream."""


def link(previous: str, stream: str, number: int, at_ms: int, row: str) -> str:
    """Return the hash of a row.

    Args:
        previous: the hash of the row before it.
        stream: what it belongs to.
        number: its place there, from 1.
        at_ms: when it was appended.
        row: its content, as it is stored.
    """
    return sha256(f"{previous}\n{stream}\n{number}\n{at_ms}\n{row}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain is broken.

    Attributes:
        stream: the table whose rows they are.
        number: the row.
        problem: what is wrong there.
    """

    stream: str
    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What is left of a stream's rows, and whether they are as they were written.

    Attributes:
        stream: the table whose rows they are.
        first: number of the oldest row that is kept; rows before it were pruned by their age or number.
        last: number of the newest; ``first - 1`` when there is none.
        head: the newest row's hash: who notes it elsewhere can tell later that nothing before it was changed.
        faults: what is wrong; empty when all is well.
        known: whether ``expected`` is the hash of one of the rows; None when it was not asked for.
    """

    stream: str
    first: int
    last: int
    head: str
    faults: tuple[Fault, ...]
    known: bool | None = None


def verify(path: Path, expected: str | None = None) -> list[Chain]:
    """Check all rows of a log against their hashes.

    Args:
        path: the log's file; a workspace may be writing to it.
        expected: a hash that was noted before, to be looked for.

    Raises:
        FileNotFoundError: there is no such file.
        sqlite3.DatabaseError: the file is no log.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=30)
    try:
        connection.execute("BEGIN")  # one state of a log that is being written
        streams = connection.execute(
            "SELECT stream FROM heads UNION SELECT stream FROM anchors UNION SELECT DISTINCT stream FROM rows"
        ).fetchall()
        return [_verify(connection, stream, expected) for (stream,) in sorted(streams)]
    finally:
        connection.close()


def _verify(connection: sqlite3.Connection, stream: str, expected: str | None) -> Chain:
    pruned, previous = _mark(connection, "anchors", stream) or (0, START)
    faults: list[Fault] = []
    number = pruned
    known = None if expected is None else previous == expected
    query = "SELECT number, at_ms, row, hash FROM rows WHERE stream = ? ORDER BY number"
    for found, at_ms, row, given in connection.execute(query, (stream,)):
        if found <= pruned:
            faults.append(Fault(stream, found, "was inserted before the oldest row that is kept"))
            continue
        if found > number + 1:
            faults.append(Fault(stream, number + 1, _missing(number + 1, found - 1)))
        elif link(previous, stream, found, at_ms, row) != given:
            faults.append(Fault(stream, found, "does not match its hash: it, or the one before, was changed"))
        number, previous = found, given
        known = known or (None if expected is None else given == expected)
    last, head = _mark(connection, "heads", stream) or (pruned, previous)
    if last > number:
        faults.append(Fault(stream, number + 1, _missing(number + 1, last)))
    elif last < number:
        faults.append(Fault(stream, last + 1, "was inserted after the newest row"))
    elif head != previous:
        faults.append(Fault(stream, number, "is not the newest row that was written"))
    return Chain(stream, pruned + 1, number, previous, tuple(faults), known)


def _missing(first: int, last: int) -> str:
    return "is missing" if first == last else f"and all rows up to {last} are missing"


def _mark(connection: sqlite3.Connection, table: str, stream: str) -> tuple[int, str] | None:
    query = f"SELECT number, hash FROM {table} WHERE stream = ?"
    found: tuple[int, str] | None = connection.execute(query, (stream,)).fetchone()
    return found
