"""Reads a set of files: their schema first, then their rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lakestead.core.datatypes import DataType
from lakestead.ingest.sources.duck_types import quoted
from lakestead.ingest.sources.reading.columns import chosen
from lakestead.ingest.sources.reading.session import connect, rows_in, where, write_parquet
from lakestead.ingest.sources.source import Column, Cursor, Request, Shape, Staged

from .copies import Copies, Local, batches
from .cursor import FOLDER_DATE, MODIFIED, NAME, Order
from .delimited import Delimited
from .excel import Excel
from .format import Format, Group, faults, select
from .found import Found
from .jsonl import JsonLines
from .options import CsvOptions, ExcelOptions, FileFormat, JsonOptions, Options
from .parquet import Parquet
from .schema import Schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Reader:
    """The files of one request.

    Args:
        request: what is wanted of them.
        files: all that there are.
        order: which of them are new.
        kind: their format.
        options: the format's.
        where: what they are called in messages.
        scratch: a folder for copies; removed on closing.
    """

    def __init__(
        self,
        request: Request,
        files: Sequence[Found],
        order: Order,
        kind: FileFormat,
        options: Options,
        where: str,
        scratch: Path,
    ) -> None:
        self._request = request
        self._all = files
        self._order = order
        self._wanted = order.within(files, request.window)
        self._format = _format(kind, options, scratch)
        self._metadata = options.metadata_columns
        self._where = where
        self._scratch = scratch
        self._copies = Copies(scratch, order.sorted(files), self._format.prepare)
        self._columns: tuple[Column, ...] | None = None
        self._groups: dict[tuple[str, ...], list[Group]] = {}

    def close(self) -> None:
        """Remove copies."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def shape(self) -> Shape:
        """Return the columns of all files that are wanted; of the last one there is if none is."""
        return Shape(self._chosen())

    def _chosen(self) -> tuple[Column, ...]:
        if self._columns is None:
            with closing(connect(self._scratch)) as session:
                self._columns = self._survey(session)
        window = self._request.window
        own = (MODIFIED, NAME, FOLDER_DATE)
        named = [window.column] if window is not None and window.column not in own else []
        return chosen(self._columns, self._request.columns, named, self._where)

    def _survey(self, session: DuckDBPyConnection) -> tuple[Column, ...]:
        given = {name.lower(): kind for name, kind in self._request.types.items()}
        schema = Schema(self._format.widest)
        for batch in batches(self._wanted or self._order.sorted(self._all)[-1:]):
            for group in self._grouped(session, self._copies.get(batch)):
                types = self._format.types(session, group, given, self._request.known)
                schema.add(types, group.files[0].found.url)
            self._copies.done(batch, last=False)
        found = schema.columns(self._request.known, metadata=self._metadata)
        chosen(found, (), self._request.types, self._where)
        return tuple(replace(column, type=given.get(column.name.lower(), column.type)) for column in found)

    def _grouped(self, session: DuckDBPyConnection, files: Sequence[Local]) -> list[Group]:
        """Return files in groups; those that are read twice are looked at once."""
        key = tuple(file.found.url for file in files)
        if key not in self._groups:
            self._groups[key] = self._format.groups(session, files)
        return self._groups[key]

    def extract(self, folder: Path) -> Iterator[Staged]:
        """Write the rows of the files that are wanted, in their order."""
        columns = self._chosen()
        done: list[Found] = []
        with closing(connect(self._scratch)) as session:
            for number, batch in enumerate(batches(self._wanted)):
                done += batch
                cursor = self._order.cursor(done, self._all, self._request.window)
                local = self._copies.get(batch)
                yield from _last_with(cursor, self._batch(session, local, columns, folder, number))
                self._copies.done(batch, last=True)

    def _batch(
        self,
        session: DuckDBPyConnection,
        batch: Sequence[Local],
        columns: Sequence[Column],
        folder: Path,
        number: int,
    ) -> Iterator[Staged]:
        rest = []
        for place, file in enumerate(batch):
            if self._as_it_is(file, columns):
                path = folder / f"rows-{number:05d}-{place:05d}.parquet"
                shutil.copyfile(file.path, path)
                yield Staged(path, rows_in(path))
            else:
                rest.append(file)
        if not rest:
            return
        query = self._query(session, rest, columns)
        if query:
            with faults(rest, self._format.explain(rest)):
                yield write_parquet(
                    session, query, folder / f"rows-{number:05d}.parquet", self._request.chunk_size
                )
        path = folder / f"rejects-{number:05d}.parquet"
        rows = self._format.rejects(session, rest, path)
        if rows:
            yield Staged(path, rows, rejected=True)

    def _as_it_is(self, file: Local, columns: Sequence[Column]) -> bool:
        window = self._request.window
        filtered = window is not None and window.column != self._order.column
        return not self._metadata and not filtered and self._format.ready(file, columns)

    def _query(self, session: DuckDBPyConnection, files: Sequence[Local], columns: Sequence[Column]) -> str:
        """Return the SELECT of the rows of files; empty if they have no columns."""
        assert self._columns is not None
        types = {column.name.lower(): column.type for column in self._columns}
        parts = []
        for group in self._grouped(session, files):
            here: dict[str, DataType] = {name: types[name.lower()] for name in group.names}
            relation = self._format.relation(group, here)
            parts.append(select(relation, group, self._columns, metadata=self._metadata))
        if not parts:
            return ""
        names = ", ".join(quoted(column.name) for column in columns)
        window = self._request.window
        kept = "" if window is None or window.column == self._order.column else f" WHERE {where(window)}"
        return f"SELECT {names} FROM ({' UNION ALL '.join(parts)}){kept}"

    def count(self) -> int:
        """Return the number of rows of the files that are wanted."""
        self._chosen()
        total = 0
        with closing(connect(self._scratch)) as session:
            for batch in batches(self._wanted):
                local = self._copies.get(batch)
                assert self._columns is not None
                query = self._query(session, local, self._columns)
                if query:
                    with faults(local, self._format.explain(local)):
                        row = session.execute(f"SELECT count(*) FROM ({query})").fetchone()
                    total += int(row[0]) if row else 0
                self._copies.done(batch, last=False)
        return total


def _last_with(cursor: Cursor | None, staged: Iterator[Staged]) -> Iterator[Staged]:
    """Yield files, the last one of rows with a cursor."""
    last: Staged | None = None
    for file in staged:
        if file.rejected:
            yield file
            continue
        if last is not None:
            yield last
        last = file
    if last is not None:
        yield replace(last, cursor=cursor)


def _format(kind: FileFormat, options: Options, scratch: Path) -> Format:
    if kind == "csv":
        return Delimited(cast(CsvOptions, options))
    if kind == "jsonl":
        return JsonLines(cast(JsonOptions, options), scratch)
    if kind == "excel":
        return Excel(cast(ExcelOptions, options))
    return Parquet()
