"""Jobs from YAML, and what must hold between jobs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest import ConfigLoader, Job

ERP = "- source_type: postgres\n  source_name: erp\n"


def loader(folder: Path, text: str) -> ConfigLoader:
    path = folder / "jobs.yaml"
    path.write_text(text, encoding="utf-8")
    return ConfigLoader(path, folder / "none.toml", {})


def jobs(folder: Path, text: str) -> list[Job]:
    return loader(folder, text).load_jobs()


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        jobs(folder, text)
    return str(raised.value).replace(f"{folder}/", "").splitlines()


def test_jobs_and_their_defaults(tmp_path: Path) -> None:
    text = """
defaults: {source_type: postgres, source_name: erp, retries: 5}
jobs:
- {table_name: sales.orders, primary_key: [id, line], types: {amount: "decimal(20,4)"}}
- {table_name: items, retries: 0, last_watermark: 2024-05-01, watermark_column: at, load_type: INCREMENTAL}
"""
    orders, items = jobs(tmp_path, text)
    assert (orders.schema_name, orders.retries, orders.primary_key) == ("sales", 5, ("id", "line"))
    assert (items.retries, items.last_watermark) == (0, date(2024, 5, 1))


def test_every_mistake_with_line_and_column(tmp_path: Path) -> None:
    text = f"""jobs:
{ERP}  table_name: a
  load_type: INCREMENTALL
  page_sise: 5
{ERP}  table_name: b
  types: {{x: strin}}
"""
    assert mistakes(tmp_path, text) == [
        "jobs.yaml:5:14: load_type 'INCREMENTALL': must be FULL or INCREMENTAL; did you mean 'INCREMENTAL'?",
        "jobs.yaml:6:14: unknown key 'page_sise'; did you mean 'page_size'?",
        "jobs.yaml:10:10: types '{'x': 'strin'}': x: 'strin' is not a data type: unknown type 'strin'"
        " at position 0",
    ]


def test_a_mistake_in_the_defaults_is_told_once_and_there(tmp_path: Path) -> None:
    text = f"defaults:\n  evolution: evolv\njobs:\n{ERP}  table_name: a\n{ERP}  table_name: b\n"
    assert mistakes(tmp_path, text) == [
        "jobs.yaml:2:14: evolution 'evolv': must be evolve, freeze, discard_value or discard_row;"
        " did you mean 'evolve'?"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "jobs.yaml: the key 'jobs' is missing"),
        ("job: []\n", "jobs.yaml:1:1: unknown key 'job'; did you mean 'jobs'?"),
        ("jobs: 5\n", "jobs.yaml:1:7: jobs: input should be a valid list"),
        ("jobs: [1]\n", "jobs.yaml:1:8: jobs.0: input should be a valid dictionary"),
        ("jobs: [\n", "jobs.yaml:2:1: is not valid YAML"),
        ("jobs:\n- {last_watermark: 2024-13-45}\n", "jobs.yaml: is not valid YAML: month must be in 1..12"),
    ],
)
def test_a_file_that_is_no_list_of_jobs(tmp_path: Path, text: str, message: str) -> None:
    assert any(line.startswith(message) for line in mistakes(tmp_path, text)), mistakes(tmp_path, text)


def two(first: str, second: str) -> str:
    return f"jobs:\n{ERP}{first}{ERP}{second}"


def test_two_jobs_of_one_name(tmp_path: Path) -> None:
    text = two("  table_name: a\n  target_table: x\n", "  table_name: a\n  target_table: y\n")
    assert mistakes(tmp_path, text) == [
        "jobs.yaml:8:15: table_name 'a': the job at jobs.yaml:2:3 is also called 'erp.a';"
        " give one another name"
    ]
    assert len(jobs(tmp_path, text.replace("x\n", "x\n  name: first\n"))) == 2
    assert len(jobs(tmp_path, text.replace("x\n", "x\n  enabled: false\n"))) == 2


def test_two_jobs_that_replace_one_table(tmp_path: Path) -> None:
    text = two("  table_name: a\n  target_table: T\n", "  table_name: b\n  target_table: t\n")
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(
        "jobs.yaml:9:17: target_table 't': the job 'erp.a' (jobs.yaml:2:3) fills the table t too"
    )
    assert "'erp.a' with strategy 'replace' would remove its rows" in line
    both_append = text.replace("table: T", "table: T\n  strategy: append").replace(
        "table: t", "table: t\n  strategy: append"
    )
    assert len(jobs(tmp_path, both_append)) == 2
    other_schema = text.replace("table: t", "table: t\n  target_schema: other")
    assert len(jobs(tmp_path, other_schema)) == 2


def test_two_jobs_that_merge_into_one_table_by_other_keys(tmp_path: Path) -> None:
    merge = "  target_table: t\n  strategy: merge\n"
    text = two(
        f"  table_name: a\n  primary_key: [id]\n{merge}", f"  table_name: b\n  primary_key: [nr]\n{merge}"
    )
    assert "by another primary key" in mistakes(tmp_path, text)[0]
    assert len(jobs(tmp_path, text.replace("[nr]", "[ID]"))) == 2


def test_a_pattern_and_a_table_that_it_matches(tmp_path: Path) -> None:
    text = two("  table_name: sales.*\n", "  table_name: sales.orders\n")
    (line,) = mistakes(tmp_path, text)
    assert "the pattern '*' of 'erp.sales.*' (jobs.yaml:2:3) loads it too" in line
    assert len(jobs(tmp_path, text.replace("sales.*", "sales.item*"))) == 2
    assert len(jobs(tmp_path, text.replace("sales.orders", "hr.orders"))) == 2


def test_one_source_of_two_types(tmp_path: Path) -> None:
    text = f"jobs:\n{ERP}  table_name: a\n- source_type: mysql\n  source_name: erp\n  table_name: b\n"
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(
        "jobs.yaml:5:16: source_type 'mysql': the source 'erp' is postgres at jobs.yaml:2:3"
    )


def test_an_unknown_source_type(tmp_path: Path) -> None:
    text = "jobs:\n- source_type: postgress\n  source_name: erp\n  table_name: a\n"
    (line,) = mistakes(tmp_path, text)
    assert line.startswith(
        "jobs.yaml:2:16: source_type 'postgress': unknown source type 'postgress'; did you mean"
    )
