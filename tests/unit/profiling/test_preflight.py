"""What is found wrong with a table's settings before there is a monitor."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lakestead.core.errors import ConfigError
from lakestead.profiling.preflight import table_problems
from lakestead.profiling.problems import PreflightError, Problem
from lakestead.profiling.settings import ProfileSettings
from lakestead.profiling.slicing import mistakes
from lakestead.profiling.targets import Target

CHURN = {
    "id": "bigint",
    "prediction": "string",
    "actual_label": "string",
    "ts": "timestamp",
    "amount": "decimal(10,2)",
    "model_version": "string",
    "items": "array<string>",
}


def problems(said: Mapping[str, object], **baselines: Mapping[str, str]) -> list[Problem]:
    settings = ProfileSettings.model_validate({"timestamp_column": "ts", **said})
    target = Target("prod", "ml", "churn", "1", settings, "default")
    columns = {f"prod.ml.{name}": kinds for name, kinds in baselines.items()}
    return table_problems(target, {"prod.ml.churn": CHURN, **columns})


def test_a_missing_column_is_named_with_those_that_there_are() -> None:
    (found,) = problems({"label_column": "label_v1"})
    assert found.text == (
        "Column 'label_v1' (from label_column) not found in table 'prod.ml.churn'. Available columns: "
        "['id', 'prediction', 'actual_label', 'ts', 'amount', 'model_version', 'items']"
    )
    error = PreflightError([found, found])
    assert isinstance(error, ValueError)
    assert isinstance(error, ConfigError)
    assert str(error).splitlines() == [found.text, found.text]


@pytest.mark.parametrize(
    ("said", "settings"),
    [
        ({}, []),
        ({"profile_type": "SNAPSHOT", "timestamp_column": "nowhere"}, []),
        ({"profile_type": "TIMESERIES", "prediction_column": "nowhere"}, []),
        (
            {"profile_type": "TIMESERIES", "timeseries_timestamp_column": "id"},
            ["timeseries_timestamp_column"],
        ),
        ({"timestamp_column": "TS"}, []),
        ({"timestamp_column": "amount"}, ["timestamp_column"]),
        ({"label_column": "actual_label"}, []),
        ({"label_column": "items"}, ["label_column"]),
        (
            {"problem_type": "REGRESSION", "label_column": "actual_label"},
            ["prediction_column", "label_column"],
        ),
        ({"problem_type": "REGRESSION", "label_column": "amount", "prediction_column": "id"}, []),
        (
            {"model_id_column": "nowhere", "prediction_column": "gone"},
            ["prediction_column", "model_id_column"],
        ),
    ],
)
def test_columns_fit_their_settings(said: Mapping[str, object], settings: list[str]) -> None:
    assert [problem.setting for problem in problems(said)] == settings


def test_what_fits_instead_is_said() -> None:
    (found,) = problems({"timestamp_column": "amount"})
    assert "is DECIMAL(10,2)" in found.text
    assert "Columns that fit: ['ts']" in found.text


def test_custom_metrics_name_columns_that_are_there() -> None:
    metric = {"name": "m", "type": "AGGREGATE", "definition": "sum(1)", "output_data_type": "double"}
    (found,) = problems({"custom_metrics": [{**metric, "input_columns": [":table", "id", "gone"]}]})
    assert "'gone' (from custom_metrics)" in found.text


@pytest.mark.parametrize(
    "expression",
    [
        "id",
        "`id`",
        "amount > 10",
        "upper(prediction) = 'A' AND id IS NOT NULL",
        "items[0] = 'x'",
        "ID % 2 = 0",
    ],
)
def test_slicing_expressions_that_can_be_evaluated(expression: str) -> None:
    assert mistakes(expression, CHURN) == []


@pytest.mark.parametrize(
    ("expression", "mistake"),
    [
        ("id >", "cannot be parsed"),
        ("nosuch = 1", "'nosuch', which is not there"),
        ("sum(id)", "no aggregates"),
        ("row_number() OVER (ORDER BY id)", "no aggregates, windows"),
        ("id IN (SELECT 1)", "queries"),
        ("id, amount", "one expression"),
        ("id FROM elsewhere", "one expression"),
        ("id -- a comment\nFROM elsewhere", "one expression"),
        ("id AS other", "one expression"),
        ("*", "one expression"),
        ("1 = 1", "names no column"),
    ],
)
def test_slicing_expressions_that_cannot(expression: str, mistake: str) -> None:
    (found,) = mistakes(expression, CHURN)
    assert mistake in found


def test_a_baseline_is_like_its_table() -> None:
    like = {name: kind for name, kind in CHURN.items() if name not in ("ts", "model_version")}
    said = {"baseline_table_name": "prod.ml.base"}
    assert problems(said, base={**like, "more": "int"}) == []
    (lacks,) = problems(said, base={name: kind for name, kind in like.items() if name != "amount"})
    assert "lacks columns: ['amount']" in lacks.text
    (other,) = problems(said, base={**like, "id": "string"})
    assert "id is STRING and not BIGINT" in other.text
    (gone,) = problems(said)
    assert "'prod.ml.base' (from baseline_table_name of 'prod.ml.churn') not found" in gone.text
    (short,) = problems({"baseline_table_name": "base"}, base=like)
    assert "write catalog.schema.table" in short.text
