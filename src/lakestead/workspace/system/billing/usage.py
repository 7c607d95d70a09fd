"""system.billing.usage: the DBUs of running warehouses, as records of at most an hour.

A warehouse uses the DBUs per hour of its size while it runs, by the millisecond. Records are split at full
hours and where the warehouse was changed. A record is given once its time is over: at the end of the hour, at
the change, or when the warehouse stops; it is never changed, and never given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from lakestead.workspace.system.log import Log, Row
from lakestead.workspace.system.rows import DAY_MS
from lakestead.workspace.system.warehouses import CHANGES, EVENTS, Event

TABLE = "billing.usage"
_HOUR_MS = 3600 * 1000
# DBUs per hour of one cluster, by size: the same for all types, as Databricks publishes them.
DBUS: Mapping[str, int] = MappingProxyType(
    {
        "2X_SMALL": 4,
        "X_SMALL": 6,
        "SMALL": 12,
        "MEDIUM": 24,
        "LARGE": 40,
        "X_LARGE": 80,
        "2X_LARGE": 144,
        "3X_LARGE": 272,
        "4X_LARGE": 528,
    }
)
_SKUS = MappingProxyType(
    {
        "SERVERLESS": "PREMIUM_SERVERLESS_SQL_COMPUTE_US_EAST_N_VIRGINIA",
        "PRO": "PREMIUM_SQL_PRO_COMPUTE_US_EAST_N_VIRGINIA",
        "CLASSIC": "PREMIUM_SQL_COMPUTE",
    }
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The records as the source of their table; marks are times in milliseconds since the epoch.

    Attributes:
        log: where warehouses' events are.
    """

    log: Log

    def newest(self) -> int:
        """See :class:`..sources.Source`."""
        self.log.flush()
        # All rows of that time are there, but for the newest millisecond's: of that there may be more.
        return (self.log.newest_ms() or 1) - 1

    def oldest(self) -> int:
        """See :class:`..sources.Source`; records that were given stay, whatever becomes of the events."""
        return 0

    def rows(self, after: int, until: int) -> Iterator[Sequence[Row]]:
        """See :class:`..sources.Source`."""
        found = list(records(_all(self.log, CHANGES), _all(self.log, EVENTS), after, until))
        if found:
            yield found


def records(changes: Iterable[Row], events: Iterable[Row], after: int, until: int) -> Iterator[Row]:
    """Give the records that end after one time, and not after another.

    Args:
        changes: rows of ``compute.warehouses``, in order.
        events: rows of ``compute.warehouse_events``, in order.
        after: milliseconds since the epoch.
        until: milliseconds since the epoch; what has happened by then is in the rows.
    """
    described: dict[str, list[Row]] = {}
    for change in changes:
        described.setdefault(change["warehouse_id"], []).append(change)
    for warehouse_id, start, end in _runs(events):
        for first, last, change in _parts(described.get(warehouse_id, []), start, end, after, until):
            if after < last <= until and change["warehouse_size"] in DBUS:
                yield _record(change, first, last)


def _runs(events: Iterable[Row]) -> Iterator[tuple[str, int, int | None]]:
    """Give when warehouses ran: id, start, and end if it has come."""
    running: dict[str, int] = {}
    for event in events:
        warehouse_id, at_ms = event["warehouse_id"], event["event_time"]
        if event["event_type"] == Event.RUNNING:
            running.setdefault(warehouse_id, at_ms)
        elif event["event_type"] == Event.STOPPED and warehouse_id in running:
            yield warehouse_id, running.pop(warehouse_id), at_ms
    yield from ((warehouse_id, start, None) for warehouse_id, start in running.items())


def _parts(
    changes: Sequence[Row], start: int, end: int | None, after: int, until: int
) -> Iterator[tuple[int, int, Row]]:
    """Give the parts of a run that may end in a period, split at hours and changes: from, to, what ran."""
    last = until if end is None else min(end, until)
    if last <= after:
        return
    hours = range(max(start, after) // _HOUR_MS * _HOUR_MS, last + 1, _HOUR_MS)
    times = {*hours, *(change["change_time"] for change in changes)}
    if end is not None and end <= until:
        times.add(end)
    # What lies before the hour in which the period begins was given already.
    begin = max(start, hours[0])
    places = [begin, *sorted(time for time in times if begin < time <= last)]
    for first, following in pairwise(places):
        known = [change for change in changes if change["change_time"] <= first] or changes[:1]
        if known:
            yield first, following, known[-1]


def _record(change: Row, first: int, last: int) -> dict[str, Any]:
    kind, warehouse_id = change["warehouse_type"], change["warehouse_id"]
    quantity = Decimal(DBUS[change["warehouse_size"]]) * (last - first) / _HOUR_MS
    return {
        "record_id": str(uuid5(NAMESPACE_OID, f"{warehouse_id}:{first}")),
        "sku_name": _SKUS[kind],
        "cloud": "AWS",
        "usage_start_time": first,
        "usage_end_time": last,
        "usage_date": first // DAY_MS,
        "custom_tags": change["tags"],
        "usage_unit": "DBU",
        "usage_quantity": f"{quantity:.18f}",
        "usage_metadata": {"warehouse_id": warehouse_id},
        "identity_metadata": {"created_by": change["created_by"], "owned_by": change["created_by"]},
        "record_type": "ORIGINAL",
        "ingestion_date": last // DAY_MS,
        "billing_origin_product": "SQL",
        "product_features": {
            "sql_tier": "CLASSIC" if kind == "CLASSIC" else "PRO",
            "is_serverless": kind == "SERVERLESS",
            "is_photon": change["photon"],
        },
        "usage_type": "COMPUTE_TIME",
    }


def _all(log: Log, stream: str) -> Iterator[Row]:
    number = 0
    while found := log.rows_after(stream, number):
        number = found[-1][0]
        yield from (row for _, row in found)
