"""DuckDB as the reader of databases: attaches one, and copies what it selects to Parquet files.

Memory is bounded by three things. Results are streamed, in vectors of 2048 rows. A row group is written when
it has `chunk_size` rows or 32 MB. What DuckDB itself may allocate is limited; what goes beyond (a sort in a
query of a DuckDB file) is put into a temporary folder.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import MissingExtra

from .duck_types import duck_type, literal, quoted
from .footer import finished

if TYPE_CHECKING:
    import duckdb
    from duckdb.sqltypes import DuckDBPyType

    from .column import Reading
    from .settings import Login
    from .source import Staged

# For queries of a DuckDB file, which may sort and join: what goes beyond is spilled.
_MEMORY = "1GB"
# For streams, of which a vector of 2048 rows must fit several times, however wide; lineitem takes 0.3 GB.
_STREAM_MEMORY = "4GB"
_ROW_GROUP_BYTES = "32MB"
# A file of this size is quick to upload again, and large enough to be a Delta table's file as it is.
_FILE_BYTES = "128MB"


# The name under which a database is attached.
ATTACHED = "src"


def module() -> Any:
    """Return the module `duckdb`.

    Raises:
        MissingExtra: when it is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise MissingExtra("reading from databases", "ingest") from None
    return duckdb


class Duck:
    """A DuckDB instance in memory, with at most one database attached as `src`.

    Args:
        extension: what reads the kind of database: postgres, mysql; None for DuckDB's own files.
        threads: of DuckDB's own.
    """

    def __init__(self, extension: str | None, threads: int) -> None:
        duckdb = module()
        self.error: type[Exception] = duckdb.Error
        self._folder = TemporaryDirectory(prefix="lakestead-duckdb-")
        self._connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "memory_limit": _STREAM_MEMORY if extension else _MEMORY,
                # Rows have no order in a table; keeping one would need memory.
                "preserve_insertion_order": "false",
                "temp_directory": str(Path(self._folder.name, "spilled")),
                "threads": str(threads),
            }
        )
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        if extension:
            self._load(extension, duckdb.__version__)

    def _load(self, extension: str, version: str) -> None:
        spec = find_spec(f"duckdb_extension_{extension}")
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for found in Path(folder).glob(f"extensions/v{version}/*.duckdb_extension"):
                # DuckDB takes the entry point's name from the file's, which the wheel shortens.
                link = Path(self._folder.name, f"{extension}_scanner.duckdb_extension")
                link.symlink_to(found)
                self._connection.execute(f"LOAD {literal(str(link))}")
                return
        try:  # one that the user has installed
            self._connection.execute(f"LOAD {extension}")
        except self.error:
            raise MissingExtra(f"reading with DuckDB {version}'s extension '{extension}'", "ingest") from None

    def attach(self, extension: str, login: Login, options: Mapping[str, str]) -> None:
        """Attach a server's database.

        Args:
            extension: which one attaches it.
            login: where it is; its own options go before `options`.
            options: parameters of the driver.
        """
        # What a secret holds is in no text that DuckDB shows.
        parts = {
            "HOST": login.host,
            "PORT": str(login.port),
            "USER": login.username,
            "PASSWORD": login.secret,
            "DATABASE": login.database,
        }
        given = "".join(f", {key} {literal(value)}" for key, value in parts.items() if value)
        self.execute(f"CREATE SECRET login (TYPE {extension}{given})")
        text = " ".join(f"{key}={_escaped(value)}" for key, value in {**options, **login.options}.items())
        self.execute(f"ATTACH {literal(text)} AS {ATTACHED} (TYPE {extension}, SECRET login, READ_ONLY)")

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self._connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a small result."""
        found: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        return found

    @contextmanager
    def transaction(self, statement: str) -> Iterator[None]:
        """Begin a transaction with a statement, and roll it back in the end."""
        self.execute("BEGIN")
        try:
            self.execute(statement)
            yield
        finally:
            roll_back(self._connection)

    def described(self, select: str) -> list[tuple[str, str]]:
        """Return names and DuckDB's types of what a query gives."""
        return [(row[0], row[1]) for row in self.rows(f"DESCRIBE {select}")]

    def types(self, select: str) -> list[tuple[str, DuckDBPyType]]:
        """Return names and types of what a query gives."""
        found = self._connection.sql(select)
        return list(zip(found.columns, found.types, strict=True))

    def copies(
        self,
        selects: Iterable[str],
        readings: tuple[Reading, ...],
        folder: Path,
        chunk_size: int,
        workers: int = 1,
        begin: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
    ) -> Iterator[Staged]:
        """Write each query's rows to Parquet files, several queries at a time, and yield what is finished.

        Args:
            selects: queries whose columns are c0, c1, … in the order of `readings`.
            readings: what becomes of each column.
            folder: where the files go.
            chunk_size: rows in a row group.
            workers: how many queries at a time.
            begin: opens a transaction on each connection; it is rolled back in the end.
        """
        columns = ", ".join(
            f"{arrived(one, f'c{place}')} AS {quoted(one.name)}" for place, one in enumerate(readings)
        )
        pending = iter(enumerate(f"SELECT {columns} FROM ({select}) AS arriving" for select in selects))
        with _Copying(self._connection, workers, begin) as copying:
            for place, target in copying.run(pending, folder, min(chunk_size, 1_000_000)):
                yield from finished(target, folder, place, readings)

    def close(self) -> None:
        """Let go of connections and temporary files."""
        self._connection.close()
        self._folder.cleanup()


def roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """End a transaction that has read.

    To be called before a connection is closed: where the server is gone, closing would end the process.
    """
    with suppress(module().Error):  # of a server that is gone
        connection.execute("ROLLBACK")


def _escaped(value: str) -> str:
    # As connection strings of PostgreSQL and MySQL have it.
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def arrived(reading: Reading, name: str) -> str:
    """Return the expression that makes a column of what arrives under a name."""
    value = reading.local.replace("{}", name)
    return f"CAST({value} AS {duck_type(reading.column.type)})"


class _Copying:
    """Copies under way, each on a connection of its own."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        workers: int,
        begin: Callable[[duckdb.DuckDBPyConnection], None] | None,
    ) -> None:
        self._connection = connection
        self._workers = workers
        self._begin = begin
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._targets: list[Path] = []
        self._idle: deque[duckdb.DuckDBPyConnection] = deque()
        self._running: dict[Future[tuple[int, Path]], duckdb.DuckDBPyConnection] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="extract")

    def __enter__(self) -> _Copying:
        return self

    def __exit__(self, *_: object) -> None:
        for cursor in self._running.values():
            cursor.interrupt()
        self._pool.shutdown()
        for cursor in self._cursors:
            if self._begin:
                roll_back(cursor)
            cursor.close()
        for target in self._targets:
            rmtree(target, ignore_errors=True)  # of a copy that did not finish

    def run(
        self, pending: Iterator[tuple[int, str]], folder: Path, chunk_size: int
    ) -> Iterator[tuple[int, Path]]:
        self._start(pending, folder, chunk_size)
        while self._running:
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            results = []
            for one in done:
                results.append(one.result())
                self._idle.append(self._running.pop(one))
            # The next ones run while the caller handles these.
            self._start(pending, folder, chunk_size)
            yield from results

    def _start(self, pending: Iterator[tuple[int, str]], folder: Path, chunk_size: int) -> None:
        while len(self._running) < self._workers:
            task = next(pending, None)
            if task is None:
                return
            cursor = self._idle.popleft() if self._idle else self._opened()
            place, select = task
            target = folder / f"copy-{place:05d}"
            self._targets.append(target)
            self._running[self._pool.submit(_copy, cursor, select, place, target, chunk_size)] = cursor

    def _opened(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        self._cursors.append(cursor)
        if self._begin:
            self._begin(cursor)
        return cursor


def _copy(
    cursor: duckdb.DuckDBPyConnection, select: str, place: int, target: Path, chunk_size: int
) -> tuple[int, Path]:
    cursor.execute(
        f"COPY ({select}) TO {literal(str(target))} (FORMAT parquet, ROW_GROUP_SIZE {chunk_size},"
        f" ROW_GROUP_SIZE_BYTES '{_ROW_GROUP_BYTES}', FILE_SIZE_BYTES '{_FILE_BYTES}')"
    )
    return place, target
