"""The source of type `api`."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakestead.core.datatypes import STRING, VOID, DataType
from lakestead.core.errors import ConfigError, MissingExtra, SourceError
from lakestead.ingest.sources.duck_types import duck_type, quoted
from lakestead.ingest.sources.reading.columns import chosen
from lakestead.ingest.sources.reading.given import read
from lakestead.ingest.sources.reading.ladder import JSON, infer
from lakestead.ingest.sources.reading.objects import keys, values
from lakestead.ingest.sources.reading.session import connect, where, write_parquet
from lakestead.ingest.sources.source import Column, Request, Shape, Staged

from .options import ApiRequest, AuthType, Settings, filled


@dataclass
class _Spool:
    """All rows of a request, as they came."""

    request: Request
    folder: Path
    where: str
    columns: tuple[Column, ...] = ()

    @property
    def path(self) -> Path:
        return self.folder / "rows.jsonl"


class RestApi:
    """An API whose resources are tables.

    Args:
        name: the source's, for messages.
        settings: its section of the secrets, see `Settings`.
    """

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._name = name
        self._settings = Settings.read(name, settings)
        self._spool: _Spool | None = None
        self._counted: tuple[Request, int] | None = None

    def review(self, request: Request) -> None:
        """Refuse options that are wrong, and a log-in whose keys are not all there."""
        options, _ = self._asked(request)
        try:
            from .paging import paginator
        except ImportError as error:
            raise _missing(error) from error
        paginator(options)

    def check(self) -> None:
        self._api().check(self._settings.login(self._settings.auth_type))

    def tables(self, schema: str | None, pattern: str) -> list[str]:
        raise ConfigError(
            f"source '{self._name}': an API does not tell its resources; name each in api_endpoint"
        )

    def shape(self, request: Request) -> Shape:
        """Return the columns of what the API answers: all pages are fetched, and kept for `extract`.

        Where there are no rows, the columns are those of the request's types; none, if nothing is new.

        Raises:
            SourceError: when there are no rows at all, and no types that say the columns.
        """
        spool = self._fetched(request)
        return Shape(self._chosen(spool))

    def extract(self, request: Request, folder: Path) -> Iterator[Staged]:
        spool = self._fetched(request)
        try:
            columns = self._chosen(spool)
            staged = None
            if spool.columns:
                with closing(connect(spool.folder)) as session:
                    query = _query(spool, columns)
                    staged = write_parquet(session, query, folder / "rows.parquet", request.chunk_size)
            self._counted = (request, staged.rows if staged else 0)
            if staged:
                yield staged
        finally:
            self.close()

    def count(self, request: Request) -> int:
        """Return the number of rows: those that the last extraction gave, if it was of this request.

        An API does not count; else all rows are fetched for it.
        """
        if self._counted is not None and self._counted[0] == request:
            return self._counted[1]
        spool = self._fetched(request)
        columns = self._chosen(spool)
        if not spool.columns:
            return 0
        with closing(connect(spool.folder)) as session:
            row = session.execute(f"SELECT count(*) FROM ({_query(spool, columns)})").fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        if self._spool is not None:
            shutil.rmtree(self._spool.folder, ignore_errors=True)
            self._spool = None

    def _api(self) -> Any:
        try:
            from .client import Api
        except ImportError as error:
            raise _missing(error) from error
        return Api(self._settings)

    def _asked(self, request: Request) -> tuple[ApiRequest, AuthType]:
        """Return what a request asks of the API, and how to log in for it."""
        options = read(ApiRequest, request.options, "options of the API")
        endpoint = options.api_endpoint or request.table
        if endpoint is None:
            raise ConfigError(f"source '{self._name}': which resource? set api_endpoint")
        try:
            kind = self._settings.login(options.auth_type or self._settings.auth_type)
        except ValueError as error:
            raise ConfigError(f"source '{self._name}': {error}") from None
        return options.model_copy(update={"api_endpoint": endpoint}), kind

    def _fetched(self, request: Request) -> _Spool:
        """Return the rows of a request; what it fetched last is not fetched again."""
        if self._spool is not None and self._spool.request == request:
            return self._spool
        self.close()
        options, kind = self._asked(request)
        place = f"/{str(options.api_endpoint).lstrip('/')}"
        spool = _Spool(request, Path(tempfile.mkdtemp(prefix="lakestead-api-")), place)
        self._spool = spool
        pages = self._api().pages(options, filled(options.params, request.window), kind)
        try:
            rows = _write(pages, spool.path)
            spool.columns = _survey(spool) if rows else ()
        except BaseException:
            self.close()
            raise
        return spool

    def _chosen(self, spool: _Spool) -> tuple[Column, ...]:
        request = spool.request
        if not spool.columns:
            if not request.types and (request.window is None or request.window.lower is None):
                raise SourceError(
                    f"{spool.where} gives no rows, so that its columns are not known; say them by types, or"
                    " check params"
                )
            return tuple(Column(name, kind) for name, kind in request.types.items())
        named = [request.window.column] if request.window else []
        return chosen(spool.columns, request.columns, (*named, *request.types), spool.where)


def _missing(error: ImportError) -> MissingExtra:
    return MissingExtra(f"Reading APIs (no module '{error.name}')", "ingest")


def _write(pages: Iterator[list[Any]], path: Path) -> int:
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        for page in pages:
            for row in page:
                file.write(json.dumps(row, separators=(",", ":")))
                file.write("\n")
            rows += len(page)
    return rows


def _survey(spool: _Spool) -> tuple[Column, ...]:
    given: dict[str, DataType] = {name.lower(): kind for name, kind in spool.request.types.items()}
    known = spool.request.known
    with closing(connect(spool.folder)) as session:
        names = keys(session, [spool.path], "newline_delimited", spool.where)
        if not names:
            raise SourceError(f"{spool.where}: the rows have no fields; check data_selector")
        open_ = [name for name in names if name.lower() not in given]
        relation = values([spool.path], "newline_delimited", dict.fromkeys(open_, "JSON"))
        found = infer(session, relation, open_, JSON, known) if open_ else {}
    empty = {name: known.get(name.lower(), STRING) for name, kind in found.items() if kind == VOID}
    types = {name: given.get(name.lower()) or (found | empty)[name] for name in names}
    return tuple(Column(name, kind) for name, kind in types.items())


def _query(spool: _Spool, columns: tuple[Column, ...]) -> str:
    types = {column.name: duck_type(column.type) for column in spool.columns}
    relation = values([spool.path], "newline_delimited", types)
    names = ", ".join(quoted(column.name) for column in columns)
    window = spool.request.window
    return f"SELECT {names} FROM {relation}" + (f" WHERE {where(window)}" if window else "")
