"""Bytes of a file as UTF-8: decompressed, decoded, in pieces of a bounded size."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.listing import SourceFile
from lakestead.engine.files.options import Options

PIECE = 1024 * 1024
_BY_EXTENSION = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd", ".lz4": "lz4", ".br": "brotli"}
_BY_NAME = {"none": None, "uncompressed": None, "gzip": "gzip", "bzip2": "bz2", "zstd": "zstd", "lz4": "lz4"}


@contextmanager
def explained(file: SourceFile) -> Iterator[None]:
    """Name the file in errors of reading it."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise FilesError(
            FilesErrorKind.MALFORMED,
            f"{file.name} is not encoded in {error.encoding}: see the option 'encoding'.",
        ) from None
    except (pa.ArrowException, ValueError) as error:
        raise FilesError(FilesErrorKind.MALFORMED, f"{file.name} cannot be read: {error}.") from None
    except OSError as error:
        text = error.strerror or str(error)
        raise FilesError(FilesErrorKind.MALFORMED, f"{file.name} cannot be read: {text}.") from None


def pieces(file: SourceFile, options: Options) -> Iterator[bytes]:
    """Yield a file's content as UTF-8, without a byte order mark.

    Raises:
        FilesError: OPTION, MALFORMED.
    """
    with explained(file), pa.input_stream(str(file.path), compression=_compression(file, options)) as stream:
        raw = iter(lambda: stream.read(PIECE), b"")
        yield from _decoded(raw, options.text("encoding", "charset") or "utf-8")


def _compression(file: SourceFile, options: Options) -> str | None:
    given = options.text("compression")
    if given is None:
        return _BY_EXTENSION.get(next(reversed(file.suffixes), ""))
    if given.lower() not in _BY_NAME:
        raise FilesError(FilesErrorKind.UNSUPPORTED, f"The compression '{given}' is not supported.")
    return _BY_NAME[given.lower()]


def _decoded(raw: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise FilesError(FilesErrorKind.OPTION, f"'{encoding}' is not a known encoding.") from None
    if name == "utf-8":
        first = True
        for piece in raw:
            yield piece.removeprefix(codecs.BOM_UTF8) if first else piece
            first = False
        return
    decoder = codecs.getincrementaldecoder(name)()
    for piece in raw:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def as_file(source: Iterable[bytes]) -> io.BufferedReader:
    """Return pieces of bytes as a file that is read once from start to end."""
    raw: io.RawIOBase = _Pieces(source)
    return io.BufferedReader(raw, PIECE)


class _Pieces(io.RawIOBase):
    def __init__(self, source: Iterable[bytes]) -> None:
        self._source = iter(source)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._source, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
