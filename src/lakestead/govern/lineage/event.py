"""One piece of lineage that a program tells of itself."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from lakestead.core.names import canonical


@dataclass(frozen=True, slots=True)
class LineageMetrics:
    """That data went from one table to another, as it was recorded.

    Args:
        lineage_type: what was done: `read`, `write`, `transform`, `copy`, or a word of one's own.
        source: the full name of the table that was read, in lower case.
        target: that of the table that was written; None if data was only read.
        columns: the source's columns that each column of the target is made of.
        transformation_logic: how, as text; mostly SQL.
        data_owner: who answers for the data.
        data_steward: who looks after it.
        data_classification: its level.
        compliance_tags: what it falls under, such as `gdpr`.
        attributes: who it was done for: `team`, `project`, `environment`, `cost_center`; or where an event
            that was imported is from.
        event_id: unique to the event.
        event_time: when, in UTC.
    """

    lineage_type: str
    source: str
    target: str | None
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    transformation_logic: str | None = None
    data_owner: str | None = None
    data_steward: str | None = None
    data_classification: str | None = None
    compliance_tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    event_time: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    def values(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values["columns"] = {name: list(made_of) for name, made_of in self.columns.items()}
        values["compliance_tags"] = list(self.compliance_tags)
        values["attributes"] = dict(self.attributes)
        values["event_time"] = self.event_time.isoformat()
        return values

    def json(self) -> str:
        """Return the event as one line of JSON."""
        return json.dumps(self.values(), ensure_ascii=False)


def from_values(values: Mapping[str, Any]) -> LineageMetrics:
    """Return the event that `LineageMetrics.values` gave.

    Raises:
        KeyError, TypeError, ValueError: when these are no such values.
    """
    given = dict(values)
    given["compliance_tags"] = tuple(given["compliance_tags"])
    given["event_time"] = dt.datetime.fromisoformat(given["event_time"])
    return LineageMetrics(**given)


def full_name(catalog: str | None, schema: str | None, table: str | None) -> str | None:
    """Return a table's full name in lower case; None if no part is given.

    Raises:
        InvalidName: when a part is missing or cannot be in a name.
    """
    if catalog is schema is table is None:
        return None
    return ".".join(canonical(part or "") for part in (catalog, schema, table))
