"""What a profile found, before it becomes rows of the metric table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lakestead.engine.profiles import quality
from lakestead.engine.profiles.columns import Rows, TooWide
from lakestead.engine.profiles.definition import Definition, Group
from lakestead.engine.profiles.partitions import Partition, partitions
from lakestead.engine.profiles.quality import Quality
from lakestead.engine.profiles.summaries import Summary, summaries
from lakestead.engine.profiles.windows import Window


class Cancelled(Exception):
    """Whoever asked for a profile no longer wants it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be found.

    Attributes:
        definition: how rows are grouped.
        names: the columns.
        windows: those that are wanted, None for all.
        baseline: whether there are no windows.
        cancelled: asked between columns.
        text_bytes: what the different values of a column may take.
        kept: by slicing key, the values that make slices; None for the most frequent ones of the rows.
    """

    definition: Definition
    names: tuple[str, ...]
    windows: Collection[Window] | None
    baseline: bool
    cancelled: Callable[[], bool]
    text_bytes: int
    kept: Mapping[str, Sequence[str]] | None = None

    def go_on(self) -> None:
        """Raise Cancelled when nobody wants it any more."""
        if self.cancelled():
            raise Cancelled

    def partitions(self, rows: Rows) -> list[Partition]:
        """Divide rows."""
        return list(partitions(rows, self.definition, self.windows, baseline=self.baseline, kept=self.kept))


@dataclass(slots=True)
class Findings:
    """By group: its rows, the summary of each column, and how good its model is."""

    rows: dict[Group, int] = field(default_factory=dict)
    summaries: dict[str, dict[Group, Summary]] = field(default_factory=dict)
    quality: dict[Group, Quality] = field(default_factory=dict)

    def count(self, divided: Sequence[Partition]) -> None:
        """Add rows to their groups."""
        for partition in divided:
            sizes = (partition.bounds[1:] - partition.bounds[:-1]).tolist()
            for group, size in zip(partition.groups, sizes, strict=True):
                self.rows[group] = self.rows.get(group, 0) + size


def find(rows: Rows, work: Work, findings: Findings) -> Work | None:
    """Add what is exactly true of rows, which are in memory one column at a time.

    Args:
        rows: all of the groups that they are in.
        work: what is to be found.
        findings: gets what is found.

    Returns:
        What is left, of columns whose different values do not fit into memory.
    """
    divided = work.partitions(rows)
    findings.count(divided)
    wide: list[str] = []
    for name in work.names:
        work.go_on()
        of_column = findings.summaries.setdefault(name, {})
        try:
            of_partitions = summaries(rows, name, divided, work.text_bytes)
        except TooWide:
            wide.append(name)
            continue
        for partition, found in zip(divided, of_partitions, strict=True):
            of_column.update(zip(partition.groups, found, strict=True))
    if work.definition.inference is not None:
        quality.measure(rows, work.definition.inference, divided, findings.quality)
    return _left(work, wide, divided) if wide else None


def _left(work: Work, names: Sequence[str], divided: Sequence[Partition]) -> Work:
    """Return the work on some columns, with the slices that were found."""
    kept: dict[str, dict[str, None]] = {one.key: {} for one in work.definition.slices}
    for partition in divided:
        for group in partition.groups:
            if group.slice_key is not None and group.slice_value is not None:
                kept[group.slice_key][group.slice_value] = None
    slices = {key: tuple(values) for key, values in kept.items()}
    definition = replace(work.definition, inference=None)
    return replace(work, definition=definition, names=tuple(names), kept=slices)
