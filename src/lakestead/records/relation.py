"""Records as what a statement reads: bound parameters when they are few, staged files when they are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from lakestead.core.datatypes import VARIANT, DataType
from lakestead.core.names import quote, quote_string
from lakestead.records.fitting import Fitting
from lakestead.records.staging import Staged, Staging
from lakestead.records.types import is_scalar

MAX_PARAMETERS = 250
"""Values that are bound; of more, files are staged.

Databricks takes 255 parameters, and a predicate of the caller may need some. Measured with the embedded
workspace, 50 values take 0.05 s bound and 0.10 s staged, 250 take 0.18 s and 0.08 s, 1,000 take 0.9 s and
0.08 s. On Databricks staging costs six more requests over the network, which moves the balance up.
"""

_MAX_BYTES = 2**19  # of the 1 MiB that parameters may have, as text, on Databricks


@dataclass(frozen=True)
class Relation:
    """Records that a statement can read.

    Args:
        columns: that they have, as the table names them.
        kinds: the types of those.
        rows: how many they are.
        query: gives the columns, in this order.
        params: of the query.
        staged: the files, if there are some.
    """

    columns: tuple[str, ...]
    kinds: tuple[DataType, ...]
    rows: int
    query: str
    params: dict[str, Any] = field(default_factory=dict)
    staged: Staged | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the files hold just these columns in their own types."""
        return VARIANT not in self.kinds


@contextmanager
def relation(fitting: Fitting, staging: Callable[[], Staging], *, stage: bool = False) -> Iterator[Relation]:
    """Have records ready for the length of a `with` block.

    Args:
        fitting: the records.
        staging: says where files are staged.
        stage: stage files however few the records are.
    """
    batches = fitting.batches()
    if not stage and _may_be_bound(fitting):
        batch = next(batches, None)
        if batch is None or _fits(fitting, batch):
            yield _bound(fitting, batch)
            return
        batches = iter([batch])
    with staging().batches(batches, fitting.schema) as staged:
        kinds = tuple(fitting.fields[name] for name in fitting.given)
        yield Relation(fitting.given, kinds, staged.rows, _files(fitting, staged), staged=staged)


def _may_be_bound(fitting: Fitting) -> bool:
    return fitting.whole and (fitting.first is None or len(fitting.first) <= MAX_PARAMETERS)


def _fits(fitting: Fitting, batch: pa.RecordBatch) -> bool:
    given = [batch.column(name) for name in fitting.given]
    values = sum(len(array) - array.null_count for array in given)
    scalars = all(is_scalar(fitting.fields[name]) for name in fitting.given)
    return scalars and values <= MAX_PARAMETERS and sum(array.nbytes for array in given) <= _MAX_BYTES


def _bound(fitting: Fitting, batch: pa.RecordBatch | None) -> Relation:
    names, rows = fitting.given, batch.select(list(fitting.given)).to_pylist() if batch is not None else []
    params: dict[str, Any] = {}
    lines = []
    for row in rows:
        values = []
        for name, value in row.items():
            marker = "NULL"
            if value is not None:
                params[f"lakestead_{len(params)}"] = value
                marker = f"%(lakestead_{len(params) - 1})s"
            values.append(typed(marker, fitting.fields[name]))
        lines.append(f"({', '.join(values)})")
    quoted = ", ".join(map(quote, names))
    query = f"SELECT {quoted} FROM VALUES {', '.join(lines)} AS v({quoted})"
    return Relation(names, tuple(fitting.fields[name] for name in names), len(rows), query, params)


def typed(expression: str, kind: DataType) -> str:
    """Return an expression in a column's type."""
    if kind == VARIANT:
        return f"parse_json({expression})"
    return f"CAST({expression} AS {kind.sql})"


def _files(fitting: Fitting, staged: Staged) -> str:
    columns = ", ".join(stored(name, fitting.fields[name]) for name in fitting.given)
    return f"SELECT {columns} FROM read_files({quote_string(staged.folder)}, format => 'parquet')"


def stored(name: str, kind: DataType) -> str:
    """Return a column of staged files as it goes into a table."""
    return f"parse_json({quote(name)}) AS {quote(name)}" if kind == VARIANT else quote(name)
