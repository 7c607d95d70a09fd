"""Tables that a project's own Python programs make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lakestead.core.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from conftest import Shop

PROGRAM = """
import os
from lakestead.records import DatabricksConnector

place = os.environ["LAKESTEAD_CATALOG"] + "." + os.environ["LAKESTEAD_SCHEMA"]
with DatabricksConnector() as connector:
    query = f"SELECT id, amount * 2 AS score FROM {place}.revenue"
    connector.execute(f"CREATE OR REPLACE TABLE {place}.scores AS {query}")
"""


@pytest.fixture
def scoring(shop: Shop) -> Shop:
    shop.write("score.py", PROGRAM)
    shop.edit(
        "lakestead.yaml",
        "statements: [derive.sql]",
        "statements: [derive.sql]\nprograms: [{run: score.py, makes: [scores]}]",
    )
    return shop


def test_a_program_runs_when_it_or_what_it_reads_has_changed(scoring: Shop) -> None:
    assert scoring.preview()[-1] == "run score.py"
    summary = scoring.run()
    assert summary.steps[-1].title == "run score.py"
    assert summary.tables[-1].name.endswith(".scores")
    assert [float(row[0]) for row in scoring.rows("SELECT score FROM scores ORDER BY id")] == [79.0, 10.5]
    assert scoring.titles() == scoring.preview() == []

    scoring.write("files/orders2.csv", "id,customer,amount\n13,2,1.00\n")
    assert scoring.preview()[-1] == "run score.py"
    assert scoring.titles()[-1] == "run score.py"
    assert [float(row[0]) for row in scoring.rows("SELECT score FROM scores ORDER BY id")] == [79.0, 12.5]

    scoring.edit("score.py", "amount * 2", "amount * 3")
    assert scoring.titles() == ["run score.py"]
    scoring.rows("DROP TABLE scores")
    assert scoring.titles() == ["run score.py"]


def test_a_program_that_fails_says_what_it_said(scoring: Shop) -> None:
    scoring.write("score.py", "raise SystemExit('no model today')")
    with pytest.raises(SourceError, match=r"score.py failed \(exit code 1\):\nno model today"):
        scoring.run()
    scoring.write("score.py", "")
    with pytest.raises(SourceError, match="did not make scores"):
        scoring.run()
    (scoring.folder / "score.py").unlink()
    with pytest.raises(ConfigError, match=r"score\.py does not exist"):
        scoring.run()
