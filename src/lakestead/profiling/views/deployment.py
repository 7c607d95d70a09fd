"""Makes the views of all groups agree with the metric tables that there are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import quote, quote_name, quote_string
from lakestead.profiling.views.names import GroupViews
from lakestead.profiling.views.sources import Metrics
from lakestead.profiling.views.unions import Kind, columns_of, common_types, relevant, union

PART_TABLES = 50
"""Tables of one statement; views of more are made of views."""

_MARK = re.compile(
    r"lakestead: (?P<kind>\w+) metrics of monitor group .*, kept by (?P<keeper>.*) \([0-9a-f]{16}\)",
    re.DOTALL,
)


@dataclass
class ViewChanges:
    """What became of the views.

    Attributes:
        groups: the views of each group that has metric tables.
        written: full names of those that were created or replaced.
        unchanged: of those that were as they should be.
        removed: of those that no group needs any more.
    """

    groups: dict[str, GroupViews] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def build(
    warehouse: Warehouse, catalog: str, schema: str, keeper: str, metrics: Sequence[Metrics]
) -> ViewChanges:
    """Create, replace and remove views so that each group has those of its metric tables.

    Args:
        warehouse: runs the statements.
        catalog: where the views are.
        schema: where the views are.
        keeper: marks the views of one configuration; those of others are left alone.
        metrics: the metric tables of all groups.

    Raises:
        ConfigError: something else has the name of one of the views.
        databricks.sql.Error: a statement fails.
    """
    there = _existing(warehouse, catalog, schema)
    changes = ViewChanges(groups=_groups(catalog, schema, metrics))
    wanted: set[str] = set()
    for group, views in changes.groups.items():
        members = [one for one in metrics if one.target.group == group]
        for kind in sorted(views.kinds):
            for name, query in _statements(kind, views, relevant(kind, members)):
                wanted.add(name)
                comment = _comment(kind, group, keeper, query)
                _write(warehouse, (catalog, schema, name), there, query, comment, changes)
    for name, present in there.items():
        mark = _MARK.fullmatch(present or "")
        if mark and mark["keeper"] == keeper and name not in wanted:
            warehouse.repeat(f"DROP VIEW IF EXISTS {quote_name(catalog, schema, name)}").close()
            changes.removed.append(f"{catalog}.{schema}.{name}")
    return changes


def _groups(catalog: str, schema: str, metrics: Sequence[Metrics]) -> dict[str, GroupViews]:
    found = {}
    for group in sorted({one.target.group for one in metrics}):
        members = [one for one in metrics if one.target.group == group]
        kinds = frozenset(kind for kind in Kind if relevant(kind, members))
        found[group] = GroupViews(catalog, schema, group, kinds)
    return found


def _existing(warehouse: Warehouse, catalog: str, schema: str) -> dict[str, str | None]:
    """Return tables and views with their comments."""
    rows = warehouse.rows(
        f"SELECT table_name, comment FROM {quote(catalog)}.information_schema.tables"
        " WHERE table_schema = :schema AND startswith(table_name, 'unified_')",
        schema=schema.lower(),
    )
    return {row["table_name"]: row["comment"] for row in rows}


def _statements(kind: Kind, views: GroupViews, metrics: Sequence[Metrics]) -> Iterator[tuple[str, str]]:
    """Yield names and queries of the views, each behind those that it is made of."""
    name = views.name(kind)
    if len(metrics) <= PART_TABLES:
        yield name, union(kind, metrics)
        return
    types = common_types(kind, metrics)
    parts: list[str] = []
    for start in range(0, len(metrics), PART_TABLES):
        parts.append(views.part(kind, len(parts) + 1))
        yield parts[-1], union(kind, metrics[start : start + PART_TABLES], types)
    # The columns are named: the view is written again when there are others.
    columns = ", ".join(map(quote, columns_of(kind, types)))
    selects = [f"SELECT {columns} FROM {quote_name(views.catalog, views.schema, part)}" for part in parts]
    yield name, "\nUNION ALL\n".join(selects)


def _write(
    warehouse: Warehouse,
    place: tuple[str, str, str],
    there: Mapping[str, str | None],
    query: str,
    comment: str,
    changes: ViewChanges,
) -> None:
    full_name = ".".join(place)
    present = there.get(place[2])
    if place[2] in there and not _MARK.fullmatch(present or ""):
        raise ConfigError(
            f"{full_name} is there, and is not a view that lakestead made: rename it, or name another"
            " output schema in profile_defaults.output_schema_name"
        )
    if present == comment:
        changes.unchanged.append(full_name)
        return
    warehouse.repeat(
        f"CREATE OR REPLACE VIEW {quote_name(*place)} COMMENT {quote_string(comment)} AS\n{query}"
    ).close()
    changes.written.append(full_name)


def _comment(kind: Kind, group: str, keeper: str, query: str) -> str:
    """Say whose view it is, and what it is made of: one with the same comment is not written again."""
    digest = hashlib.sha256(query.encode()).hexdigest()[:16]
    return f"lakestead: {kind.value} metrics of monitor group {group}, kept by {keeper} ({digest})"
