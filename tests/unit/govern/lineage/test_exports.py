"""Graphs as other programs read them: parsed again by pydot and by OpenLineage's own classes."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pyarrow as pa
import pydot
import pytest
from openlineage.client import event_v2
from openlineage.client.generated import column_lineage_dataset

from lakestead.core.errors import SourceError
from lakestead.govern.lineage.edges import SCHEMA, SEPARATOR, Level
from lakestead.govern.lineage.exports.openlineage import emit
from lakestead.govern.lineage.graph import LineageGraph, lineage_graph

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
HOST = "https://one.cloud.databricks.com"
WILD = 'we"ird\\ta<b>le #1; {x} [y] (z) | `q`\n--> end'


def graph(*pairs: tuple[str, str], level: Level = Level.TABLE, **values: Any) -> LineageGraph:
    facts = {"first_seen": NOON, "last_seen": NOON + dt.timedelta(hours=1), "events": 2, "tracked": True}
    rows = [{"source": source, "target": target, **facts, **values} for source, target in pairs]
    return lineage_graph(pa.Table.from_pylist(rows, schema=SCHEMA), level)


def column(table: str, name: str) -> str:
    return table + SEPARATOR + name


TABLES = graph(("c.s.a", "c.s.b"), ("s3://bucket/raw/x.csv", "c.s.b"), ("c.s.b", "c.s." + WILD))
COLUMNS = graph(
    (column("c.s.a", "id"), column("c.s.b", "key")),
    (column("c.s.a", WILD), column("c.s.b", "key")),
    (column("c.s.b", "key"), column("c.s." + WILD, "key")),
    level=Level.COLUMN,
)


def test_json_says_all() -> None:
    checked = TABLES.checked({"c.s.a", "c.s." + WILD})
    said = json.loads(json.dumps(checked.to_json()))
    names = {one["id"]: one["name"] for one in said["nodes"]}
    assert {(names[one["source"]], names[one["target"]]) for one in said["edges"]} == {
        ("c.s.a", "c.s.b"),
        ("s3://bucket/raw/x.csv", "c.s.b"),
        ("c.s.b", "c.s." + WILD),
    }
    assert [one["name"] for one in said["nodes"] if one["missing"]] == ["c.s.b"]
    assert {one["first_seen"] for one in said["edges"]} == {"2026-01-01T12:00:00+00:00"}
    assert {one["tracked"] for one in said["edges"]} == {True}


# pydot uses old names of pyparsing.
@pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")
@pytest.mark.parametrize("drawn", [TABLES, COLUMNS])
def test_graphviz_reads_it_back(drawn: LineageGraph) -> None:
    parsed = pydot.graph_from_dot_data(drawn.checked({"c.s.a"}).to_dot())
    assert parsed is not None
    [found] = parsed
    boxes = list(found.get_nodes())
    for cluster in found.get_subgraphs():
        boxes += cluster.get_nodes()
    labels = {
        box.get_name(): json.loads(box.get_label())
        for box in boxes
        if box.get_name() not in ("node", "graph")
    }
    told = [(labels[one.get_source()], labels[one.get_destination()]) for one in found.get_edges()]
    column_or_table = [
        (one.source[-1] or str(one.source), one.target[-1] or str(one.target)) for one in drawn.edges
    ]
    assert Counter(told) == Counter(column_or_table)
    dashed = {labels[box.get_name()] for box in boxes if box.get("style")}
    assert dashed >= ({"c.s.b"} if drawn is TABLES else {"key"})


_MERMAID = re.compile(
    r'flowchart LR|  (  )?n\d+\["[^#"<>&`\\;|{}\[\]()\n]*(#\d+;[^#"<>&`\\;|{}\[\]()\n]*)*"\]'
    r'|  subgraph t\d+\["[^"\n]*"\]|  end|  n\d+ --> n\d+'
    r"|  classDef missing [\w:\- ]+|  class [n\d,]+ missing"
)


@pytest.mark.parametrize("drawn", [TABLES, COLUMNS])
def test_mermaid_has_no_line_but_known_ones(drawn: LineageGraph) -> None:
    text = drawn.checked({"c.s.a"}).to_mermaid()
    strange = [line for line in text.splitlines() if not _MERMAID.fullmatch(line)]
    assert strange == []
    assert text.count("-->") == drawn.size
    label = re.search(r'\["((?:c\.s\.)?we.*?)"\]', text)
    assert label is not None
    shown = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label[1])
    assert shown.removeprefix("c.s.") == WILD


def read(event: dict[str, Any]) -> event_v2.RunEvent:
    """Make OpenLineage's own event of one; what it does not know, and what is missing, fails."""
    given = dict(event)
    given["eventType"] = event_v2.RunState(given["eventType"])
    given["run"] = event_v2.Run(**given["run"])
    given["job"] = event_v2.Job(**given["job"])
    given["inputs"] = [event_v2.InputDataset(**one) for one in given["inputs"]]
    given["outputs"] = [output(one) for one in given["outputs"]]
    schema = given.pop("schemaURL")
    made = event_v2.RunEvent(**given)
    assert schema == made.schemaURL
    return made


