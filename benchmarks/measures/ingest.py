"""Ingestion beside its peers: PostgreSQL, a merge, and many files, into a table.

Everybody reads the same server and the same files, each run in a process of its own. lakestead loads a table
of the embedded workspace, which its own client reaches over HTTP and Thrift; the peers write a Delta table
(ingestr: a DuckDB file) straight to the disk.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import duckdb

from benchmarks.environments import NotThere
from benchmarks.harness import CACHE, Figure, Goal, Group, Size
from benchmarks.ingest.environment import Measured, extension, job_folder, jobs, peer
from benchmarks.servers.lakestead import Lakestead, lakestead
from benchmarks.tpch.data import generate
from tests.servers.postgres import PostgresServer, postgres

_LAKESTEAD = "lakestead"
_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
_KEYS = ("l_orderkey", "l_linenumber")
_FILES = 200

Run = Callable[[], Measured]


def run(size: Size) -> list[Group]:
    """Measure."""
    with _ground(size) as ground:
        return [*ground.lineitem(), *ground.mixed(), *ground.merge(), *ground.files()]


@dataclass(frozen=True)
class _Ground:
    """What all measures share.

    Attributes:
        size: how much is done.
        workspace: the embedded workspace.
        server: PostgreSQL.
        database: the one with the tables.
        folder: for what is written; removed in the end.
        lines: the Parquet file of TPC-H's line items.
    """

    size: Size
    workspace: Lakestead
    server: PostgresServer
    database: str
    folder: Path
    lines: Path

    @property
    def given(self) -> dict[str, Any]:
        """What peers are told of the server."""
        settings = self.server.settings(self.database)
        user, password = settings["username"], settings["password"]
        words = ("host", "port", "user", "password", "dbname")
        values = (settings["host"], settings["port"], user, password, self.database)
        dsn = " ".join(f"{word}={_quoted(str(value))}" for word, value in zip(words, values, strict=True))
        place = f"{settings['host']}:{settings['port']}/{self.database}"
        return {
            "dsn": dsn.replace("'", "''"),
            "url": f"postgresql://{user}:{quote(password)}@{place}",
            "extension": str(extension("postgres")),
        }

    def lineitem(self) -> list[Group]:
        """6 million line items, all of them."""
        runs = {
            "DuckDB's scanner, delta-rs": self._peer("duckdb_delta", table="lineitem"),
            _LAKESTEAD: self._jobs(self._table("lineitem")),
            "connectorx, delta-rs": self._peer("connectorx_delta", table="lineitem"),
            "dlt (connectorx), Delta": self._peer("dlt_database", table="lineitem"),
            "ingestr, DuckDB": self._peer("ingestr", table="lineitem"),
        }
        goals = {_LAKESTEAD: Goal(1.35, of_ratio=True)}
        rows = self.size(6_001_215, 299_814)
        measured = _in_turns(runs, self.size(3, 1))
        figures = _figures(measured, goals)
        figures.append(_times("dlt (connectorx), Delta", measured, 2.5))
        figures.append(_peak(measured, 600))
        return [Group(f"{rows:,} rows of TPC-H lineitem from PostgreSQL", figures)]

    def mixed(self) -> list[Group]:
        """A million rows of many types."""
        rows = self.size(1_000_000, 50_000)
        self.server.sql(
            "CREATE TABLE mixed AS SELECT n::bigint AS id, 'name ' || n AS name,"
            " n * 0.01::numeric(12,2) AS amount,"
            " timestamptz '2024-01-01 00:00+00' + n * interval '1 second' AS at,"
            " timestamp '2024-01-01' + n * interval '1 minute' AS local_at,"
            " date '2024-01-01' + (n % 365) AS day,"
            " md5(n::text)::uuid AS code, jsonb_build_object('n', n, 'odd', n % 2 = 1) AS data,"
            " CASE WHEN n % 3 = 0 THEN n END AS third, n % 2 = 0 AS even, random() AS x"
            f" FROM generate_series(1, {rows}) n",
            self.database,
        )
        dlt = "dlt (connectorx), Delta"
        runs = {dlt: self._peer("dlt_database", table="mixed"), _LAKESTEAD: self._jobs(self._table("mixed"))}
        measured = _in_turns(runs, self.size(3, 1))
        return [Group(f"{rows:,} rows of 11 types", [*_figures(measured), _times(dlt, measured, 2.2)])]

    def merge(self) -> list[Group]:
        """One row in a hundred, the newest, merged into the line items of a table."""
        newest = self.folder / "newest.parquet"
        orders = self.size(60_000, 3_000)
        duckdb.sql(
            f"COPY (SELECT * FROM '{self.lines}' WHERE l_orderkey > (SELECT max(l_orderkey) - {orders}"
            f" FROM '{self.lines}')) TO '{newest}' (FORMAT parquet)"
        )
        table = self.folder / "merged"
        client, connection = (
            self.workspace.profile.workspace_client(),
            self.workspace.profile.sql_connection(),
        )
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS main.merging")
            cursor.execute("CREATE VOLUME main.merging.files")
            for name, path in (("lines", self.lines), ("newest", newest)):
                with path.open("rb") as content:
                    client.files.upload(f"/Volumes/main/merging/files/{name}/{name}.parquet", content)
                cursor.execute(
                    f"CREATE TABLE main.merging.{name} AS"
                    f" SELECT * FROM read_files('/Volumes/main/merging/files/{name}', format => 'parquet')"
                )
            # delta-rs merges into a copy of the same files.
            location = client.tables.get("main.merging.lines").storage_location
            shutil.copytree(str(location).removeprefix("file://"), table)
            on = " AND ".join(f"t.{key} = s.{key}" for key in _KEYS)
            merge = (
                f"MERGE INTO main.merging.lines t USING main.merging.newest s ON {on}"
                " WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
            )
            runs = {
                "delta-rs": lambda: peer("delta_merge", out=str(table), source=str(newest), keys=_KEYS),
                "MERGE": lambda: _timed(lambda: cursor.execute(merge).fetchall()),
            }
            measured = _in_turns(runs, self.size(3, 1))
        goals = {"MERGE": Goal(1.2, of_ratio=True)}
        return [Group("1 % merged into lineitem", _figures(measured, goals))]

    def files(self) -> list[Group]:
        """Many files of each format."""
        groups = []
        for kind in ("csv", "jsonl", "parquet"):
            folder = self._written(kind)
            dlt = "dlt's filesystem source, Delta"
            job = {
                "source_type": "filesystem",
                "path": str(folder / f"*.{kind}"),
                "target_table": f"files_{kind}",
            }
            runs = {
                dlt: self._peer("dlt_files", folder=str(folder), format=kind),
                _LAKESTEAD: self._jobs({**job, "target_schema": "bench", "reconcile": "none"}, {}),
            }
            measured = _in_turns(runs, 1)
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            title = f"{_FILES} files of {kind.upper()}, {size:,.0f} MB"
            groups.append(Group(title, [*_figures(measured), _times(dlt, measured, 3)]))
        return groups

    def _written(self, kind: str) -> Path:
        folder = self.folder / kind
        folder.mkdir()
        rows = self.size(1_100_000, 110_000) // _FILES
        options = {"csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json", "parquet": "FORMAT parquet"}[kind]
        with duckdb.connect() as connection:
            for number in range(_FILES):
                connection.execute(
                    f"COPY (SELECT * FROM '{self.lines}' LIMIT {rows} OFFSET {number * rows})"
                    f" TO '{folder}/{number:03}.{kind}' ({options})"
                )
        return folder

    def _table(self, name: str) -> dict[str, Any]:
        return {
            "source_type": "postgres",
            "schema_name": "public",
            "table_name": name,
            "target_schema": "bench",
            "reconcile": "none",
        }

    def _jobs(self, job: Mapping[str, Any], secrets: Mapping[str, Any] | None = None) -> Run:
        """Return a run that loads a table that is not there yet."""
        settings = self.server.settings(self.database) if secrets is None else secrets
        name = str(job.get("target_table") or job["table_name"])
        folder = job_folder(self.folder / f"job_{name}", job, settings)
        environment = {
            "DATABRICKS_HOST": self.workspace.profile.host or "",
            "DATABRICKS_TOKEN": self.workspace.profile.token or "",
            "DATABRICKS_WAREHOUSE_ID": self.workspace.profile.warehouse_id or "",
        }

        def work() -> Measured:
            connection = self.workspace.profile.sql_connection()
            with connection, connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA IF EXISTS main.bench CASCADE")
            return jobs(folder, environment)

        return work

    def _peer(self, name: str, **given: Any) -> Run:
        """Return a run that writes to where nothing is."""

        def work() -> Measured:
            with TemporaryDirectory(dir=self.folder) as out:
                return peer(name, **self.given, **given, out=f"{out}/table", work=f"{out}/work")

        return work


@contextmanager
def _ground(size: Size) -> Iterator[_Ground]:
    scale = 0.05 if size.quick else 1.0
    lines = generate(scale, CACHE / f"tpch-{scale:g}" / "parquet")["lineitem"]
    folder = CACHE / "ingest"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with postgres(_SETTINGS) as server, lakestead() as workspace:
            ground = _Ground(size, workspace, server, server.database(), folder, lines)
            with duckdb.connect() as connection:
                connection.execute(f"LOAD '{ground.given['extension']}'")
                connection.execute(f"ATTACH '{ground.given['dsn']}' AS source (TYPE postgres)")
                connection.execute(f"CREATE TABLE source.public.lineitem AS SELECT * FROM '{lines}'")
            server.sql("VACUUM ANALYZE lineitem", ground.database)
            yield ground
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_turns(runs: Mapping[str, Run], rounds: int) -> dict[str, list[Measured] | NotThere]:
    """Return what runs measure, in turns; or why one cannot be run."""
    found: dict[str, list[Measured] | NotThere] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, work in runs.items():
            so_far = found[name]
            if isinstance(so_far, NotThere):
                continue
            try:
                so_far.append(work())
            except NotThere as reason:
                found[name] = reason
    return found


def _seconds(measured: list[Measured] | NotThere) -> float | None:
    return None if isinstance(measured, NotThere) else median(one.seconds for one in measured)


def _figures(
    measured: Mapping[str, list[Measured] | NotThere], goals: Mapping[str, Goal] | None = None
) -> list[Figure]:
    first = _seconds(next(iter(measured.values())))
    figures = []
    for number, (name, one) in enumerate(measured.items()):
        seconds = _seconds(one)
        ratio = seconds / first if number and seconds and first else None
        note = str(one) if isinstance(one, NotThere) else _megabytes(one)
        figures.append(Figure(name, seconds, "s", ratio, (goals or {}).get(name), note))
    return figures


def _megabytes(runs: list[Measured]) -> str:
    peaks = [run.peak for run in runs if run.peak is not None]
    return f"{max(peaks):,.0f} MB" if peaks else ""


def _times(peer_name: str, measured: Mapping[str, list[Measured] | NotThere], least: float) -> Figure:
    """Return how many times as fast as a peer lakestead is."""
    theirs, ours = _seconds(measured[peer_name]), _seconds(measured[_LAKESTEAD])
    value = theirs / ours if theirs and ours else None
    return Figure(f"{_LAKESTEAD}, times as fast as {peer_name}", value, "×", goal=Goal(least, least=True))


def _peak(measured: Mapping[str, list[Measured] | NotThere], most: float) -> Figure:
    """Return the most memory that lakestead's client had."""
    ours = measured[_LAKESTEAD]
    value = None if isinstance(ours, NotThere) else max((one.peak or 0) for one in ours) or None
    return Figure(f"{_LAKESTEAD}, peak memory", value, "MB", goal=Goal(most))


def _timed(work: Callable[[], object]) -> Measured:
    start = time.perf_counter()
    work()
    return Measured(time.perf_counter() - start, None)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
