"""CSV and its kin."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.core.datatypes import DATE, DOUBLE, STRING, TIMESTAMP_NTZ, DataType, Decimal
from lakestead.core.errors import SourceError
from lakestead.ingest.sources.duck_types import duck_type
from lakestead.ingest.sources.reading.ladder import TEXT, Rung, infer, widest_text
from lakestead.ingest.sources.reading.session import PATH, text, texts, write_parquet
from lakestead.ingest.sources.source import Column

from .copies import Local, opened, transcoded
from .format import Group, faults, named
from .options import CsvOptions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DELIMITERS = (",", ";", "\t", "|")
# As long as a line may be, and what is read of a file at a time, in bytes.
_LINE = 4 * 1024 * 1024
_BUFFER = 8 * 1024 * 1024
_LINES_IN_HEADER = 100
_FAULT = re.compile(r"CSV Error on Line: (\d+)\s*\n(?:Original Line: (.*?)\n)?(.*?)(?:\n|$)", re.DOTALL)
_FILE = re.compile(r"file = (.*)")
_REJECTS_IN_GROUP = 10_000
_ERRORS, _SCANS = "reject_errors", "reject_scans"


class Delimited:
    """Files of delimited values."""

    def __init__(self, options: CsvOptions) -> None:
        self._options = options
        self.prepare = transcoded(options.encoding)
        self._rungs = tuple(map(self._localised, TEXT))

    def _localised(self, rung: Rung) -> Rung:
        """Return a rung for texts that are written as the options say."""
        options = self._options
        written = options.date_format if rung.kind == DATE else None
        written = options.timestamp_format if rung.kind == TIMESTAMP_NTZ else written
        if written:
            return Rung(rung.kind, f"try_strptime({{c}}, {text(written)}) IS NOT NULL")
        if options.decimal_separator == "," and (rung.kind == DOUBLE or isinstance(rung.kind, Decimal)):
            return replace(rung, reads="translate({c}, ',.', '.,')")
        return rung

    def groups(self, session: DuckDBPyConnection, batch: Sequence[Local]) -> list[Group]:
        alike: dict[tuple[tuple[str, ...], str], list[Local]] = {}
        for file in batch:
            names, delimiter = self._head(file)
            if names:
                alike.setdefault((names, delimiter), []).append(file)
        return [Group(tuple(files), names, delimiter) for (names, delimiter), files in alike.items()]

    def _head(self, file: Local) -> tuple[tuple[str, ...], str]:
        """Return the names of a file's columns and its delimiter, as its first record says."""
        options = self._options
        with opened(file.path) as source:
            lines = io.TextIOWrapper(source, encoding="utf-8-sig", errors="replace", newline="")
            for _ in range(options.skip_rows):
                lines.readline()
            first = next((line for line in lines if not self._passed_over(line)), "")
            delimiter = options.delimiter or _guess(first)
            record = _record(first, lines, delimiter, options.quote)
        if record and options.names and len(options.names) != len(record):
            raise SourceError(
                f"{file.found.url}: {len(record)} columns, but names gives {len(options.names)}"
            )
        if record and (options.names or not options.header):
            return options.names or tuple(f"column{number}" for number in range(len(record))), delimiter
        return _named(record, file), delimiter

    def _passed_over(self, line: str) -> bool:
        comment = self._options.comment
        return not line.strip("\r\n") or (comment is not None and line.startswith(comment))

    def types(
        self,
        session: DuckDBPyConnection,
        group: Group,
        given: Mapping[str, DataType],
        known: Mapping[str, DataType],
    ) -> Mapping[str, DataType]:
        open_ = [name for name in group.names if name.lower() not in given]
        relation = self._read(
            group, dict.fromkeys(group.names, STRING), "ignore_errors=true" if self._reject else ""
        )
        with faults(group.files, _explained):
            found = infer(session, relation, open_, self._rungs, known)
        return {name: given.get(name.lower()) or found[name] for name in group.names}

    def widest(self, one: DataType, other: DataType) -> DataType:
        return widest_text(one, other)

    def relation(self, group: Group, types: Mapping[str, DataType]) -> str:
        return self._read(group, types, "store_rejects=true" if self._reject else "")

    @property
    def _reject(self) -> bool:
        return self._options.on_bad_lines == "reject"

    def _read(self, group: Group, types: Mapping[str, DataType], more: str) -> str:
        options = self._options
        columns = ", ".join(f"{text(name)}: {text(duck_type(types[name]))}" for name in group.names)
        settings = {
            "header": str(options.header).lower(),
            "delim": text(group.form),
            "quote": text(options.quote),
            "escape": text(options.escape),
            "nullstr": texts(options.null_values),
            "decimal_separator": text(options.decimal_separator),
            "skip": str(options.skip_rows),
            "max_line_size": str(_LINE),
            "buffer_size": str(_BUFFER),
        }
        optional = {
            "comment": options.comment,
            "dateformat": options.date_format,
            "timestampformat": options.timestamp_format,
        }
        settings |= {key: text(value) for key, value in optional.items() if value}
        said = ", ".join(f"{key}={value}" for key, value in settings.items())
        return (
            f"read_csv({group.paths}, auto_detect=false, filename={text(PATH)}, columns={{{columns}}}, {said}"
            f"{', ' + more if more else ''})"
        )

    def ready(self, file: Local, columns: Sequence[Column]) -> bool:
        return False

    def explain(self, files: Sequence[Local]) -> Callable[[str], str | None]:
        return _explained

    def rejects(self, session: DuckDBPyConnection, files: Sequence[Local], path: Path) -> int:
        tables = {row[0] for row in session.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        if _ERRORS not in tables:
            return 0
        query = (
            "SELECT of_file.url AS file, line::BIGINT AS line, min(error_message) AS error,"
            f" any_value(csv_line) AS row FROM {_ERRORS} JOIN {_SCANS} USING (scan_id, file_id)"
            f" JOIN {named(files)} ON file_path = of_file.path GROUP BY ALL"
        )
        rows = write_parquet(session, query, path, _REJECTS_IN_GROUP).rows
        session.execute(f"DROP TABLE {_ERRORS}; DROP TABLE {_SCANS}")
        return rows


def _guess(line: str) -> str:
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))


def _record(first: str, rest: Iterable[str], delimiter: str, quote: str) -> list[str]:
    """Return a record that begins in a line and may go on in the next ones."""
    if len(delimiter) > 1:
        return first.rstrip("\r\n").split(delimiter) if first else []
    lines = chain([first] if first else [], islice(rest, _LINES_IN_HEADER))
    # A quote that is no part of text stands for none.
    return next(csv.reader(lines, delimiter=delimiter, quotechar=quote or "\0"), [])


def _named(record: Sequence[str], file: Local) -> tuple[str, ...]:
    names = tuple(name.strip() or f"column{number}" for number, name in enumerate(record))
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise SourceError(
                f"{file.found.url}: two columns are named '{name}', but for case; give all columns other"
                " names by format_options: names"
            )
        seen.add(name.lower())
    return names


def _explained(message: str) -> str | None:
    found, file = _FAULT.search(message), _FILE.search(message)
    if found is None:
        return None
    where = f"{file[1].strip() if file else 'file'}, line {found[1]}"
    hint = "correct the line, or set format_options: on_bad_lines: reject"
    if "unicode" in found[3] or "utf-8" in message:
        hint = "set format_options: encoding, such as latin-1"
    return f"{where}: {found[3].strip()} ({(found[2] or '').strip()[:120]}); {hint}"
