"""Text files, and JSON files as lines of one document each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pyarrow as pa

from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.listing import SourceFile
from lakestead.engine.files.options import Options
from lakestead.engine.files.streams import explained, pieces

VALUE = pa.schema([("value", pa.string())])
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n", "\\t": "\t"}


def text_batches(file: SourceFile, options: Options) -> Iterator[pa.RecordBatch]:
    """Yield the lines of a text file, or all of it as one value with the option wholeText.

    Raises:
        FilesError: MALFORMED, OPTION.
    """
    if options.flag("wholetext"):
        yield _batch(file, [b"".join(pieces(file, options))])
        return
    for lines in _lines(file, options):
        yield _batch(file, lines)


def json_batches(file: SourceFile, options: Options) -> Iterator[pa.RecordBatch]:
    """Yield the documents of a JSON file: its lines, or with the option multiLine the elements of its array.

    Raises:
        FilesError: MALFORMED, OPTION.
    """
    if not options.flag("multiline"):
        for lines in _lines(file, options):
            yield _batch(file, [line for line in lines if line and not line.isspace()])
        return
    content = b"".join(pieces(file, options))
    if not content.strip():
        return
    try:
        document = json.loads(content)
    except ValueError as error:
        if options.mode in ("PERMISSIVE", "DROPMALFORMED"):
            yield _batch(file, [content])
            return
        raise FilesError(FilesErrorKind.MALFORMED, f"{file.name} is not a JSON document: {error}.") from None
    elements = document if isinstance(document, list) else [document]
    yield _batch(file, [json.dumps(element, ensure_ascii=False).encode() for element in elements])


def _batch(file: SourceFile, lines: list[bytes]) -> pa.RecordBatch:
    with explained(file):
        array = pa.array(lines, pa.binary()).cast(pa.string())
    return pa.RecordBatch.from_arrays([array], schema=VALUE)


def _lines(file: SourceFile, options: Options) -> Iterator[list[bytes]]:
    """Yield lines without their ends, many at a time."""
    given = options.text("linesep")
    separator = _ESCAPES.get(given, given).encode() if given else b"\n"
    rest = b""
    for piece in pieces(file, options):
        *lines, rest = (rest + piece).split(separator)
        yield lines if given else list(_without_return(lines))
    if rest:
        yield [rest] if given else list(_without_return([rest]))


def _without_return(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line[:-1] if line.endswith(b"\r") else line
