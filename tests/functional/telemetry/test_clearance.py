"""What is asked of governance: clearance before statements are sent, and what has to be complied with."""

from __future__ import annotations

from pathlib import Path

from lakestead.testing import Workspace

from .test_programs import run

PROGRAM = """
import sys
from lakestead.client import Profile
from lakestead.core.errors import PolicyError
from lakestead.telemetry import instrument_databricks_unity_catalog

instrument_databricks_unity_catalog(enable_rbac=True)
with Profile().sql_connection() as connection, connection.cursor() as cursor:
    print(cursor.execute("SELECT count(*) FROM SCHEMA.open").fetchone()[0])
    try:
        cursor.execute("SELECT * FROM SCHEMA.secret")
    except PolicyError as error:
        print("refused", "restricted" in str(error))
"""


def test_a_table_above_the_clearance_cannot_be_read(
    workspace_session: Workspace, schema: str, tmp_path: Path
) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {schema}.open (id INT)")
        cursor.execute(f"CREATE TABLE {schema}.secret (id INT)")
        cursor.execute(f"ALTER TABLE {schema}.secret SET TAGS ('classification' = 'restricted')")
    printed = run(tmp_path, PROGRAM.replace("SCHEMA", schema), **workspace_session.env())
    assert printed.splitlines() == ["0", "refused True"]
    (tmp_path / "governance.yaml").write_text("classification:\n  everyone: restricted\n", encoding="utf-8")
    printed = run(tmp_path, PROGRAM.replace("SCHEMA", schema), **workspace_session.env())
    assert printed.splitlines() == ["0"]


def test_what_frameworks_ask_for_is_looked_up(workspace_session: Workspace, tmp_path: Path) -> None:
    text = """
from lakestead.telemetry import instrument_databricks_unity_catalog

report = instrument_databricks_unity_catalog(compliance_frameworks=["GDPR"]).check_compliance()
print({requirement.framework for requirement in report.requirements})
"""
    assert run(tmp_path, text, **workspace_session.env()) == "{'GDPR'}\n"


GOVERNED = """
from lakestead.client import Profile
from lakestead.core.errors import PolicyError
from lakestead.telemetry import attribution, auto_instrument_databricks

auto_instrument_databricks()
with Profile().sql_connection() as connection, connection.cursor() as cursor:
    for team in ("a", "SPENDER"):
        with attribution(team=team):
            try:
                cursor.execute("STATEMENT")
                print(team, "sent")
            except PolicyError as error:
                print(team, "refused", error)
"""


def test_policies_of_the_governance_file_stop_statements(
    workspace_session: Workspace, schema: str, tmp_path: Path
) -> None:
    (tmp_path / "governance.yaml").write_text(
        "telemetry: {enforce_governance: true}\n"
        f"policies:\n  described: {{rule: documented, mode: block, scope: [{schema}.*]}}\n",
        encoding="utf-8",
    )
    made = GOVERNED.replace("STATEMENT", f"CREATE OR REPLACE TABLE {schema}.t (id INT)").replace(
        "SPENDER", "b"
    )
    first, second = run(tmp_path, made, **workspace_session.env()).splitlines()
    assert first.startswith("a refused")
    assert second.startswith("b refused")
    assert "is made without a COMMENT" in first
    made = made.replace("(id INT)", "(id INT) COMMENT 'of things'")
    assert run(tmp_path, made, **workspace_session.env()).splitlines() == ["a sent", "b sent"]


def test_budgets_of_the_governance_file_stop_statements(
    workspace_session: Workspace, schema: str, tmp_path: Path
) -> None:
    spender = schema.rpartition(".")[2]
    (tmp_path / "governance.yaml").write_text(
        "telemetry: {enforce_governance: true}\n"
        f"budgets:\n  - {{name: small, team: {spender}, amount: '0.0000000001', contact: kim@example.com}}\n",
        encoding="utf-8",
    )
    program = GOVERNED.replace("STATEMENT", "SELECT count(*) FROM range(100000)").replace("SPENDER", spender)
    assert run(tmp_path, program, **workspace_session.env()).splitlines() == ["a sent", f"{spender} sent"]
    other, mine = run(tmp_path, program, **workspace_session.env()).splitlines()
    assert other == "a sent"
    assert mine.startswith(f"{spender} refused")
    assert "small" in mine
    assert "kim@example.com" in mine
    file = tmp_path / "governance.yaml"
    me = workspace_session.client().current_user.me().user_name
    file.write_text(file.read_text().replace("contact:", f"exempt: {{users: ['{me}']}}, contact:"))
    assert run(tmp_path, program, **workspace_session.env()).splitlines() == ["a sent", f"{spender} sent"]
