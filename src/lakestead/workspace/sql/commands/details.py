"""What DESCRIBE EXTENDED and SHOW TBLPROPERTIES tell of a table beyond its record: its log's facts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.table import CHECK_PREFIX, TableState, state
from lakestead.workspace.sql.commands.relation import Relation


def log_facts(relation: Relation) -> TableState | None:
    """Return what a table's log says; None for views, and for tables whose files cannot be read."""
    if relation.location is None:
        return None
    try:
        return state(relation.location)
    except DeltaError:
        return None


def properties(relation: Relation, facts: TableState | None) -> dict[str, str]:
    """Return the properties that Databricks shows of a table or view, by key.

    Besides the user's own there are those in which Delta keeps CHECK constraints, clustering and protocol.
    """
    shown = dict(relation.properties)
    for constraint in relation.constraints:
        if constraint.kind == "CHECK":
            expression = constraint.text.removeprefix("CHECK (").removesuffix(")")
            shown[CHECK_PREFIX + constraint.name] = expression
    if relation.clustered_by:
        columns = [name.split(".") for name in relation.clustered_by]
        shown["clusteringColumns"] = json.dumps(columns, separators=(",", ":"))
        shown["clusterByAuto"] = "false"
    if facts is not None:
        shown["delta.minReaderVersion"] = str(facts.min_reader_version)
        shown["delta.minWriterVersion"] = str(facts.min_writer_version)
        shown |= {f"delta.feature.{feature}": "supported" for feature in facts.features}
    return dict(sorted(shown.items()))


def java_date(milliseconds: int) -> str:
    """Return a time as Java writes it: ``Thu May 07 00:58:09 UTC 2026``."""
    return _time(milliseconds).strftime("%a %b %d %H:%M:%S UTC %Y")


def iso_date(milliseconds: int) -> str:
    """Return a time as ISO 8601 with seconds: ``2026-05-07T00:58:09Z``."""
    return _time(milliseconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
