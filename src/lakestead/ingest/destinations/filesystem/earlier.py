"""What is known of rows that were loaded before, when rows of a window come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lakestead.ingest.destinations.filesystem.delta import DeltaFolder
from lakestead.ingest.destinations.filesystem.layout import PARTITION, Layout
from lakestead.ingest.destinations.filesystem.plan import Plan
from lakestead.ingest.destinations.filesystem.seen import Seen
from lakestead.ingest.sources.source import Cursor
from lakestead.ingest.stores import Store


@contextmanager
def seen_before(
    plan: Plan, store: Store, layout: Layout, delta: DeltaFolder | None, scratch: Path
) -> Iterator[Seen | None]:
    """Yield the rows that may come again; None if a load has none such.

    They are those that the last run has noted. Where it could not know of all, or knew other columns, they
    are looked up in the published files.
    """
    if not plan.by_rows:
        yield None
        return
    files = [one.column for one in plan.columns]
    with closing(Seen(files, plan.watermark, plan.job.lag, scratch)) as seen:
        if plan.backfill or (plan.record.number and not _tells(plan)):
            for path in _published(store, layout, delta, scratch):
                seen.look(path, plan.lower, plan.upper)
            seen.looked(None if plan.backfill else known(plan.record.cursor))
        elif plan.record.cursor is not None:
            seen.remember(plan.record.cursor)
        yield seen


def known(cursor: Cursor | None) -> Cursor | None:
    """Return a cursor if it says from where on to read; one may tell of rows without a watermark only."""
    return cursor if cursor is not None and cursor.value is not None else None


def published(store: Store, layout: Layout) -> list[str]:
    """Return the keys of all files that loads have published in a table's folder."""
    found = store.list(f"{layout.folder}/{PARTITION}=*/*.parquet")
    return sorted(entry.key for entry in found if layout.is_published(entry.key))


def _tells(plan: Plan) -> bool:
    """Return whether the last run's cursor tells of all rows that may come again, as they come now."""
    claim, cursor = plan.record.claim, plan.record.cursor
    if claim is None or cursor is None or claim.backfill:
        return False
    if (claim.package.watermark_column, claim.lag) != (plan.watermark, plan.lag):
        return False
    now = {one.column.name for one in plan.columns}
    return now.issuperset(one.name for one in claim.package.columns)


def _published(store: Store, layout: Layout, delta: DeltaFolder | None, scratch: Path) -> Iterator[Path]:
    keys: Iterable[str] = published(store, layout)
    if delta is not None:
        keys = [f"{layout.folder}/{name}" for name in delta.files()]
    path = scratch / "published.parquet"
    for key in keys:
        store.get_file(key, path)
        yield path
        path.unlink()
