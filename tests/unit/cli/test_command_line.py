"""The command line, as a user meets it before anything runs."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

HEAVY = (
    "databricks.sdk",
    "databricks.sql",
    "pyarrow",
    "pysail",
    "deltalake",
    "sqlglot",
    "starlette",
    "uvicorn",
)


def lakestead(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lakestead.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_teaches() -> None:
    done = lakestead("--help")
    assert done.returncode == 0
    for command in ("up", "exec", "run", "coverage", "version"):
        assert command in done.stdout
    assert "lakestead run examples/flights" in done.stdout


def test_help_loads_nothing_heavy() -> None:
    program = f"""
import sys
import lakestead.cli
try:
    sys.argv = ["lakestead", "--help"]
    lakestead.cli.main()
except SystemExit:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.strip() == "[]"


def test_the_pytest_plugin_loads_nothing_heavy() -> None:
    program = f"""
import sys
import lakestead.pytest_plugin
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("arguments", [("--nope",), ("up", "--port", "99999"), ("nope",), ("exec",)])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = lakestead(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_version() -> None:
    assert lakestead("version").stdout.splitlines()[0] == f"lakestead {version('lakestead')}"
    assert json.loads(lakestead("version", "--json").stdout)["lakestead"] == version("lakestead")


def test_a_mistake_in_a_project_ends_with_2_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "lakestead.yaml").write_text("name: x\nschema: x\ntable: {}\n", encoding="utf-8")
    done = lakestead("run", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"lakestead: {tmp_path}/lakestead.yaml:3:1: unknown key 'table'")
    assert not (tmp_path / ".lakestead").exists()


@pytest.mark.parametrize("arguments", [["up"], ["exec", "--", "true"], ["coverage"]])
def test_a_missing_extra_ends_with_4_and_says_what_to_install(arguments: list[str], tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["uvicorn"] = sys.modules["starlette"] = None  # as if it were not installed
import lakestead.cli
sys.argv = ["lakestead", *{arguments!r}]
lakestead.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 4, done.stderr
    assert "pip install 'lakestead[local]'" in done.stderr
    assert "Traceback" not in done.stderr
