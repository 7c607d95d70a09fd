"""Scans: which columns of which tables hold personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.govern.pii.finding import ColumnFinding, TableScan
from lakestead.govern.pii.headers import header
from lakestead.govern.pii.judging import Judgement, judge
from lakestead.govern.pii.redaction import redacted
from lakestead.govern.pii.results import Known, Results
from lakestead.govern.pii.sampling import Table, leaves, sample, tables
from lakestead.govern.pii.settings import PiiSettings
from lakestead.govern.pii.values import Values

Progress = Callable[[TableScan, int], None]
"""Told of each table that was scanned, and how many there are in all."""

# Results are kept after so many tables: what a killed scan has not kept is scanned again.
_BATCH = 50


class Scanner:
    """Looks for personal data in tables.

    Args:
        warehouse: reads samples.
        settings: how.
        system: the catalog that has `information_schema` of all catalogs.
        threads: how many tables are read at once.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        settings: PiiSettings | None = None,
        system: str = "system",
        threads: int = 8,
    ) -> None:
        self._warehouse = warehouse
        self._settings = settings or PiiSettings()
        self._system = system
        self._threads = threads
        results = self._settings.results
        self._results = None if results is None else Results(warehouse, results)

    def scan(
        self, scope: Sequence[str] = (), *, again: bool = False, progress: Progress | None = None
    ) -> list[TableScan]:
        """Scan tables and return what is known of each.

        Where results are kept, only tables are read that are new, changed in their columns, or were last read
        `rescan_days` ago; of the others the kept results are returned.

        Args:
            scope: up to a catalog, a schema and a table; all catalogs if empty.
            again: reads all tables.
            progress: see `Progress`.

        Raises:
            ConfigError: the table that is named is not there.
            databricks.sql.Error: the catalog cannot be read. A table that cannot be is no error; its result's
                `error` says why.
        """
        wanted = tables(self._warehouse, scope, self._system)
        known = {} if self._results is None or again else self._results.known(self._settings.rescan_days)
        kept = [known[table.name] for table in wanted if self._is_known(table, known)]
        done = [one.scan for one in kept]
        for scan in done:
            _tell(progress, scan, len(wanted))
        names = {scan.table for scan in done}
        pending: list[tuple[Table, TableScan]] = []
        for table, scan in self._scans([table for table in wanted if table.name not in names]):
            done.append(scan)
            pending.append((table, scan))
            _tell(progress, scan, len(wanted))
            if self._results is not None and len(pending) == _BATCH:
                self._results.keep(pending)
                pending = []
        if self._results is not None and pending:
            self._results.keep(pending)
        return sorted(done, key=lambda scan: scan.table)

    def _is_known(self, table: Table, known: dict[tuple[str, str, str], Known]) -> bool:
        return table.name in known and known[table.name].fingerprint == table.fingerprint

    def _scans(self, wanted: Sequence[Table]) -> Iterator[tuple[Table, TableScan]]:
        """Scan tables in threads, so many under way that none of them waits, and yield them as they end."""
        waiting = iter(wanted)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="pii") as pool:
            under_way = {
                pool.submit(self._scan, table): table for table in islice(waiting, 2 * self._threads)
            }
            while under_way:
                future = next(as_completed(under_way))
                table = under_way.pop(future)
                for following in islice(waiting, 1):
                    under_way[pool.submit(self._scan, following)] = following
                yield table, future.result()

    def _scan(self, table: Table) -> TableScan:
        now = dt.datetime.now(dt.UTC)
        try:
            rows = sample(self._warehouse, table, self._settings)
        except Error as error:
            return TableScan(table.name, len(table.columns), 0, (), str(error).splitlines()[0], now)
        types = {column.name: column for column in table.columns}
        found = []
        for name in rows.column_names:
            for path, values in leaves(name, rows.column(name)):
                comment = types[name].comment if path == name else ""
                said = header(path, table.name[2], comment)
                judged = judge(Values.of(values), said, self._settings.regions)
                if judged is not None and self._counts(table, path, judged):
                    found.append(_finding(table, path, types[name].type, judged))
        return TableScan(table.name, len(table.columns), rows.num_rows, tuple(found), None, now)

    def _counts(self, table: Table, path: str, judged: Judgement) -> bool:
        full_name = ".".join((*table.name, path))
        suppressed = any(one.covers(full_name, judged.kind.name) for one in self._settings.suppressions)
        return judged.confidence >= self._settings.minimum_confidence and not suppressed


def _finding(table: Table, path: str, kind: str, judged: Judgement) -> ColumnFinding:
    return ColumnFinding(
        table=table.name,
        column=path,
        type=kind,
        kind=judged.kind.name,
        confidence=judged.confidence,
        frequency=round(judged.frequency, 4),
        samples=tuple(redacted(value) for value in judged.examples),
        reasons=judged.reasons,
    )


def _tell(progress: Progress | None, scan: TableScan, total: int) -> None:
    if progress is not None:
        progress(scan, total)
