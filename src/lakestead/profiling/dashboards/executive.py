"""The dashboard over all monitor groups."""

from __future__ import annotations

from collections.abc import Sequence

from lakestead.profiling.config import Alerting
from lakestead.profiling.dashboards import datasets
from lakestead.profiling.dashboards.group import WINDOW, counters, findings_table
from lakestead.profiling.dashboards.layout import page, serialized
from lakestead.profiling.dashboards.widgets import Field, chart, column, heatmap, table, text
from lakestead.profiling.views import GroupViews


def executive_dashboard(groups: Sequence[GroupViews], alerting: Alerting) -> str:
    """Return the dashboard over several groups, serialized.

    Args:
        groups: the views of each.
        alerting: the limits that findings break.
    """
    drift = datasets.drifts(groups, alerting)
    sources = [datasets.findings(groups, alerting), datasets.tables(groups)]
    group = column("monitor_group", "Group")
    number = Field("COUNT(*)", "Findings")
    kinds = chart(
        "bar", "group_findings", "findings", "Findings by group", (group, number, column("kind", "Kind"))
    )
    fields = [
        group,
        column("source_table_name", "Table"),
        column("owner", "Owner"),
        column("newest", "Newest window until", "temporal"),
        column("row_count", "Rows in it", "quantitative"),
    ]
    rows = [
        (1, [(6, text("title", "# All monitor groups"))]),
        (2, counters()),
        (6, [(3, kinds), (3, findings_table(group))]),
        (7, [(6, table("tables_table", "tables", "Tables", fields))]),
    ]
    if drift is not None:
        share = Field("AVG(IF(`drifted`, 1.0, 0.0))", "Columns that drift", decimals=0, percent=True)
        title = "Share of columns that drift"
        rows.insert(3, (5, [(6, heatmap("group_drift", "drift", title, (WINDOW, group, share)))]))
        sources.append(drift)
    return serialized(sources, [page("overview", "Overview", rows)])
