"""`lakestead ingest init`, `check` and `secrets`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.functional.command import lakestead


def ingest(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return lakestead("ingest", *arguments, folder=folder, environment=environment)


def secrets_file(folder: Path, text: str) -> Path:
    path = folder / ".dlt" / "secrets.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def jobs_file(folder: Path, text: str) -> None:
    path = folder / "config" / "ingestion_config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("command", [(), ("init",), ("check",), ("secrets",)])
def test_help_teaches(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = ingest(tmp_path, *command, "--help", COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert "Example" in done.stdout or "Start here" in done.stdout


def test_from_a_template_to_jobs_that_are_right(tmp_path: Path) -> None:
    done = ingest(tmp_path, "init")
    assert done.returncode == 0, done.stderr
    assert "wrote config/ingestion_config.xlsx" in done.stdout
    assert "lakestead ingest check" in done.stdout
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == ".dlt/secrets.toml\n"
    again = ingest(tmp_path, "init")
    assert again.returncode == 2
    assert "--force" in again.stderr

    path = tmp_path / "config" / "ingestion_config.xlsx"
    book = load_workbook(path)
    sheet = book["SourceConfig"]
    columns = {cell.value: cell.column_letter for cell in sheet[1]}
    sheet[f"{columns['enabled']}2"] = "Y"
    sheet[f"{columns['load_type']}3"] = "INCREMENTALL"
    sheet[f"{columns['enabled']}3"] = "Y"
    book.save(path)
    destination = '[destination]\ntype = "databricks"\n'
    secrets_file(tmp_path, f'{destination}[sources.erp]\nhost = "db"\npassword = "hunter2"\n')
    done = ingest(tmp_path, "check")
    assert done.returncode == 2
    place = f"ingestion_config.xlsx SourceConfig!{columns['load_type']}3"
    assert done.stdout.splitlines() == [
        f"{place}: load_type 'INCREMENTALL': must be FULL or INCREMENTAL; did you mean 'INCREMENTAL'?",
        "1 mistake; nothing can run before",
    ]

    sheet[f"{columns['load_type']}3"] = "INCREMENTAL"
    book.save(path)
    done = ingest(tmp_path, "check")
    assert done.returncode == 0, done.stdout
    assert done.stdout == "config/ingestion_config.xlsx: 2 of 5 jobs are enabled; no mistakes\n"


JOBS = """
defaults: {source_type: postgres, destination_type: databricks}
jobs:
- {source_name: erp, table_name: orders}
- {source_name: hr, table_name: people}
"""


def test_check_finds_what_the_secrets_lack(tmp_path: Path) -> None:
    jobs_file(tmp_path, JOBS)
    secrets_file(tmp_path, '[sources.erp]\nhost = "db"\npasword = "hunter2"\n[source.hr]\nhost = "db"\n')
    done = ingest(tmp_path, "check", "--json")
    assert done.returncode == 2
    shown = json.loads(done.stdout)
    assert shown["ok"] is False
    found = {one["place"]: one["text"] for one in shown["mistakes"]}
    assert "did you mean 'password'?" in found[".dlt/secrets.toml:3"]
    assert "did you mean [sources]?" in found[".dlt/secrets.toml:5"]
    missing = found["config/ingestion_config.yaml:5:17"]
    assert "source_name 'hr'" in missing
    assert "[sources.hr] in .dlt/secrets.toml, or set DLT_HR_<KEY>" in missing
    assert "hunter" not in done.stdout + done.stderr


def test_check_takes_variables_for_secrets(tmp_path: Path) -> None:
    jobs_file(tmp_path, JOBS)
    done = ingest(tmp_path, "check", "--json", DLT_ERP_HOST="db", SOURCES__HR__URL="postgresql://u:p@h/d")
    assert json.loads(done.stdout) == {"ok": True, "mistakes": [], "warnings": []}
    assert done.returncode == 0


def test_check_asks_sources_what_they_would_refuse(tmp_path: Path) -> None:
    jobs_file(
        tmp_path,
        """
