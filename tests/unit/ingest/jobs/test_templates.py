"""Templates are right themselves, and explain every field."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from lakestead.core.errors import ConfigError
from lakestead.ingest import ConfigLoader, Job
from lakestead.ingest.secrets import resolve
from lakestead.ingest.templates import write_templates


@pytest.mark.parametrize("suffix", ["xlsx", "yaml"])
def test_a_template_is_right_and_runs_nothing(tmp_path: Path, suffix: str) -> None:
    path, *_ = write_templates(tmp_path, [suffix])
    loader = ConfigLoader(path, tmp_path / "none.toml", {})
    assert loader.check() == []
    jobs = loader.load_jobs()
    assert {job.source_type for job in jobs} == {"postgres", "mysql", "api", "filesystem"}
    assert not any(job.enabled for job in jobs)


def test_both_templates_say_the_same(tmp_path: Path) -> None:
    book, text, *_ = write_templates(tmp_path, ["xlsx", "yaml"])
    jobs = [ConfigLoader(path, tmp_path / "none.toml", {}).load_jobs() for path in (book, text)]
    assert jobs[0] == jobs[1]


def test_the_workbook_explains_every_column(tmp_path: Path) -> None:
    path, *_ = write_templates(tmp_path, ["xlsx"])
    book = load_workbook(path)
    header = book["SourceConfig"][1]
    assert [cell.value for cell in header] == list(Job.model_fields)
    assert all(cell.comment is not None and cell.comment.text for cell in header)
    explained = {row[0].value: row[2].value for row in book["Columns"].iter_rows(min_row=2)}
    assert list(explained) == list(Job.model_fields)
    assert all(explained.values())
    lists = {str(one.formula1) for one in book["SourceConfig"].data_validations.dataValidation}
    assert {'"FULL,INCREMENTAL"', '"Y,N"'} <= lists
    assert all(len(one) <= 255 for one in lists), "Excel takes no longer list"


def test_the_yaml_explains_every_key(tmp_path: Path) -> None:
    path, *_ = write_templates(tmp_path, ["yaml"])
    text = path.read_text(encoding="utf-8")
    assert all(f"#   {name} " in text for name in Job.model_fields)


def test_the_template_of_the_secrets_can_be_read(tmp_path: Path) -> None:
    write_templates(tmp_path, ["yaml"])
    path = tmp_path / ".dlt" / "secrets.toml.template"
    found = resolve(path, {})
    assert found.source_names == ["erp"]
    assert found.get("destination", "type") == "databricks"
    everything = path.read_text(encoding="utf-8").replace("# [", "[").replace("# azure_", "azure_")
    path.write_text(everything.split("# ---- Secret stores")[0], encoding="utf-8")
    assert resolve(path, {}).origin("destination", "filesystem", "credentials", "azure_storage_account_key")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_templates(tmp_path, ["yaml"])
    config = tmp_path / "config" / "ingestion_config.yaml"
    config.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="--force"):
        write_templates(tmp_path, ["xlsx", "yaml"])
    assert config.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "config" / "ingestion_config.xlsx").exists()
    write_templates(tmp_path, ["yaml"], force=True)
    assert config.read_text(encoding="utf-8") != "mine"
    write_templates(tmp_path, ["xlsx"])
    (tmp_path / ".dlt" / "secrets.toml.template").write_text("mine", encoding="utf-8")
    (tmp_path / "config" / "ingestion_config.xlsx").unlink()
    with pytest.raises(ConfigError, match=r"secrets\.toml\.template"):
        write_templates(tmp_path, ["xlsx"])


def test_secrets_are_kept_out_of_git_once(tmp_path: Path) -> None:
    ignore = tmp_path / ".gitignore"
    ignore.write_text("*.log", encoding="utf-8")
    write_templates(tmp_path, ["yaml"])
    write_templates(tmp_path, ["yaml"], force=True)
    assert ignore.read_text(encoding="utf-8").splitlines() == ["*.log", ".dlt/secrets.toml"]


def test_the_reference_explains_every_column() -> None:
    page = Path(__file__).parents[4] / "docs" / "reference" / "ingest-jobs.md"
    text = page.read_text(encoding="utf-8")
    assert [name for name in Job.model_fields if f"`{name}`" not in text] == []
