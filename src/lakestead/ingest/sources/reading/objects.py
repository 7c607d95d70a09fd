"""Reads JSON objects: their keys, and their values as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakestead.core.errors import SourceError

from .session import PATH, text, texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Layout = Literal["newline_delimited", "array"]


def keys(session: DuckDBPyConnection, paths: Sequence[Path], layout: Layout, where: str) -> tuple[str, ...]:
    """Return the keys of all objects of some files, those of the first object as it has them.

    Args:
        session: reads the files.
        paths: the files.
        layout: whether each line is an object, or each file an array of them.
        where: what the files are called in messages.

    Raises:
        SourceError: when two keys differ only in case.
    """
    query = f"FROM read_json_objects({{}}, format={text(layout)})"
    first = session.execute(f"SELECT json_keys(json) {query.format(texts(paths[:1]))} LIMIT 1").fetchone()
    every = session.execute(f"SELECT DISTINCT unnest(json_keys(json)) {query.format(texts(paths))}")
    seen: dict[str, str] = {}
    for name in (*(first[0] if first else ()), *sorted(name for (name,) in every.fetchall())):
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            raise SourceError(
                f"{where}: the keys '{twin}' and '{name}' differ only in case: a table cannot have both"
            )
    return tuple(seen.values())


def values(paths: Sequence[Path], layout: Layout, types: Mapping[str, str]) -> str:
    """Return what stands behind FROM to read keys as columns.

    Args:
        paths: the files.
        layout: see `keys`.
        types: key → DuckDB's type.
    """
    columns = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in types.items())
    return (
        f"read_json({texts(paths)}, format={text(layout)}, auto_detect=false, records=true,"
        f" filename={text(PATH)}, columns={{{columns}}})"
    )
