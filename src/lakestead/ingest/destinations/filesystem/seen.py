"""Rows that a source gives again are told from new ones by their fingerprints.

A window starts at the last watermark itself, less the lag, so that no late row is lost; what was loaded
before of that part comes again. Rows are compared whole. Of equal rows as many are new as there are more than
before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakestead.core.datatypes import Array, DataType, Map, Struct
from lakestead.core.errors import ConfigError, MissingExtra, SourceError
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.loading.windows import less
from lakestead.ingest.sources.duck_types import duck_type, literal, quoted
from lakestead.ingest.sources.source import Cursor

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST = 200_000
_MEMORY = "256MB"
# known: how often rows may still come again. before: the same, as it was. noted: what came now.
_TABLES = """
CREATE TABLE before (print VARCHAR, n BIGINT, mark {mark});
CREATE TABLE known (print VARCHAR, n BIGINT);
CREATE TABLE noted (print VARCHAR, n BIGINT, mark {mark});
"""


class Seen:
    """The rows of a job that may come again. Close it in the end.

    Args:
        columns: of the table's files that come now.
        watermark: the name of the one that grows; None to compare with all rows that are looked at.
        lag: how far below the cursor rows are read again.
        scratch: a folder for what does not fit into memory.
        most: how many rows may be remembered from one run to the next.
    """

    def __init__(
        self,
        columns: Sequence[StagedColumn],
        watermark: str | None,
        lag: Any,
        scratch: Path,
        most: int = _MOST,
    ) -> None:
        self._columns = {one.name: one.datatype for one in columns}
        self._watermark = watermark
        self._kind = duck_type(self._columns[watermark]) if watermark else "VARCHAR"
        self._lag = lag
        self._most = most
        self._value: Any = None
        self._bounded: Any = None
        self._duck = _connect(scratch)
        self._run(_TABLES.format(mark=self._kind))

    def remember(self, cursor: Cursor) -> None:
        """Know the rows of a cursor that this has made."""
        self._value = self._bounded = cursor.value
        parts = [entry.split(":", 2) for entry in cursor.seen]
        rows = pa.table(
            {
                "print": [part[0] for part in parts],
                "n": [int(part[1]) for part in parts],
                "mark": pa.array([part[2] if len(part) > 2 else None for part in parts], pa.string()),
            }
        )
        self._duck.register("entries", rows)
        self._run(
            f"INSERT INTO before SELECT print, n, CAST(mark AS {self._kind}) FROM entries;"
            "INSERT INTO known SELECT print, n FROM before"
        )
        self._duck.unregister("entries")

    def look(self, path: Path, lower: Any, upper: Any) -> None:
        """Know the rows of a file of the table that are in a window."""
        names = pq.read_schema(path).names
        conditions = [f"mark >= {self._sql(lower)}"] if lower is not None else []
        if upper is not None:
            conditions.append(f"mark < {self._sql(upper)}")
        found = f"SELECT print, count(*) AS n, mark FROM ({self._marked(path, names)})"
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        self._run(f"INSERT INTO before {found}{where} GROUP BY print, mark")

    def looked(self, cursor: Cursor | None) -> None:
        """Go by the rows of the files that were looked at; note how far the source was loaded."""
        self._value = cursor.value if cursor else None
        self._run(
            "CREATE TABLE summed AS SELECT print, sum(n)::BIGINT AS n, mark FROM before GROUP BY print, mark;"
            "DROP TABLE before; ALTER TABLE summed RENAME TO before;"
            "INSERT INTO known SELECT print, n FROM before"
        )

    def again(self, path: Path) -> pa.Array:
        """Return the numbers of a file's rows that are known, and remember the others."""
        if self._watermark is not None:
            highest = pc.max(pq.read_table(path, columns=[self._watermark]).column(0)).as_py()
            if highest is not None and (self._value is None or highest > self._value):
                self._value = highest
        names = pq.read_schema(path).names
        self._run(
            "CREATE OR REPLACE TEMP TABLE came AS SELECT row, print, mark,"
            " row_number() OVER (PARTITION BY print ORDER BY row) AS k"
            f" FROM ({self._marked(path, names)}){self._where()}"
        )
        again = self._run("SELECT row FROM came JOIN known USING (print) WHERE k <= n ORDER BY row")
        rows = again.to_arrow_table().column("row").combine_chunks()
        self._run(
            "UPDATE known SET n = n - least(n, c.came) FROM"
            " (SELECT print, count(*) AS came FROM came GROUP BY print) c WHERE c.print = known.print;"
            "INSERT INTO noted SELECT print, count(*), mark FROM came GROUP BY print, mark;"
            f"DELETE FROM noted WHERE NOT ({self._within_reach()})"
        )
        return rows

    def cursor(self) -> Cursor | None:
        """Return how far the source is read, with the rows that will come again.

        Raises:
            ConfigError: when those are too many to remember.
        """
        rows = self._run(
            "SELECT print || ':' || max(n)::VARCHAR || coalesce(':' || mark::VARCHAR, '') FROM ("
            "SELECT print, sum(n)::BIGINT AS n, mark FROM noted GROUP BY print, mark"
            f" UNION ALL FROM before) WHERE {self._within_reach()} GROUP BY print, mark ORDER BY 1"
        ).fetchall()
        if len(rows) > self._most:
            lag = f" or up to {self._lag} before" if self._lag is not None else ""
            raise ConfigError(
                f"{len(rows)} rows have the {self._watermark} {self._value}{lag}: all would be read again by"
                f" the next run, and a filesystem remembers at most {self._most}. Use a watermark_column with"
                " finer values, a smaller lag, or the destination databricks"
            )
        if self._value is None and not rows:
            return None
        return Cursor(self._value, tuple(row[0] for row in rows))

    def close(self) -> None:
        """Let go of the memory."""
        self._duck.close()

    def _run(self, sql: str) -> DuckDBPyConnection:
        import duckdb

        try:
            return self._duck.execute(sql)
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise SourceError(f"rows cannot be compared with those of the last run: {said}") from None

    def _where(self) -> str:
        """Return which rows of a file can be known, or have to be."""
        if self._bounded is None:
            looked = self._run("SELECT count(*) FROM before").fetchall()[0][0]
            return "" if looked else f" WHERE {self._within_reach()}"
        return f" WHERE {self._within_reach()} OR mark <= {self._sql(self._bounded)}"

    def _within_reach(self) -> str:
        """Return the condition of the rows that the next window would have."""
        if self._value is None:
            return "true"
        return f"coalesce(mark >= {self._sql(less(self._value, self._lag))}, false)"

    def _marked(self, path: Path, names: Sequence[str]) -> str:
        there = self._watermark is not None and self._watermark in names
        mark = quoted(str(self._watermark)) if there else f"NULL::{self._kind}"
        return (
            f"SELECT file_row_number AS row, {self._print(names)} AS print, {mark} AS mark"
            f" FROM read_parquet({literal(str(path))}, file_row_number = true)"
        )

    def _print(self, names: Sequence[str]) -> str:
        """Return the fingerprint of a row. A column that is not there is as one that is null."""
        there = sorted((name for name in self._columns if name in names), key=str.lower)
        parts = [_part(name, self._columns[name]) for name in there]
        return f"md5(concat({', '.join(parts)}))" if parts else "md5('')"

    def _sql(self, value: Any) -> str:
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        return f"CAST({literal(text)} AS {self._kind})"


def _part(name: str, kind: DataType) -> str:
    """Return a value's text with the column's name, both with their lengths: nothing else gives the same."""
    value = quoted(name)
    text = f"to_json({value})::VARCHAR" if isinstance(kind, Array | Map | Struct) else f"{value}::VARCHAR"
    return f"coalesce({literal(f'{len(name)} {name.lower()} ')} || strlen({text}) || ' ' || {text}, '')"


def _connect(scratch: Path) -> DuckDBPyConnection:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("INCREMENTAL loads into files", "ingest") from error
    duck = duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "temp_directory": str(scratch / "duck"),
            "autoinstall_known_extensions": False,
        }
    )
    duck.execute("SET TimeZone = 'UTC'")
    return duck
