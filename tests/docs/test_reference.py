"""The reference names every command and every option there is."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.main

from lakestead.cli.app import app
from lakestead.cli.exits import Exit
from lakestead.core.config import Declaration
from lakestead.profiling import config as profiling
from lakestead.profiling.settings import CustomMetric, Schedule, TableSettings
from lakestead.run.project import Project, Table

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = sorted(typer.main.get_command(app).commands.items())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_option_is_documented(name: str, command: typer.core.TyperCommand) -> None:
    text = (DOCS / "reference/command.md").read_text(encoding="utf-8")
    heading = f"## `lakestead {name}"
    assert heading in text
    section = text.split(heading)[1].split("\n## ")[0]
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    missing = [option for option in options if option != "--help" and f"`{option}" not in section]
    assert missing == []


def test_every_exit_code_is_documented() -> None:
    text = (DOCS / "reference/command.md").read_text(encoding="utf-8")
    assert [code for code in Exit if code < Exit.NOT_EXECUTABLE and f"\n| {code.value} | " not in text] == []
    assert [code for code in Exit if str(code.value) not in text] == []


@pytest.mark.parametrize("model", [Project, Table])
def test_every_key_is_documented(model: type[Declaration]) -> None:
    text = (DOCS / "reference/lakestead-yaml.md").read_text(encoding="utf-8")
    keys = [field.alias or name for name, field in model.model_fields.items()]
    assert [key for key in keys if f"`{key}`" not in text] == []


@pytest.mark.parametrize(
    "model",
    [
        profiling.OrchestratorConfig,
        profiling.Discovery,
        profiling.Alerting,
        profiling.EffectSizes,
        profiling.Dashboards,
        profiling.Policy,
        profiling.Provisioning,
        TableSettings,
        CustomMetric,
        Schedule,
    ],
)
def test_every_key_of_profiling_is_documented(model: type[Declaration]) -> None:
    text = (DOCS / "reference/profiling-configuration.md").read_text(encoding="utf-8")
    assert [key for key in model.model_fields if f"`{key}`" not in text] == []
