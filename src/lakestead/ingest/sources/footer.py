"""What the footers of finished Parquet files say: rows, and whether Spark has such dates and times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from lakestead.core.errors import SourceError

from .source import Staged

if TYPE_CHECKING:
    from .column import Reading

_DAY = 86_400
# 0001-01-01 to 9999-12-31, which is what Databricks SQL holds.
_DAYS = (-719_162, 2_932_896)
_MICROSECONDS = (_DAYS[0] * _DAY * 1_000_000, (_DAYS[1] + 1) * _DAY * 1_000_000 - 1)


def finished(written: Path, folder: Path, place: int, readings: Iterable[Reading]) -> Iterator[Staged]:
    """Yield the files of a copy that have rows, under names of their own in the folder.

    Args:
        written: the folder of one copy; it is removed.
        folder: where the files go.
        place: the copy's number.
        readings: the columns, for messages.

    Raises:
        SourceError: when a date or a timestamp is outside of the years 1 to 9999, or infinite.
    """
    names = {reading.name: reading for reading in readings}
    staged = []
    for part, path in enumerate(sorted(written.iterdir())):
        rows = check(path, names)
        if rows == 0:
            path.unlink()
            continue
        staged.append(Staged(path.rename(folder / f"part-{place:05d}-{part:05d}.parquet"), rows))
    written.rmdir()
    yield from staged


def check(path: Path, columns: Iterable[str]) -> int:
    """Return a file's rows, once its dates and timestamps are seen to be within the years 1 to 9999.

    Raises:
        SourceError: when one is not; names the column.
    """
    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        parts = metadata.row_group(group)
        for place in range(parts.num_columns):
            part = parts.column(place)
            kind = metadata.schema.column(place)
            limits = _limits(kind.logical_type.type)
            if limits is None or part.statistics is None or not part.statistics.has_min_max:
                continue
            for value in (part.statistics.min_raw, part.statistics.max_raw):
                if not limits[0] <= value <= limits[1]:
                    raise SourceError(_outside(part.path_in_schema.split(".list.")[0], value, limits))
    return int(metadata.num_rows)


def _limits(logical: str) -> tuple[int, int] | None:
    return {"DATE": _DAYS, "TIMESTAMP": _MICROSECONDS}.get(logical)


def _outside(column: str, value: int, limits: tuple[int, int]) -> str:
    return (
        f"column '{column}' has a value outside of the years 1 to 9999 ({_described(value, limits)}), which"
        f" Databricks SQL does not hold; take the column as text (types: {{{column}: string}}) or leave such"
        " rows out with a query"
    )


def _described(value: int, limits: tuple[int, int]) -> str:
    if abs(value) >= (2**31 - 1 if limits is _DAYS else 2**63 - 2**12):
        return "infinity" if value > 0 else "-infinity"
    days = value if limits is _DAYS else value // (_DAY * 1_000_000)
    years = 1970 + days / 365.2425
    return f"about the year {years:.0f}" if years > 0 else f"about the year {1 - years:.0f} BC"
