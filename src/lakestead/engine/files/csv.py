"""CSV files as text columns; what the text means is the engine's to say.

pyarrow parses. What it does not know of Spark's CSV is brought into standard form before: comments, and
quotes that are escaped by another character than a quote.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.listing import SourceFile
from lakestead.engine.files.options import Options
from lakestead.engine.files.streams import as_file, explained, pieces

# A record must fit in a block.
_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the files are written."""

    separator: str
    quote: str
    escape: str
    comment: str
    header: bool
    skip: int
    null: str

    @classmethod
    def of(cls, options: Options) -> Dialect:
        """Read the dialect from options.

        Raises:
            FilesError: OPTION, UNSUPPORTED.
        """
        separator = options.character("sep", "delimiter", default=",")
        if not separator:
            raise FilesError(FilesErrorKind.OPTION, "The option 'sep' must not be empty.")
        if (options.text("linesep") or "\n") not in ("\n", "\r", "\r\n", "\\n", "\\r\\n", "\\r"):
            raise FilesError(FilesErrorKind.UNSUPPORTED, "CSV files with another lineSep cannot be read.")
        return cls(
            separator=separator,
            quote=options.character("quote", default='"'),
            escape=options.character("escape", default="\\"),
            comment=options.character("comment", default=""),
            header=options.flag("header", "headers"),
            skip=options.number("skiprows"),
            null=options.text("nullvalue") or "",
        )


def names(file: SourceFile, options: Options) -> list[str]:
    """Return the columns of a file: from its header; without one ``_c0``, ``_c1`` and so on.

    Raises:
        FilesError: MALFORMED, OPTION.
    """
    return _head(file, options, Dialect.of(options))[0]


def batches(file: SourceFile, options: Options) -> Iterator[pa.RecordBatch]:
    """Yield the records of a file, all columns as text.

    Records with too few or too many values are filled up with nulls or cut, unless the mode is another.

    Raises:
        FilesError: MALFORMED, OPTION.
    """
    dialect = Dialect.of(options)
    columns, lines = _head(file, options, dialect)
    if not columns:
        return
    ragged: list[str] = []

    def uneven(row: pacsv.InvalidRow) -> str:
        if options.mode == "FAILFAST":
            return "error"
        if options.mode != "DROPMALFORMED":
            ragged.append(row.text)
        return "skip"

    schema = pa.schema([(name, pa.string()) for name in columns])
    with explained(file):
        try:
            reader = pacsv.open_csv(
                as_file(standard(pieces(file, options), dialect)),
                read_options=pacsv.ReadOptions(column_names=columns, skip_rows=lines, block_size=_BLOCK),
                parse_options=_parse_options(dialect, uneven),
                convert_options=_convert_options(dialect, schema),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return
            raise
        for batch in reader:
            yield batch
            if ragged:
                yield _evened(ragged, schema, dialect)
                ragged.clear()
        if ragged:
            yield _evened(ragged, schema, dialect)


def _parse_options(dialect: Dialect, uneven: object) -> pacsv.ParseOptions:
    return pacsv.ParseOptions(
        delimiter=dialect.separator,
        quote_char=dialect.quote or False,
        double_quote=True,
        escape_char=False,
        newlines_in_values=True,
        invalid_row_handler=uneven,
    )


def _convert_options(dialect: Dialect, schema: pa.Schema) -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        column_types=schema,
        null_values=["", dialect.null],
        strings_can_be_null=True,
        # Spark compares what was in the quotes with nullValue, which is empty unless it is given.
        quoted_strings_can_be_null=dialect.null == "",
    )


def _head(file: SourceFile, options: Options, dialect: Dialect) -> tuple[list[str], int]:
    """Return a file's columns, and the number of lines before its data."""
    source = as_file(standard(pieces(file, options), dialect))
    with explained(file), io.TextIOWrapper(source, "utf-8", newline="") as text:
        for _ in range(dialect.skip):
            text.readline()
        reader = _python_reader(text, dialect)
        first: list[str] = next((record for record in reader if record), [])
    if not dialect.header:
        return [f"_c{index}" for index in range(len(first))], dialect.skip
    return _distinct(first), dialect.skip + reader.line_num


