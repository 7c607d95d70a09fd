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
    """Return the keys of all objects of some files, in about the order in which the objects have them.

    Args:
        session: reads the files.
        paths: the files.
        layout: whether each line is an object, or each file an array of them.
        where: what the files are called in messages.

    Raises:
        SourceError: when two keys differ only in case.
    """
    found = session.execute(
        "SELECT name, min(place) FROM (SELECT unnest(json_keys(json)) AS name,"
        " generate_subscripts(json_keys(json), 1) AS place"
        f" FROM read_json_objects({texts(paths)}, format={text(layout)})) GROUP BY name ORDER BY 2, 1"
    ).fetchall()
    seen: dict[str, str] = {}
    for name, _ in found:
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
