"""The source of type `filesystem`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from lakestead.core.errors import ConfigError, SourceError
from lakestead.ingest.sources.reading.given import read
from lakestead.ingest.sources.source import Request, Shape, Staged
from lakestead.ingest.stores import open_store

from .cursor import FOLDER_DATE, MODIFIED, NAME, order
from .found import Found, find, format_of, resolve, suffix_format
from .options import FORMATS, FileRequest, read_settings
from .reader import Reader

_COLUMNS = {"modified": MODIFIED, "name": NAME, "folder_date": FOLDER_DATE}


class Files:
    """Files in a store.

    Args:
        name: the source's, for messages.
        settings: its section of the secrets: `bucket_url` and credentials, see `Settings`.
    """

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._name = name
        self._settings = read_settings(settings, name)
        self._last: tuple[Request, Reader] | None = None
        self._counted: tuple[Request, int] | None = None

    def review(self, request: Request) -> None:
        """Refuse options that are wrong; those of the format if it is given, or said by the path's suffix."""
        options = read(FileRequest, request.options, "options of the files")
        for path in self._paths(request, options.path):
            kind = options.file_format or suffix_format(path)
            if kind is not None:
                read(FORMATS[kind], options.format_options, f"format_options of {kind}")

    def check(self) -> None:
        """Find out whether the store of `bucket_url` lets in; paths outside of it are found out when read."""
        if self._settings.bucket_url is not None:
            with open_store(self._settings.bucket_url, self._settings.credentials) as store:
                store.check()

    def tables(self, schema: str | None, pattern: str) -> list[str]:
        """Return the folders directly below `bucket_url` (or a folder in it) that have files, in order."""
        url = self._bucket("the tables of a source of files are the folders below it")
        inner = f"{schema}/" if schema else ""
        with open_store(url, self._settings.credentials) as store:
            keys = [entry.key.removeprefix(inner) for entry in store.list(f"{inner}**")]
        folders = {key.partition("/")[0] for key in keys if "/" in key}
        return sorted(
            name for name in folders if not name.startswith(("_", ".")) and fnmatchcase(name, pattern)
        )

    def shape(self, request: Request) -> Shape:
        return self._reader(request).shape()

    def extract(self, request: Request, folder: Path) -> Iterator[Staged]:
        """Write the rows to Parquet files; with a window over files, the last of each batch has a cursor."""
        reader = self._reader(request)
        rows = 0
        try:
            for staged in reader.extract(folder):
                rows += 0 if staged.rejected else staged.rows
                yield staged
            self._counted = (request, rows)
        finally:
            self._forget()

    def count(self, request: Request) -> int:
        """Return the number of rows: those that the last extraction gave, if it was of this request."""
        if self._counted is not None and self._counted[0] == request:
            return self._counted[1]
        try:
            return self._reader(request).count()
        finally:
            self._forget()

    def close(self) -> None:
        self._forget()

    def _bucket(self, why: str) -> str:
        if self._settings.bucket_url is None:
            raise ConfigError(f"source '{self._name}': set bucket_url in its secrets: {why}")
        return self._settings.bucket_url

    def _forget(self) -> None:
        """Let go of what was found out about files: the next call looks at them anew."""
        if self._last is not None:
            self._last[1].close()
            self._last = None

    def _reader(self, request: Request) -> Reader:
        """Return the reader of a request; its shape and its extraction see the same files."""
        if self._last is None or self._last[0] != request:
            self._forget()
            self._last = (request, self._open(request))
        return self._last[1]

    def _open(self, request: Request) -> Reader:
        options = read(FileRequest, request.options, "options of the files")
        paths = self._paths(request, options.path)
        where = ", ".join(paths)
        files = [file for path in paths for file in find(path, self._settings.credentials)]
        if options.file_format and any(suffix_format(file.entry.key) for file in files):
            files = [file for file in files if suffix_format(file.entry.key) in (options.file_format, None)]
        if not files:
            raise SourceError(f"no file matches {where}: check the folder, the glob and the suffix")
        kind = options.file_format or format_of(files, where)
        formatting = read(FORMATS[kind], options.format_options, f"format_options of {kind}")
        column = _COLUMNS[options.incremental_by] if options.incremental_by else None
        if column is None and request.window is not None and request.window.column in _COLUMNS.values():
            column = request.window.column
        scratch = Path(tempfile.mkdtemp(prefix="lakestead-files-"))
        try:
            by = order(column, formatting.folder_date)
            return Reader(request, _unique(files), by, kind, formatting, where, scratch)
        except BaseException:
            scratch.rmdir()
            raise

    def _paths(self, request: Request, path: str | tuple[str, ...] | None) -> list[str]:
        if path is not None:
            given = (path,) if isinstance(path, str) else path
            return [resolve(one, self._settings.bucket_url) for one in given]
        if request.table is None:
            raise ConfigError(f"source '{self._name}': which files? set path, or table_name")
        folder = f"{request.schema}/{request.table}" if request.schema else request.table
        return [resolve(folder, self._bucket("table_name is a folder below it; or set path"))]


def _unique(files: list[Found]) -> list[Found]:
    return list({file.url: file for file in files}.values())
