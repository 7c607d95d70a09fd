"""A graph of lineage as OpenLineage events, by its specification 2-0-2.

Each table that is made of others is the output of a job of its own, with one run: a START and a COMPLETE. The
run's id follows from what it tells, so that telling it twice is telling it once.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lakestead.core.errors import SourceError
from lakestead.govern.lineage.edges import Level, Node
from lakestead.govern.lineage.graph import Edge, LineageGraph

PRODUCER = "https://pypi.org/project/lakestead"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_COLUMNS = (
    "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
)
_RUNS = uuid.uuid5(uuid.NAMESPACE_URL, PRODUCER)
_SECONDS = 30

Event = dict[str, Any]


def to_openlineage(tables: LineageGraph, host: str, columns: LineageGraph | None = None) -> list[Event]:
    """Return events for all tables that are made of others.

    Args:
        tables: a graph of tables.
        host: the workspace's URL: it tells its datasets from those of others.
        columns: the graph of their columns, if it is to be told.

    Raises:
        ValueError: when a graph is of the wrong level.
    """
    if tables.level is not Level.TABLE or (columns is not None and columns.level is not Level.COLUMN):
        raise ValueError("OpenLineage events are made of a graph of tables, and one of columns")
    namespace = f"unitycatalog://{urlsplit(host).netloc or host}"
    made_of: dict[str, list[Edge]] = defaultdict(list)
    for edge in tables.edges:
        made_of[edge.target.table].append(edge)
    fields = _fields(columns, namespace) if columns is not None else {}
    return [
        event
        for target, edges in sorted(made_of.items())
        for event in _run(namespace, target, sorted(edges, key=_source), fields.get(target, {}))
    ]


def emit(events: Iterable[Event], url: str, token: str | None = None) -> int:
    """Send events to an OpenLineage API over HTTP, in their order; return how many were sent.

    Args:
        events: as `to_openlineage` gives them.
        url: the API's, without `/api/v1/lineage`.
        token: to log in with, if it asks for one; never shown.

    Raises:
        SourceError: when it cannot be reached, or refuses an event; those before were taken.
    """
    import requests

    sent = 0
    address = f"{url.rstrip('/')}/api/v1/lineage"
    with requests.Session() as session:
        if token:
            session.headers["Authorization"] = f"Bearer {token}"
        for event in events:
            try:
                answer = session.post(address, json=event, timeout=_SECONDS)
            except requests.RequestException as error:
                raise SourceError(f"{address} cannot be reached after {sent} events: {error}") from error
            if not answer.ok:
                refusal = f"{answer.status_code}: {answer.text[:200]}"
                raise SourceError(f"{address} refuses event {sent + 1} with {refusal}")
            sent += 1
    return sent


def _source(edge: Edge) -> Node:
    return edge.source


def _run(namespace: str, target: str, edges: list[Edge], fields: Mapping[str, Any]) -> Iterator[Event]:
    output: dict[str, Any] = _dataset(namespace, target)
    if fields:
        facet = {"_producer": PRODUCER, "_schemaURL": _COLUMNS, "fields": fields}
        output["facets"] = {"columnLineage": facet}
    start, end = min(edge.first_seen for edge in edges), max(edge.last_seen for edge in edges)
    told = f"{namespace}/{target}<{','.join(edge.source.table for edge in edges)}@{end.isoformat()}"
    run = str(uuid.uuid5(_RUNS, told))
    for kind, moment in (("START", start), ("COMPLETE", end)):
        yield {
            "eventType": kind,
            "eventTime": moment.isoformat(),
            "producer": PRODUCER,
            "schemaURL": _EVENT,
            "run": {"runId": run},
            "job": {"namespace": namespace, "name": target},
            "inputs": [_dataset(namespace, edge.source.table) for edge in edges],
            "outputs": [output],
        }


def _fields(columns: LineageGraph, namespace: str) -> dict[str, dict[str, Any]]:
    """Return for each table and each of its columns what that is made of."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for edge in sorted(columns.edges, key=lambda edge: (edge.target, edge.source)):
        made_of = found[edge.target.table].setdefault(str(edge.target.column), {"inputFields": []})
        dataset = _dataset(namespace, edge.source.table)
        made_of["inputFields"].append({**dataset, "field": str(edge.source.column)})
    return found


def _dataset(namespace: str, table: str) -> dict[str, Any]:
    """Return a table's name in the workspace, or a path's in its store."""
    if "/" not in table:
        return {"namespace": namespace, "name": table}
    url = urlsplit(table)
    if not url.netloc:
        return {"namespace": "file" if not table.startswith("/Volumes/") else namespace, "name": table}
    return {"namespace": f"{url.scheme}://{url.netloc}", "name": url.path.strip("/") or "/"}
