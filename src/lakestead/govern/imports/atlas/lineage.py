"""The lineage of an export of Atlas, as events."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence

from lakestead.govern.imports.atlas.export import AtlasExport, Entity
from lakestead.govern.imports.atlas.names import Names
from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.event import LineageMetrics

_EVENTS = uuid.uuid5(uuid.NAMESPACE_URL, "https://atlas.apache.org")
_COLUMN_LINEAGE = "_column_lineage"  # hive's, impala's, …

# The columns that each column of a table is made of, by the process and the two tables.
Columns = dict[tuple[str, str, str], dict[str, list[str]]]


def events(export: AtlasExport, names: Names) -> list[LineageMetrics]:
    """Return an event for each input and output of each process. Its id is the same at each reading.

    Raises:
        SourceError: when a name is none that Unity Catalog can have.
    """
    columns = _columns(export, names)
    found = []
    for guid, (sources, targets) in export.ways.items():
        process = export.entities[guid]
        if process.type_name.endswith(_COLUMN_LINEAGE):
            continue
        for source in _nodes(export, names, sources):
            for target in _nodes(export, names, targets):
                made = columns.get((guid, source.table, target.table), {})
                found.append(_event(process, source.table, target.table, made))
    return found


def _columns(export: AtlasExport, names: Names) -> Columns:
    """Return what columns are made of: these are processes of their own, which name the query's process."""
    found: Columns = defaultdict(lambda: defaultdict(list))
    for guid, (sources, targets) in export.ways.items():
        step = export.entities[guid]
        if not step.type_name.endswith(_COLUMN_LINEAGE):
            continue
        query = str((step.attributes.get("query") or {}).get("guid") or guid)
        for source in _nodes(export, names, sources):
            for target in _nodes(export, names, targets):
                if source.column is not None and target.column is not None:
                    found[query, source.table, target.table][target.column].append(source.column)
    return found


def _nodes(export: AtlasExport, names: Names, guids: Sequence[str]) -> Iterator[Node]:
    for guid in guids:
        entity = export.entities.get(guid)
        one = names.node(entity) if entity is not None else None
        if one is not None:
            yield one


def _event(process: Entity, source: str, target: str, columns: dict[str, list[str]]) -> LineageMetrics:
    given = process.attributes
    return LineageMetrics(
        str(given.get("operationType") or process.type_name).lower(),
        source,
        target,
        columns={name: sorted(set(made)) for name, made in columns.items()},
        transformation_logic=given.get("queryText") or None,
        data_owner=given.get("userName") or given.get("user") or None,
        attributes={"imported_from": "apache_atlas", "process": process.qualified_name or process.guid},
        event_id=str(uuid.uuid5(_EVENTS, f"{process.guid}\x1f{source}\x1f{target}")),
        event_time=_moment(process),
    )


def _moment(process: Entity) -> dt.datetime:
    """Return when a process ran; now if Atlas does not say, as in its answers on lineage."""
    given = process.attributes
    for milliseconds in (given.get("endTime"), given.get("startTime"), process.updated):
        if isinstance(milliseconds, int) and milliseconds > 0:
            return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    return dt.datetime.now(dt.UTC)