def output(given: dict[str, Any]) -> event_v2.OutputDataset:
    facets = {}
    for name, facet in given.get("facets", {}).items():
        assert name == "columnLineage"
        fields = {
            column: column_lineage_dataset.Fields(
                [column_lineage_dataset.InputField(**one) for one in made["inputFields"]]
            )
            for column, made in facet["fields"].items()
        }
        facets[name] = column_lineage_dataset.ColumnLineageDatasetFacet(
            fields=fields, producer=facet["_producer"]
        )
        assert facet["_schemaURL"] == facets[name]._schemaURL
    return event_v2.OutputDataset(given["namespace"], given["name"], facets)


def test_openlineage_events() -> None:
    events = TABLES.to_openlineage(HOST, COLUMNS)
    read_back = [read(event) for event in events]
    kinds = Counter((one.run.runId, one.eventType) for one in read_back)
    assert set(kinds.values()) == {1}
    assert len(kinds) == 2 * len({run for run, _ in kinds}) == 4
    first = read_back[0]
    assert (first.job.namespace, first.job.name) == ("unitycatalog://one.cloud.databricks.com", "c.s.b")
    assert [(one.namespace, one.name) for one in first.inputs or []] == [
        ("unitycatalog://one.cloud.databricks.com", "c.s.a"),
        ("s3://bucket", "raw/x.csv"),
    ]
    facet = events[0]["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert {one["field"] for one in facet["key"]["inputFields"]} == {"id", WILD}


def test_the_same_lineage_is_the_same_run() -> None:
    assert TABLES.to_openlineage(HOST) == TABLES.to_openlineage(HOST)
    runs = {event["run"]["runId"] for event in TABLES.to_openlineage(HOST)}
    later = graph(("c.s.a", "c.s.b"), last_seen=NOON + dt.timedelta(days=1))
    assert runs.isdisjoint(event["run"]["runId"] for event in later.to_openlineage(HOST))


def test_events_are_of_tables() -> None:
    with pytest.raises(ValueError, match="graph of tables"):
        COLUMNS.to_openlineage(HOST)


class Received(ThreadingHTTPServer):
    """Takes events, but for a job of the name `refused`."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str | None, Any]] = []
        super().__init__(("127.0.0.1", 0), Receive)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Receive(BaseHTTPRequestHandler):
    server: Received

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.events.append((self.path, self.headers["Authorization"], event))
        self.send_response(400 if event["job"]["name"] == "c.s.refused" else 201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def received() -> Iterator[Received]:
    with Received() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_events_are_sent(received: Received) -> None:
    events = TABLES.to_openlineage(HOST)
    assert emit(events, received.url + "/", token="secret") == 4
    assert [event for _, _, event in received.events] == events
    assert {(path, token) for path, token, _ in received.events} == {("/api/v1/lineage", "Bearer secret")}


def test_a_refused_event_ends_it(received: Received) -> None:
    told = graph(("c.s.a", "c.s.b"), ("c.s.a", "c.s.refused"), ("c.s.a", "c.s.z"))
    events = told.to_openlineage(HOST)
    with pytest.raises(SourceError, match=r"refuses event 3 with 400"):
        emit(events, received.url)
    assert len(received.events) == 3


def test_nobody_there() -> None:
    with Received() as server:
        url = server.url
    with pytest.raises(SourceError, match="cannot be reached after 0 events"):
        emit(TABLES.to_openlineage(HOST), url)
