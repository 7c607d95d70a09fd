"""`lakestead govern check`, `plan`, `apply`, `audit` and `retention`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.testing import Workspace
from tests.functional.command import lakestead

Command = Callable[..., subprocess.CompletedProcess[str]]

TEXT = """
policies:
  tagged: {rule: required_tags, scope: SCHEMA, tags: {team: []}, defaults: {team: core}}
compliance: {scope: SCHEMA}
retention:
  visits: {scope: SCHEMA.visits, column: at, days: 30}
"""


@pytest.fixture
def govern(workspace_session: Workspace, warehouse: Warehouse, schema: str, tmp_path: Path) -> Command:
    """Runs the command in a folder with a governance file, beside a table that breaks it."""
    warehouse.rows(f"CREATE TABLE {schema}.visits (id INT, at DATE)")
    warehouse.rows(f"INSERT INTO {schema}.visits VALUES (1, DATE '2000-01-01')")
    (tmp_path / "governance.yaml").write_text(TEXT.replace("SCHEMA", schema))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return lakestead("govern", *arguments, folder=tmp_path, environment=workspace_session.env())

    return run


def test_what_breaks_policies_is_shown_planned_and_put_right(govern: Command, schema: str) -> None:
    found = govern("check", "--json")
    assert found.returncode == 1, found.stderr
    (finding,) = json.loads(found.stdout)["findings"]
    assert (finding["policy"], finding["resource"]) == ("tagged", f"{schema}.visits")
    assert "the tag 'team' is missing" in govern("check").stdout
    (planned,) = json.loads(govern("plan", "--json").stdout)
    assert planned["statement"].endswith("SET TAGS ('team' = 'core')")
    assert govern("apply").returncode == 1  # nobody agreed
    assert govern("apply", "--yes").stderr.endswith("1 changes made\n")
    assert govern("apply", "--yes").stdout == "nothing to change\n"
    kept = govern("check")
    assert (kept.returncode, kept.stdout) == (0, "all 1 policies are kept\n")


def test_overdue_rows_are_deleted_only_on_approval(
    govern: Command, warehouse: Warehouse, schema: str
) -> None:
    seen = govern("retention", "--json")
    assert seen.returncode == 1
    assert [one["rows"] for one in json.loads(seen.stdout)] == [1]
    assert govern("retention", "--apply").returncode == 1  # nobody agreed
    assert len(warehouse.rows(f"SELECT * FROM {schema}.visits")) == 1
    done = govern("retention", "--apply", "--yes")
    assert (done.returncode, done.stderr) == (0, f"lakestead: {schema}.visits: 1 rows deleted\n")
    assert warehouse.rows(f"SELECT * FROM {schema}.visits") == []
    assert govern("retention").returncode == 0


def test_an_audit_is_a_table_a_page_or_json(govern: Command, tmp_path: Path) -> None:
    shown = govern("audit", "gdpr", "--html", "report.html")
    assert shown.returncode == 1
    assert "Art. 5(1)(e)" in shown.stdout
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    report = json.loads(govern("audit", "SOX", "--json").stdout)
    assert list(report["frameworks"]) == ["SOX"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["audit", "GDRP"], "unknown framework 'GDRP'; did you mean 'GDPR'?"),
        (["check", "--governance", "none.yaml"], "none.yaml: cannot be read"),
    ],
)
def test_what_is_wrong_is_told(govern: Command, arguments: list[str], message: str) -> None:
    done = govern(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_without_declarations_it_says_so(govern: Command, tmp_path: Path) -> None:
    (tmp_path / "governance.yaml").unlink()
    done = govern("check")
    assert done.returncode == 2
    assert "there is no governance.yaml here" in done.stderr