def _python_reader(lines: Iterable[str], dialect: Dialect) -> Any:
    if not dialect.quote:
        return csv.reader(lines, delimiter=dialect.separator, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=dialect.separator, quotechar=dialect.quote, doublequote=True)


def _distinct(header: Sequence[str]) -> list[str]:
    """Return a header as column names: as Spark, empty ones get a number and repeated ones their place."""
    lowered = [name.lower() for name in header]
    return [
        f"_c{place}" if not name else name if lowered.count(name.lower()) == 1 else f"{name}{place}"
        for place, name in enumerate(header)
    ]


def _evened(records: Sequence[str], schema: pa.Schema, dialect: Dialect) -> pa.RecordBatch:
    """Return records with too few or too many values as rows."""
    width = len(schema)
    rows: list[list[str | None]] = []
    for values in _python_reader((line for record in records for line in [record + "\n"]), dialect):
        known: list[str | None] = [value if value not in ("", dialect.null) else None for value in values]
        rows.append((known + [None] * width)[:width])
    return pa.RecordBatch.from_arrays(
        [pa.array([row[place] for row in rows], pa.string()) for place in range(width)], schema=schema
    )


def standard(source: Iterable[bytes], dialect: Dialect) -> Iterable[bytes]:
    """Bring a file into the form in which quotes are doubled and there are no comments."""
    if dialect.comment:
        source = _without_comments(source, dialect.comment.encode())
    if dialect.quote and dialect.escape and dialect.escape != dialect.quote:
        source = _doubled_quotes(source, dialect)
    return source


def _without_comments(source: Iterable[bytes], comment: bytes) -> Iterator[bytes]:
    line = re.compile(rb"^" + re.escape(comment) + rb"[^\n]*\n?", re.MULTILINE)
    rest = b""
    for piece in source:
        whole, newline, rest = (rest + piece).rpartition(b"\n")
        yield line.sub(b"", whole + newline)
    yield line.sub(b"", rest)


def _doubled_quotes(source: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """Write quotes that are escaped inside quoted values as two quotes."""
    scanner = _Scanner(dialect.quote.encode(), dialect.escape.encode(), dialect.separator.encode())
    for piece in source:
        yield scanner.feed(piece)
    yield scanner.rest


class _Scanner:
    """Follows where quoted values begin and end, across pieces."""

    def __init__(self, quote: bytes, escape: bytes, separator: bytes) -> None:
        self._quote, self._escape = quote, escape
        self._special = re.compile(b"[" + re.escape(quote) + re.escape(escape) + b"]")
        self._before_value = (b"", b"\n", b"\r", separator)
        self._inside = False
        self._previous = b""
        self.rest = b""

    def feed(self, piece: bytes) -> bytes:
        """Return a piece in standard form; its last bytes may come with the next."""
        data, self.rest = self.rest + piece, b""
        if self._escape not in data and not data.endswith(self._quote):
            self._inside ^= data.count(self._quote) % 2 == 1
            self._previous = data[-1:] or self._previous
            return data
        done: list[bytes] = []
        position = skip = 0
        end = len(data)
        for match in self._special.finditer(data):
            at = match.start()
            if at < skip:
                continue
            if not self._inside:
                before = data[at - 1 : at] if at else self._previous
                self._inside = match.group() == self._quote and before in self._before_value
                continue
            following = data[at + 1 : at + 2]
            if not following:
                end, self.rest = at, data[at:]
            elif match.group() == self._quote:
                self._inside = following == self._quote
                skip = at + 1 + (following == self._quote)
            elif following in (self._quote, self._escape):
                plain = self._quote * 2 if following == self._quote else self._escape
                done += [data[position:at], plain]
                position = skip = at + 2
        done.append(data[position:end])
        self._previous = data[end - 1 : end] if end else self._previous
        return b"".join(done)
