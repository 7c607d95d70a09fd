"""TPC-H: 22 analytical queries over Delta tables, through the SQL connector beside the engine alone.

The data are made by `tpchgen-cli` as Parquet and loaded by CREATE TABLE AS SELECT through the workspace,
whose folder is kept for the next run. The engine alone reads the very same Delta tables. Every answer
through the connector is compared with DuckDB's over the Parquet files. A query's time is the median of its
rounds, until its rows are in the client as Arrow; the figure is the sum over the queries. minilake runs
them through the SDK over tables of DuckDB's own format, loaded from the same files.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from benchmarks.harness import CACHE, Figure, Goal, Group, Size, in_turns, timed
from benchmarks.servers.engine import bare_engine
from benchmarks.servers.lakestead import Lakestead, lakestead
from benchmarks.servers.minilake import NotThere, started
from benchmarks.servers.statements import StatementFailed, Statements
from benchmarks.tpch.answers import Answer, Reference, answer, difference
from benchmarks.tpch.data import generate
from benchmarks.tpch.queries import NUMBERS, statements
from lakestead.core.names import quote_string
from lakestead.engine.sail import EngineSession

_SCHEMA = "tpch"


def run(size: Size) -> list[Group]:
    """Measure."""
    scale = 0.05 if size.quick else 1
    folder = CACHE / f"tpch-{scale:g}"
    files = generate(scale, folder / "parquet")
    with ExitStack() as stack:
        workspace = stack.enter_context(lakestead(folder / "workspace"))
        connection = stack.enter_context(workspace.profile.sql_connection(schema=_SCHEMA))
        cursor = stack.enter_context(connection.cursor())
        _load(cursor, files)
        wrong = _wrong_answers(cursor, files)
        engine = stack.enter_context(bare_engine())
        _register(engine, workspace, files)
        seconds = [_query(number, engine, cursor, size(5, 1)) for number in NUMBERS]
        memory = workspace.memory.peak()
    alone, through = (sum(each) for each in zip(*seconds, strict=True))
    # The fixed cost of a statement shows most where the engine has least to do.
    number, most = max(enumerate((t / a for a, t in seconds), start=1), key=lambda pair: pair[1])
    figures = [
        Figure("engine alone (gRPC)", alone, "s"),
        Figure(
            "Thrift (SQL connector)",
            through,
            "s",
            through / alone,
            Goal(1.15, of_ratio=True),
            f"query {number} the most: {most:.2f}×",
        ),
        _minilake(files, alone),
    ]
    answers = Figure(
        "Thrift (SQL connector)",
        len(NUMBERS) - len(wrong),
        "queries",
        goal=Goal(len(NUMBERS), least=True),
        note="; ".join(wrong),
    )
    title = f"TPC-H at scale {scale:g}"
    return [
        Group(f"{title}: 22 queries", figures),
        Group(f"{title}: answers that are DuckDB's", [answers]),
        Group(f"{title}: memory", [Figure("server and engine, peak since their start", memory, "MB")]),
    ]


def _load(cursor: Any, files: dict[str, Path]) -> None:
    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
    for table, file in files.items():
        source = str(file).replace("`", "``")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM parquet.`{source}`")


def _register(engine: EngineSession, workspace: Lakestead, files: dict[str, Path]) -> None:
    """Tell the engine alone of the workspace's tables."""
    tables = workspace.profile.workspace_client().tables
    for table in files:
        location = str(tables.get(f"main.{_SCHEMA}.{table}").storage_location)
        engine.command(f"CREATE TABLE {table} USING delta LOCATION {quote_string(location)}")


def _wrong_answers(cursor: Any, files: dict[str, Path]) -> list[str]:
    reference = Reference(files)

    def rows(statement: str) -> Answer:
        cursor.execute(statement)
        columns = tuple(column[0] for column in cursor.description)
        return Answer(columns, [tuple(row) for row in cursor.fetchall()])

    differences = {
        number: difference(number, answer(number, rows), answer(number, reference)) for number in NUMBERS
    }
    reference.close()
    return [f"query {number}: {words}" for number, words in differences.items() if words is not None]


def _query(number: int, engine: EngineSession, cursor: Any, rounds: int) -> tuple[float, float]:
    """Return the seconds of one query by the engine alone and through the connector."""

    def alone() -> None:
        for statement in statements(number):
            engine.query(statement)

    def through() -> None:
        for statement in statements(number):
            fetched: pa.Table = cursor.execute(statement).fetchall_arrow()
            del fetched

    timings = in_turns({"alone": timed(alone), "through": timed(through)}, rounds)
    return median(timings["alone"]), median(timings["through"])


def _minilake(files: dict[str, Path], engine: float) -> Figure:
    subject = "minilake, Statement Execution (SDK)"
    with ExitStack() as stack:
        peer = started(stack)
        if isinstance(peer, NotThere):
            return Figure(subject, None, "s", note=str(peer))
        peer.profile.workspace_client().catalogs.create(name=_SCHEMA)
        peer.profile.workspace_client().schemas.create(name=_SCHEMA, catalog_name=_SCHEMA)
        execute = peer.statements(_SCHEMA, _SCHEMA)
        for table, file in files.items():
            execute(f"CREATE TABLE {table} AS FROM read_parquet({quote_string(str(file))})")
        seconds, failed = 0.0, []
        for number in NUMBERS:
            try:
                seconds += median(in_turns({"": timed(partial(_all, execute, number))}, rounds=1)[""])
            except StatementFailed:
                failed.append(number)
    if failed:
        return Figure(subject, None, "s", note=f"failed queries {', '.join(map(str, failed))}")
    return Figure(subject, seconds, "s", seconds / engine, note="answers not compared")


def _all(execute: Statements, number: int) -> None:
    for statement in statements(number):
        execute(statement)
