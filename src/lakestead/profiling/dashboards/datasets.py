"""The queries that dashboards show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakestead.profiling.config import Alerting
from lakestead.profiling.dashboards.layout import dataset, parameter
from lakestead.profiling.findings import ALL_ROWS, Finding, breaches, drift, moves, performance, quality
from lakestead.profiling.views import GroupViews

Json = dict[str, Any]
# The catalog is the same for all.
_SERIES = "column_name || ' · ' || substring_index(source_table_name, '.', -2) AS series"


def findings(groups: Sequence[GroupViews], alerting: Alerting) -> Json:
    """Return all that breaks a limit in the newest windows."""
    parts = []
    for views in groups:
        for finding in Finding:
            query = breaches(finding, views.relations, alerting)
            if query is not None:
                parts.append(f"SELECT '{finding.value}' AS kind, * FROM ({query})")
    nothing = (
        "SELECT '' AS kind, '' AS monitor_group, '' AS source_table_name, '' AS column_name, '' AS finding"
    )
    return dataset("findings", "Findings", "\nUNION ALL\n".join(parts) or f"{nothing} WHERE false")


def tables(groups: Sequence[GroupViews]) -> Json:
    """Return the newest window of each table."""
    query = " UNION ALL ".join(f"SELECT * FROM ({quality(views.relations)})" for views in groups)
    return dataset(
        "tables",
        "Tables",
        f"""SELECT monitor_group, source_table_name, owner, max(window_end) AS newest,
  max_by(row_count, window_start) AS row_count
FROM ({query})
WHERE column_name = ':table' AND slice_key IS NULL
GROUP BY monitor_group, source_table_name, owner""",
    )


def slices(groups: Sequence[GroupViews]) -> Json:
    """Return the slices that there are."""
    query = " UNION ALL ".join(f"SELECT slice FROM ({quality(views.relations)})" for views in groups)
    return dataset("slices", "Slices", f"SELECT DISTINCT slice FROM ({query})")


def drifts(groups: Sequence[GroupViews], alerting: Alerting) -> Json | None:
    """Return every measured drift of one slice; None without any."""
    query = " UNION ALL ".join(
        f"SELECT * FROM ({drift(views.relations, alerting)})" for views in groups if views.relations.drift
    )
    return _of_slice("drift", "Drift", f"SELECT *, {_SERIES} FROM ({query})") if query else None


def moved(views: GroupViews, alerting: Alerting) -> Json:
    """Return what moved where columns drifted."""
    return dataset("moves", "What moved", f"SELECT *, {_SERIES} FROM ({moves(views.relations, alerting)})")


def columns(groups: Sequence[GroupViews]) -> Json:
    """Return the profile of every column and table, of one slice."""
    query = " UNION ALL ".join(f"SELECT * FROM ({quality(views.relations)})" for views in groups)
    return _of_slice("quality", "Quality", f"SELECT *, {_SERIES} FROM ({query})")


def models(groups: Sequence[GroupViews], alerting: Alerting) -> Json | None:
    """Return the quality of models; None without any."""
    query = " UNION ALL ".join(
        f"SELECT * FROM ({performance(views.relations, alerting)})"
        for views in groups
        if views.relations.performance
    )
    series = "if(coalesce(model_id, '*') = '*', source_table_name, source_table_name || ' · ' || model_id)"
    return dataset("models", "Models", f"SELECT *, {series} AS model FROM ({query})") if query else None


def _of_slice(name: str, title: str, query: str) -> Json:
    return dataset(name, title, f"{query}\nWHERE slice = :slice", [parameter("slice", "Slice", ALL_ROWS)])
