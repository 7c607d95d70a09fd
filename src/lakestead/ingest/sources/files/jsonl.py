"""JSON Lines: an object in each line; also a file that is one array of objects."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.core.datatypes import DataType
from lakestead.ingest.sources.duck_types import duck_type
from lakestead.ingest.sources.reading.ladder import JSON, infer, widest_text
from lakestead.ingest.sources.reading.objects import Layout, keys, values
from lakestead.ingest.sources.reading.session import text
from lakestead.ingest.sources.source import Column

from .copies import Local, opened
from .format import Group, faults
from .options import JsonOptions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LAYOUTS: tuple[Layout, ...] = ("newline_delimited", "array")
_HEAD = 4096
_SHOWN = 120
_REJECTS = pa.schema(
    [("file", pa.string()), ("line", pa.int64()), ("error", pa.string()), ("row", pa.string())]
)


class JsonLines:
    """Files of JSON objects.

    Args:
        options: what the job says of them.
        scratch: where copies without bad lines are put.
    """

    prepare = None

    def __init__(self, options: JsonOptions, scratch: Path) -> None:
        self._reject = options.on_bad_lines == "reject"
        self._scratch = scratch
        self._cleaned: dict[str, Path] = {}
        self._rejected: list[dict[str, Any]] = []

    def groups(self, session: DuckDBPyConnection, batch: Sequence[Local]) -> list[Group]:
        files = [Local(file.found, self._cleaned.get(file.found.url, file.path)) for file in batch]
        if self._reject:
            files = [self._without_bad_lines(session, file) for file in files]
        groups = []
        for layout in _LAYOUTS:
            alike = tuple(file for file in files if _layout(file) == layout)
            names = self._names(session, alike, layout) if alike else ()
            if names:
                groups.append(Group(alike, names, layout))
        return groups

    def _names(self, session: DuckDBPyConnection, files: Sequence[Local], layout: Layout) -> tuple[str, ...]:
        where = files[0].found.url if len(files) == 1 else f"{files[0].found.url} and others"
        with faults(files, self.explain(files)):
            return keys(session, [file.path for file in files], layout, where)

    def types(
        self,
        session: DuckDBPyConnection,
        group: Group,
        given: Mapping[str, DataType],
        known: Mapping[str, DataType],
    ) -> Mapping[str, DataType]:
        open_ = [name for name in group.names if name.lower() not in given]
        relation = _read(group, dict.fromkeys(open_, "JSON"))
        with faults(group.files, self.explain(group.files)):
            found = infer(session, relation, open_, JSON, known)
        return {name: given.get(name.lower()) or found[name] for name in group.names}

    def widest(self, one: DataType, other: DataType) -> DataType:
        return widest_text(one, other)

    def relation(self, group: Group, types: Mapping[str, DataType]) -> str:
        return _read(group, {name: duck_type(types[name]) for name in group.names})

    def ready(self, file: Local, columns: Sequence[Column]) -> bool:
        return False

    def explain(self, files: Sequence[Local]) -> Callable[[str], str | None]:
        return lambda message: _located(files)

    def rejects(self, session: DuckDBPyConnection, files: Sequence[Local], path: Path) -> int:
        rows, self._rejected = self._rejected, []
        if rows:
            pq.write_table(pa.Table.from_pylist(rows, schema=_REJECTS), path)
        return len(rows)

    def _without_bad_lines(self, session: DuckDBPyConnection, file: Local) -> Local:
        """Return a file that has only the good lines of another; the bad ones are kept for the rejects."""
        if file.found.url in self._cleaned or _layout(file) == "array" or not _has_bad_lines(session, file):
            return file
        target = self._scratch / f"good-{len(self._cleaned)}.jsonl"
        with target.open("wb") as good:
            for number, line, fault in _lines(file):
                if fault is None:
                    good.write(line)
                else:
                    row = {"file": file.found.url, "line": number, "error": fault}
                    self._rejected.append(row | {"row": line.decode(errors="replace").rstrip("\r\n")})
        self._cleaned[file.found.url] = target
        return Local(file.found, target)


def _read(group: Group, types: Mapping[str, str]) -> str:
    layout: Layout = "array" if group.form == "array" else "newline_delimited"
    return values([file.path for file in group.files], layout, types)


def _layout(file: Local) -> Layout:
    with opened(file.path) as source:
        head = source.read(_HEAD).removeprefix(codecs.BOM_UTF8).lstrip()
    return "array" if head.startswith(b"[") else "newline_delimited"


def _has_bad_lines(session: DuckDBPyConnection, file: Local) -> bool:
    lines = (
        f"read_csv({text(file.path)}, columns={{line: 'VARCHAR'}}, delim='\x01', quote='', escape='',"
        " header=false, auto_detect=false, ignore_errors=true)"
    )
    query = (
        f"SELECT count(*) FROM {lines} WHERE trim(line) <> ''"
        " AND CASE WHEN json_valid(line) THEN json_type(line) <> 'OBJECT' ELSE true END"
    )
    found = session.execute(query).fetchone()
    return bool(found and found[0])


def _lines(file: Local) -> Iterator[tuple[int, bytes, str | None]]:
    """Yield a file's lines by number, and what is wrong with each."""
    with opened(file.path) as source:
        for number, line in enumerate(source, 1):
            if line.strip():
                yield number, line, _fault(line)


def _fault(line: bytes) -> str | None:
    try:
        value = json.loads(line, parse_constant=_refuse)
    except ValueError as error:
        return f"no JSON: {error}"
    return None if isinstance(value, dict) else f"a JSON object is needed, not {json.dumps(value)[:_SHOWN]}"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _located(files: Sequence[Local]) -> str | None:
    """Return where the first bad line is; DuckDB tells it only within what it had in its buffer."""
    for file in files:
        if _layout(file) == "array":
            continue
        for number, line, fault in _lines(file):
            if fault:
                shown = line[:_SHOWN].decode(errors="replace").strip()
                hint = "correct the line, or set format_options: on_bad_lines: reject"
                return f"{file.found.url}, line {number}: {fault} ({shown}); {hint}"
    return None
