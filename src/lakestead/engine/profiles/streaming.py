"""Profiles of more rows than memory holds: block by block, into sketches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from lakestead.engine.profiles import quality
from lakestead.engine.profiles.columns import Kind, Rows, kind_of
from lakestead.engine.profiles.definition import TOP_SLICES, Definition, Group
from lakestead.engine.profiles.findings import Findings, Work
from lakestead.engine.profiles.partitions import Partition
from lakestead.engine.profiles.sketches import CategoricalSketch, ColumnSketch, NumberSketch, OpaqueSketch
from lakestead.engine.profiles.source import Source, TableSource

_LEAST, _MOST = 1 << 14, 1 << 18
# Bytes of a value in a block: as it is read, as it is cut, as it is sorted into groups.
_VALUE = 64


def stream(source: Source, work: Work, findings: Findings, budget_bytes: int) -> None:
    """Add what can be said of all rows when each is seen once.

    Args:
        source: the rows.
        work: what is to be found.
        findings: gets what is found.
        budget_bytes: half of it is for the block.
    """
    names = list(dict.fromkeys([*_keys(work.definition), *work.names]))
    rows = min(_MOST, max(_LEAST, budget_bytes // 2 // (_VALUE * len(names))))
    sketches = {name: _sketch(source.schema.field(name).type) for name in work.names}
    seen = Findings()
    for table in blocks(source, names, rows):
        block = Rows(TableSource(table))
        divided = work.partitions(block)
        seen.count(divided)
        for name, sketch in sketches.items():
            work.go_on()
            sketch.add(block, name, divided)
        if work.definition.inference is not None:
            quality.measure(block, work.definition.inference, divided, seen.quality, ranked=False)
    findings.rows |= seen.rows
    findings.quality |= seen.quality
    for name, sketch in sketches.items():
        findings.summaries.setdefault(name, {}).update(sketch.summaries())


def most_frequent(source: Source, name: str) -> list[str]:
    """Return the values of a column that are there most often, as text; no more than make slices."""
    sketch = CategoricalSketch()
    for table in blocks(source, [name], _MOST):
        whole = Partition((Group(),), np.array([0, table.num_rows]), None)
        sketch.add(Rows(TableSource(table)), name, [whole])
    return [item for one in sketch.summaries().values() if one.frequent for item in one.frequent.items][
        :TOP_SLICES
    ]


def blocks(source: Source, names: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """Yield some columns, so many rows at a time."""
    columns = {name: _Pieces(source, name) for name in names}
    for start in range(0, source.rows, rows):
        number = min(rows, source.rows - start)
        yield pa.table({name: column.take(number) for name, column in columns.items()})


class _Pieces:
    """A column that is taken a number of rows at a time."""

    def __init__(self, source: Source, name: str) -> None:
        self._pieces = Rows(source).pieces(name)
        self._rest: pa.Array | None = None

    def take(self, rows: int) -> pa.ChunkedArray:
        """Return the next rows."""
        taken: list[pa.Array] = []
        while rows:
            piece = self._rest if self._rest is not None else next(self._pieces)
            taken.append(piece.slice(0, rows))
            self._rest = piece.slice(rows) if len(piece) > rows else None
            rows -= len(taken[-1])
        return pa.chunked_array(taken)


def _keys(definition: Definition) -> Iterator[str]:
    """Yield the columns that rows are grouped by, and those of the model."""
    inference = definition.inference
    yield from (
        name
        for name in (
            definition.timestamp,
            *(one.column for one in definition.slices),
            definition.model_id,
            *((inference.prediction, inference.label, inference.prediction_proba) if inference else ()),
        )
        if name is not None
    )


def _sketch(type_: pa.DataType) -> ColumnSketch:
    kind = kind_of(type_)
    if kind is Kind.CATEGORICAL:
        return CategoricalSketch()
    return OpaqueSketch() if kind is Kind.OPAQUE else NumberSketch(kind)
