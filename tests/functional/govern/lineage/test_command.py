"""`lakestead govern lineage`, `impact` and `import`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pydot
import pytest

from lakestead.testing import Workspace
from tests.functional.command import lakestead

from .planted import Planted

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def govern(workspace_session: Workspace, tmp_path: Path) -> Command:
    """Runs the command in a folder of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return lakestead("govern", *arguments, folder=tmp_path, environment=workspace_session.env())

    return run


@pytest.fixture
def orders(planted: Planted, tmp_path: Path) -> str:
    """A table with lineage: raw → orders → (daily, gone), and of a column."""
    catalog = planted.catalog
    (tmp_path / "governance.yaml").write_text(f"lineage:\n  system: {catalog}\n", encoding="utf-8")
    for name in ("raw", "orders", "daily"):
        planted.warehouse.execute(f"CREATE TABLE {catalog}.s.{name} (id INT)").close()
    names = {name: f"{catalog}.s.{name}" for name in ("raw", "orders", "daily", "gone")}
    planted.add(
        (names["raw"], names["orders"]),
        (names["orders"], names["daily"]),
        (names["orders"], names["gone"]),
        (names["gone"], names["orders"]),
        (names["raw"] + ".id", names["orders"] + ".id"),
    )
    return names["orders"]


def test_a_tree(govern: Command, orders: str) -> None:
    done = govern("lineage", orders)
    assert done.returncode == 0, done.stderr
    catalog = orders.partition(".")[0]
    assert [line.strip("├─└│ ") for line in done.stdout.splitlines()] == [
        f"{orders} is made of",
        f"{catalog}.s.gone (not there)",
        f"{orders} (above)",
        f"{catalog}.s.raw",
        f"{orders} goes into",
        f"{catalog}.s.daily",
        f"{catalog}.s.gone (not there)",
        f"{orders} (above)",
    ]


def test_what_machines_read(govern: Command, orders: str) -> None:
    said = json.loads(govern("lineage", orders, "--upstream", "--hops", "1", "--json").stdout)
    assert len(said["edges"]) == 2
    columns = json.loads(govern("lineage", orders, "--column", "--format", "json").stdout)
    assert {one["column"] for one in columns["nodes"]} == {"id"}
    assert govern("lineage", orders, "--format", "mermaid").stdout.startswith("flowchart LR\n")


@pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")
def test_graphviz(govern: Command, orders: str) -> None:
    parsed = pydot.graph_from_dot_data(govern("lineage", orders, "--format", "dot").stdout)
    assert parsed is not None
    assert len(parsed[0].get_edges()) == 4


@pytest.mark.parametrize("column", ["", ".id"])
def test_openlineage(govern: Command, orders: str, column: str) -> None:
    done = govern("lineage", orders + column, "--format", "openlineage")
    events = json.loads(done.stdout)
    assert {event["eventType"] for event in events} == {"START", "COMPLETE"}
    [made] = [event for event in events if event["job"]["name"] == orders and event["eventType"] == "START"]
    assert list(made["outputs"][0]["facets"]["columnLineage"]["fields"]) == ["id"]


def test_impact(govern: Command, orders: str) -> None:
    done = govern("impact", orders, "--json")
    assert done.returncode == 1, done.stderr
    broken = json.loads(done.stdout)["broken"]
    assert [one["name"] for one in broken] == [orders.replace("orders", "daily")]
    shown = govern("impact", orders)
    assert shown.returncode == 1
    assert f"Dropping {orders} breaks 1" in shown.stdout
    assert "Tell admin@lakestead.local." in shown.stdout
    assert govern("impact", orders.replace("orders", "daily")).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["lineage", "a b"], 2, "is not a valid name"),
        (["impact", "main.default"], 2, "is no table"),
        (["impact", "main.default.nothing"], 1, "there is no table"),
        (["import", "glue", "nothing.json", "--catalog", "main"], 2, "does not exist"),
    ],
)
def test_what_is_wrong(govern: Command, arguments: list[str], code: int, message: str) -> None:
    done = govern(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert message in done.stderr


def atlas(folder: Path) -> None:
    names = {"1": "hive_table", "2": "hive_table"}
    entities = [
        {"guid": guid, "typeName": kind, "attributes": {"qualifiedName": f"s.t{guid}@cl"}}
        for guid, kind in names.items()
    ]
    ways = {"inputs": [{"guid": "1"}], "outputs": [{"guid": "2"}], "qualifiedName": "s.t2@cl:1"}
    entities.append({"guid": "3", "typeName": "hive_process", "attributes": ways})
    (folder / "atlas.json").write_text(json.dumps({"entities": entities}), encoding="utf-8")


def test_import_of_atlas(govern: Command, catalog: str, tmp_path: Path) -> None:
    atlas(tmp_path)
    command = ["import", "atlas", "atlas.json", "--catalog", catalog]
    shown = govern(*command)
    assert f"{catalog}.s.t1 → {catalog}.s.t2 (hive_process)" in shown.stdout
    assert "1 changes, not made: --apply makes them." in shown.stdout
    homeless = govern(*command, "--apply")
    assert (homeless.returncode, "say where lineage is kept" in homeless.stderr) == (2, True)
    (tmp_path / "governance.yaml").write_text(
        "lineage: {file: lineage.jsonl, system: null}\n", encoding="utf-8"
    )
    assert govern(*command, "--apply").stdout.endswith("1 changes.\n")
    assert govern(*command, "--apply").stdout.endswith("Nothing to change.\n")
    tree = govern("lineage", f"{catalog}.s.t1").stdout
    assert f"{catalog}.s.t2" in tree


def test_import_of_glue(govern: Command, catalog: str, tmp_path: Path) -> None:
    tables = [{"DatabaseName": "sales", "Name": "odd"}]
    (tmp_path / "tables.json").write_text(json.dumps({"TableList": tables}), encoding="utf-8")
    command = ["import", "glue", "tables.json", "--catalog", catalog]
    assert "left out: sales.odd: no external table reads the SerDe 'none'" in govern(*command).stdout
    assert govern(*command, "--apply").returncode == 1
    assert govern(*command, "--apply", "--partly").stdout.startswith(f"CREATE SCHEMA `{catalog}`.`sales`\n")
    said = json.loads(govern(*command, "--json").stdout)
    assert (said["steps"], said["present"]) == ([], [f"{catalog}.sales"])
