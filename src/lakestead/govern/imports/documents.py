"""The documents of an export: JSON files, or those inside a zip archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lakestead.core.errors import SourceError

# An archive's entry that is larger when unpacked is no export of metadata.
_MOST_BYTES = 1 << 30


def documents(paths: Iterable[Path]) -> Iterator[tuple[str, Any]]:
    """Yield what files say, each with its place for messages; archives are read entry by entry.

    Args:
        paths: JSON files, or zip archives of them.

    Raises:
        SourceError: when a file cannot be read or is neither; says which.
    """
    for path in paths:
        try:
            if zipfile.is_zipfile(path):
                yield from _entries(path)
            else:
                yield str(path), _read(path.read_bytes(), str(path))
        except (OSError, zipfile.BadZipFile) as error:
            raise SourceError(f"{path} cannot be read: {error}") from error


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            where = f"{path}:{entry.filename}"
            if entry.file_size > _MOST_BYTES:
                raise SourceError(f"{where} has {entry.file_size:,} bytes; at most {_MOST_BYTES:,} are read")
            if not entry.is_dir():
                yield where, _read(archive.read(entry), where)


def _read(data: bytes, where: str) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise SourceError(f"{where} is no JSON: {error}") from error