defaults: {destination_type: databricks}
jobs:
- {source_type: api, source_name: crm, table_name: a, pagination_type: page_numer}
- {source_type: api, source_name: crm, table_name: b, pagination_type: {type: offset, limi: 5}}
- {source_type: api, source_name: crm, table_name: c, auth_type: api_key}
- {source_type: filesystem, source_name: in, path: "*.csv", target_table: d, format_options: {delimeter: ;}}
- {source_type: filesystem, source_name: in, path: "*.csv", target_table: e}
""",
    )
    secrets_file(tmp_path, '[sources.crm]\nbase_url = "https://api.test"\ntoken = "hunter2"\n')
    done = ingest(tmp_path, "check", "--json")
    found = {one["place"].partition(":")[2]: one["text"] for one in json.loads(done.stdout)["mistakes"]}
    assert list(found) == ["4:72", "5:72", "6:66", "7:94"]
    assert "pagination_type" in found["4:72"]
    assert "limi" in found["5:72"]
    assert "api_key needs api_key" in found["6:66"]
    assert "did you mean 'delimiter'?" in found["7:94"]


def test_check_of_nothing(tmp_path: Path) -> None:
    done = ingest(tmp_path, "check")
    assert done.returncode == 2
    assert "lakestead ingest init" in done.stdout
    done = ingest(tmp_path, "check", "--config", "nowhere.yaml")
    assert done.returncode == 2
    assert "nowhere.yaml: cannot be read" in done.stdout
    (tmp_path / "jobs.csv").touch()
    done = ingest(tmp_path, "check", "--config", "jobs.csv")
    assert "jobs.csv: must end in one of .xlsx" in done.stdout


def test_check_asks_for_a_place_for_files(tmp_path: Path) -> None:
    jobs_file(
        tmp_path,
        JOBS.replace("databricks", "filesystem").replace("- {source_name: hr, table_name: people}\n", ""),
    )
    done = ingest(tmp_path, "check", DLT_ERP_HOST="db")
    assert done.returncode == 2
    assert "bucket_url under [destination.filesystem]" in done.stdout
    done = ingest(tmp_path, "check", DLT_ERP_HOST="db", DESTINATION__FILESYSTEM__BUCKET_URL="out")
    assert done.returncode == 0, done.stdout


def test_secrets_shows_where_each_comes_from_and_never_what_it_is(tmp_path: Path) -> None:
    jobs_file(tmp_path, JOBS)
    path = secrets_file(tmp_path, '[sources.erp]\nhost = "hunter1"\npassword = "hunter2"\n')
    environment = {"DLT_ERP_PASSWORD": "hunter3", "DLT_HR_URL": "secret://scope/hr"}
    done = ingest(tmp_path, "secrets", **environment)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[1:] == [
        ["erp", "host", ".dlt/secrets.toml:2"],
        ["erp", "password", "environment", "DLT_ERP_PASSWORD", ".dlt/secrets.toml:3"],
        ["hr", "url", "environment", "DLT_HR_URL", "→", "secret://scope/hr"],
    ]
    assert done.stderr == ""
    shown = ingest(tmp_path, "secrets", "--json", **environment)
    assert json.loads(shown.stdout)[1] == {
        "section": "sources.erp",
        "key": "password",
        "origin": {"kind": "environment", "place": "DLT_ERP_PASSWORD", "reference": None},
        "shadows": [{"kind": "file", "place": ".dlt/secrets.toml:3"}],
    }
    path.chmod(0o644)
    warned = ingest(tmp_path, "secrets", **environment)
    assert "lakestead: .dlt/secrets.toml: warning: other users" in warned.stderr
    for text in (done.stdout, shown.stdout, warned.stdout, warned.stderr):
        assert "hunter" not in text


def test_secrets_of_a_broken_file_ends_with_2_and_its_line(tmp_path: Path) -> None:
    secrets_file(tmp_path, "[sources.erp]\npassword = hunter2\n")
    done = ingest(tmp_path, "secrets")
    assert done.returncode == 2
    assert done.stderr.startswith("lakestead: .dlt/secrets.toml:2:12: is not valid TOML")
    assert "hunter" not in done.stderr
    assert "Traceback" not in done.stderr


def test_without_openpyxl_the_extra_is_named(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["openpyxl"] = None  # as if it were not installed
import lakestead.cli
sys.argv = ["lakestead", "ingest", "init"]
lakestead.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 4, done.stderr
    assert "pip install 'lakestead[ingest]'" in done.stderr
