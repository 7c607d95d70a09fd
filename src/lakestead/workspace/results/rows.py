"""The rows of a result's chunk in the text formats of the API: JSON_ARRAY and CSV."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.workspace.results.arrow import batches
from lakestead.workspace.results.spool import Chunk
from lakestead.workspace.results.strings import quoted, texts
from lakestead.workspace.sql.statement import Result

_QUOTE = '"'


def json_rows(result: Result, chunk: Chunk) -> bytes:
    """Return a chunk as JSON: an array of arrays of strings and nulls, without white space."""
    columns = [quoted(text) for text in _texts(result, chunk)]
    return b"[" + _lines(columns, chunk.rows, "[", "],")[:-1] + b"]"


def csv_rows(result: Result, chunk: Chunk) -> bytes:
    """Return a chunk as CSV (RFC 4180), nulls as ``null``; the first chunk opens with the column names."""
    columns = [_field(pc.fill_null(text, "null")) for text in _texts(result, chunk)]
    rows = _lines(columns, chunk.rows, "", "\r\n")
    if chunk.index:
        return rows
    names = _field(pa.array([column.name for column in result.columns], pa.string())).to_pylist()
    return ",".join(names).encode() + b"\r\n" + rows


def _texts(result: Result, chunk: Chunk) -> list[pa.Array]:
    table = pa.Table.from_batches(batches(result, chunk))
    # By position: two columns may have the same name.
    return [texts(table[i].combine_chunks(), column.type) for i, column in enumerate(result.columns)]


def _lines(columns: Sequence[pa.Array], rows: int, start: str, end: str) -> bytes:
    """Return the rows one after the other: ``start``, fields with commas between, ``end``."""
    if not rows or not columns:
        return (start + end).encode() * rows
    lines = pc.binary_join_element_wise(start, pc.binary_join_element_wise(*columns, ","), end, "")
    # The values of a string array lie one after the other in memory.
    return bytes(lines.buffers()[2])


def _field(text: pa.Array) -> pa.Array:
    """Return strings as fields of a CSV file: in quotes where they must be."""
    special = pc.match_substring_regex(text, r'[",\r\n]')
    if not pc.any(special).as_py():
        return text
    inside = pc.replace_substring(text, _QUOTE, _QUOTE * 2)
    return pc.if_else(special, pc.binary_join_element_wise(_QUOTE, inside, _QUOTE, ""), text)
