"""The rescued data column: what did not fit the wanted columns, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lakestead.core.datatypes import STRING
from lakestead.core.names import quote, quote_string
from lakestead.engine.files.relation import Reading, Relation, TypedColumn
from lakestead.engine.files.spill import METADATA


def rescued(relation: Relation, read: Sequence[Reading], name: str) -> str:
    """Return a query of files with one column more: a JSON object of what the others could not take, or null.

    Args:
        relation: the files, with metadata.
        read: the wanted columns.
        name: of the further column.
    """
    lenient = replace(relation, values=replace(relation.values, lenient=True))
    entries = list(_entries(lenient, read))
    if not entries:
        return lenient.select(read, [f"CAST(NULL AS STRING) AS {quote(name)}"])
    kept = f"map_filter(map({', '.join(entries)}), (k, v) -> v IS NOT NULL)"
    origin = f"map('_file_path', {quote(METADATA)}.file_path)"
    document = f"CASE WHEN size({kept}) > 0 THEN to_json(map_concat({kept}, {origin})) END"
    return lenient.select(read, [f"{document} AS {quote(name)}"])


def _entries(relation: Relation, read: Sequence[Reading]) -> Iterator[str]:
    """Yield the entries of the map: a column's name, and its text where it is not in the result."""
    for column in relation.columns:
        if isinstance(column, TypedColumn):
            continue
        text = column.read(STRING, relation.values)
        kinds = [kind for _, used, kind in read if used.name == column.name]
        if not kinds:
            yield f"{quote_string(column.name)}, {text}"
        elif kinds[0] != STRING:
            value = column.read(kinds[0], relation.values)
            yield f"{quote_string(column.name)}, CASE WHEN {value} IS NULL THEN {text} END"
