"""Files of any store as files on this machine, in bounded space."""

from __future__ import annotations

import codecs
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lakestead.core.errors import ConfigError, SourceError

from .found import Found

# What is read in one statement, as stored: for compressed files several times as much as text.
_BATCH = 256 * 1024 * 1024
_FILES_IN_BATCH = 1000
# Copies up to this size in all are kept between finding out types and reading.
_KEPT = 1024 * 1024 * 1024
_AT_A_TIME = 8
_CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Local:
    """A file that can be read here."""

    found: Found
    path: Path


def batches(files: Sequence[Found]) -> Iterator[list[Found]]:
    """Yield files in their order, as many together as are read at a time."""
    batch: list[Found] = []
    size = 0
    for file in files:
        if batch and (size + file.entry.size > _BATCH or len(batch) == _FILES_IN_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.entry.size
    if batch:
        yield batch


class Copies:
    """Local copies of files that are elsewhere, or that have to be made readable first.

    Args:
        folder: where the copies are put.
        files: all that may be asked for; how large they are decides whether copies are kept.
        prepare: makes a file readable: given a path and a path that it may write, returns the one to read.
    """

    def __init__(
        self, folder: Path, files: Sequence[Found], prepare: Callable[[Path, Path], Path] | None = None
    ) -> None:
        self._folder = folder
        self._keep = sum(file.entry.size for file in files) <= _KEPT
        self._prepare = prepare
        self._numbers = {file.url: number for number, file in enumerate(files)}
        self._here: dict[str, Path] = {}

    def get(self, batch: Sequence[Found]) -> list[Local]:
        """Return files as they are here; a few are fetched at a time."""
        missing = [file for file in batch if file.url not in self._here]
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for file, path in zip(missing, pool.map(self._make, missing), strict=True):
                self._here[file.url] = path
        return [Local(file, self._here[file.url]) for file in batch]

    def done(self, batch: Sequence[Found], *, last: bool) -> None:
        """Let go of copies that are not kept, or that were read for the last time."""
        if self._keep and not last:
            return
        for file in batch:
            path = self._here.pop(file.url, None)
            if path is not None and path.is_relative_to(self._folder):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove all copies."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self, file: Found) -> Path:
        name = file.entry.key.rpartition("/")[2]
        number = self._numbers[file.url]
        path = file.store.local(file.entry.key)
        if path is None:
            path = self._folder / f"{number}-{name}"
            file.store.get_file(file.entry.key, path)
        if self._prepare is None:
            return path
        made = self._prepare(path, self._folder / f"{number}-made-{name}")
        if made != path and path.is_relative_to(self._folder):
            path.unlink()
        return made


def transcoded(encoding: str) -> Callable[[Path, Path], Path] | None:
    """Return what makes files of an encoding UTF-8; None where they are."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ConfigError(f"format_options: encoding '{encoding}' is not known") from None
    if name in ("utf-8", "utf-8-sig", "ascii"):
        return None

    def make(path: Path, target: Path) -> Path:
        target = target.with_name(target.name + ".csv")
        decoder = codecs.getincrementaldecoder(name)()
        try:
            with opened(path) as source, target.open("wb") as file:
                while chunk := source.read(_CHUNK):
                    file.write(decoder.decode(chunk).encode())
                file.write(decoder.decode(b"", final=True).encode())
        except UnicodeDecodeError as error:
            raise SourceError(f"{path.name}: not in the encoding '{encoding}' ({error.reason})") from None
        return target

    return make


def opened(path: Path) -> io.BufferedReader:
    """Open a file that may be compressed, as its suffix says."""
    stream = pa.input_stream(str(path), compression={".gz": "gzip", ".zst": "zstd"}.get(path.suffix))
    return io.BufferedReader(stream)
