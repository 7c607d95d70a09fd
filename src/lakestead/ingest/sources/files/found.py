"""Finds the files that a path means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakestead.core.errors import ConfigError
from lakestead.ingest.stores import Entry, Glob, Store, StoreCredentials, open_store

from .options import FileFormat

SUFFIXES: dict[str, FileFormat] = {
    "parquet": "parquet",
    "pq": "parquet",
    "csv": "csv",
    "tsv": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "jsonl",
    "xlsx": "excel",
    "xlsm": "excel",
    "xlsb": "excel",
    "xls": "excel",
    "ods": "excel",
}
_SUFFIX = re.compile(r"\.([A-Za-z]+)(?:\.(?:gz|zst))?$")
_URL = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.-]+://[^/]*)?)(.*)", re.DOTALL)
_ROOTED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|/|~")


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the source: where it is stored, and what the store says of it."""

    store: Store
    entry: Entry

    @property
    def url(self) -> str:
        """The whole name; what `_file_name` says."""
        return self.entry.url


def resolve(path: str, bucket_url: str | None) -> str:
    """Return a path as a URL or a path of its own."""
    if bucket_url is None or _ROOTED.match(path):
        return path
    return f"{bucket_url.rstrip('/')}/{path}"


def find(url: str, credentials: StoreCredentials) -> Iterator[Found]:
    """Yield the files that a URL with or without a glob means.

    A folder means all files in and below it. Names below the glob's own folder that begin with `_` or `.` are
    passed over, as Spark does: they are marks and logs, not data.
    """
    folder, pattern = split(url)
    store = open_store(folder, credentials)
    if Glob(pattern).literal and not (pattern and store.exists(pattern)):
        pattern = f"{pattern}/**".lstrip("/")
    fixed = len(Glob(pattern).folder)
    for entry in store.list(pattern):
        parts = entry.key[fixed:].strip("/").split("/")
        if Glob(pattern).literal or not any(part.startswith(("_", ".")) for part in parts):
            yield Found(store, entry)


def split(url: str) -> tuple[str, str]:
    """Split a URL into the last folder before the glob or the name, and the rest."""
    found = _URL.fullmatch(url)
    assert found is not None
    place, path = found.groups()
    head = Glob(path).folder
    root = place + head or ("/" if path.startswith("/") else ".")
    return root, path[len(head) :].lstrip("/")


def format_of(files: Sequence[Found], where: str) -> FileFormat:
    """Return the format that the suffixes of files say.

    Raises:
        ConfigError: when they say none, or not the same.
    """
    formats = {suffix_format(file.entry.key) for file in files}
    if len(formats) == 1 and (found := formats.pop()):
        return found
    said = ", ".join(sorted(str(kind) for kind in formats if kind)) or "nothing that is known"
    raise ConfigError(f"{where}: the suffixes say {said}; set file_format to parquet, csv, jsonl or excel")


def suffix_format(key: str) -> FileFormat | None:
    """Return the format that a file's suffix says."""
    found = _SUFFIX.search(key)
    return SUFFIXES.get(found[1].lower()) if found else None
