"""What `lakestead.yaml` may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.run import Project, load_project
from lakestead.run.project import WorkspaceChoice

START = "name: shop\nschema: shop\n"


def load(tmp_path: Path, text: str) -> Project:
    (tmp_path / "lakestead.yaml").write_text(START + text, encoding="utf-8")
    return load_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ingestion: {}\n", "lakestead.yaml:3:1: unknown key 'ingestion'"),
        ("colums: {}\n", "unknown key 'colums'"),
        (
            "tables:\n  a:\n    colums: {x: int}\n",
            "lakestead.yaml:5:5: unknown key 'colums'; did you mean 'columns'?",
        ),
        (
            "tables:\n  a:\n    columns: {}\n",
            "lakestead.yaml:5:14: tables.a.columns: dictionary should have at least 1",
        ),
        ("tables:\n  a:\n    columns: {x: int}\n    files: a.csv\n", "'files' and 'format' go together"),
        ("tables:\n  a:\n    columns: {x: int}\n    primary_key: [y]\n", "a key names the column 'y'"),
        (
            "tables:\n  a:\n    columns: {x: int}\n    foreign_keys: [{columns: [x], references: b}]\n",
            "a foreign key refers to 'b', no table here with a primary key of 1 column(s)",
        ),
        ("tables:\n  a.b:\n    columns: {x: int}\n", "has the character '.'"),
        (
            "workspace: prod\n",
            "lakestead.yaml:3:12: workspace: must be 'embedded', 'environment', or a mapping",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_tables_are_created_after_those_they_refer_to(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        """\
tables:
  orders:
    columns: {id: int, customer: int}
    foreign_keys: [{columns: [customer], references: customers}]
  customers:
    columns: {id: int, parent: int}
    primary_key: [id]
    foreign_keys: [{columns: [parent], references: customers}]
""",
    )
    assert project.creation_order() == ["customers", "orders"]
    assert project.tables["customers"].required("id")
    assert not project.tables["orders"].required("id")


def test_keys_that_go_round_in_a_circle(tmp_path: Path) -> None:
    table = "columns: {id: int}, primary_key: [id], foreign_keys: [{columns: [id], references: "
    project = load(tmp_path, f"tables:\n  a: {{{table}b}}]}}\n  b: {{{table}a}}]}}\n")
    with pytest.raises(ConfigError, match="a, b go round in a circle"):
        project.creation_order()


def test_options_are_texts_to_sql(tmp_path: Path) -> None:
    options = "{header: true, nullValue: NA, skipRows: 1}"
    project = load(
        tmp_path, f"tables:\n  a: {{columns: {{x: int}}, files: a.csv, format: csv, options: {options}}}\n"
    )
    assert project.tables["a"].options == {"header": "true", "nullValue": "NA", "skipRows": "1"}


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("", WorkspaceChoice()),
        ("workspace: embedded\n", WorkspaceChoice()),
        ("workspace: environment\n", WorkspaceChoice(environment=True)),
        (
            "workspace: {profile: prod, warehouse_id: abc}\n",
            WorkspaceChoice(profile="prod", warehouse_id="abc"),
        ),
        ("workspace: {folder: /data/ws}\n", WorkspaceChoice(folder=Path("/data/ws"))),
    ],
)
def test_where_a_project_runs(tmp_path: Path, text: str, choice: WorkspaceChoice) -> None:
    assert load(tmp_path, text).workspace == choice


def test_a_folder_without_a_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no lakestead\.yaml here"):
        load_project(tmp_path)
