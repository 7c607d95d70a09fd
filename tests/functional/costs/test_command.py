"""`lakestead costs …` as a user runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lakestead.testing import Workspace
from tests.functional.command import lakestead
from tests.functional.costs.ledger import Books
from tests.functional.costs.test_report import DAY, WAREHOUSE

SPAN = ["--since", str(DAY), "--until", str(DAY.replace(day=DAY.day + 1))]


@pytest.fixture
def filled(books: Books) -> Books:
    books.keep(WAREHOUSE)
    return books


def run(workspace: Workspace, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lakestead("costs", *arguments, folder=folder, environment={**workspace.env(), "COLUMNS": "120"})


def test_a_report(workspace_session: Workspace, filled: Books, tmp_path: Path) -> None:
    done = run(workspace_session, tmp_path, "report", "--catalog", filled.catalog, *SPAN)
    assert done.returncode == 0, done.stderr
    assert "loading" in done.stdout
    assert "total 4.30 USD" in done.stdout
    assert "idle warehouses 1.00 USD" in done.stdout


def test_a_report_for_machines_takes_declarations(
    workspace_session: Workspace, filled: Books, tmp_path: Path
) -> None:
    (tmp_path / "governance.yaml").write_text(
        "attribution:\n  fallbacks:\n    - {product: JOBS, team: platform}\n", encoding="utf-8"
    )
    done = run(workspace_session, tmp_path, "report", "--catalog", filled.catalog, *SPAN, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {share["name"]: share["cost"] for share in found["shares"]} == {
        "bi": "3.25",
        "loading": "0.75",
        "platform": "0.3",
    }
    assert (found["cost"], found["idle"], found["coverage"]) == ("4.3", "1", "1.000000")


def test_a_page_needs_nothing_else(workspace_session: Workspace, filled: Books, tmp_path: Path) -> None:
    done = run(
        workspace_session, tmp_path, "report", "--catalog", filled.catalog, *SPAN, "--html", "costs.html"
    )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "costs.html").read_text(encoding="utf-8")
    assert "By team" in text
    assert "By day" in text
    assert "By warehouse" in text
    assert not any(word in text for word in ("http:", "https:", "<script", "url(", "<link"))


def test_what_is_nobodys_ends_with_1(workspace_session: Workspace, filled: Books, tmp_path: Path) -> None:
    done = run(workspace_session, tmp_path, "untagged", "--catalog", filled.catalog, *SPAN)
    assert done.returncode == 1, done.stderr
    assert "JOBS job" in done.stdout


def test_focus(workspace_session: Workspace, filled: Books, tmp_path: Path) -> None:
    done = run(workspace_session, tmp_path, "focus", "out.csv", "--catalog", filled.catalog, *SPAN)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 charges written to out.csv\n"


def test_an_estimate(workspace_session: Workspace, tmp_path: Path) -> None:
    done = run(workspace_session, tmp_path, "estimate", "SELECT 1", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bytes"] == 0


def test_mistakes_end_with_2_and_say_where(workspace_session: Workspace, tmp_path: Path) -> None:
    done = run(workspace_session, tmp_path, "report", "--since", "yesterday")
    assert done.returncode == 2
    assert "--since 'yesterday' is no day" in done.stderr
    (tmp_path / "governance.yaml").write_text("attribution:\n  teem: [a]\n", encoding="utf-8")
    done = run(workspace_session, tmp_path, "report")
    assert done.returncode == 2
    assert "governance.yaml:2:3: unknown key 'teem'; did you mean 'team'?" in done.stderr
