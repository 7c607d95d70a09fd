"""The configuration: what it may say, what is inherited, and how mistakes are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from lakestead.core.errors import ConfigError
from lakestead.profiling import OrchestratorConfig, load_config
from lakestead.profiling.config import Mode
from lakestead.profiling.settings import ProblemType, ProfileType

TEMPLATE = Path(__file__).parents[3] / "src/lakestead/profiling/template.yaml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monitoring.yaml"


def test_settings_of_a_table_are_put_over_the_defaults(file: Path) -> None:
    file.write_text(
        """
catalog_name: "prod"
warehouse_id: "abc"
profile_defaults:
  profile_type: "INFERENCE"
  output_schema_name: "monitoring_results"
  label_column: "label"
  granularity: "1 day"
  problem_type: "PROBLEM_TYPE_CLASSIFICATION"
monitored_tables:
  prod.ml.churn_predictions:
    label_column: "churned"
    problem_type: "PROBLEM_TYPE_REGRESSION"
  Prod.ML.Fraud:
    granularity: ["1 hour", "1 weeks"]
  prod.ml.plain:
"""
    )
    config = load_config(str(file))
    assert config.mode is Mode.FULL
    settings = {
        name: config.profile_defaults.overridden(own) for name, own in config.monitored_tables.items()
    }
    assert list(settings) == ["prod.ml.churn_predictions", "prod.ml.fraud", "prod.ml.plain"]
    churn, fraud, plain = settings.values()
    assert (churn.label_column, churn.problem_type) == ("churned", ProblemType.REGRESSION)
    assert churn.granularity == ("1 day",)
    assert (fraud.label_column, fraud.granularity) == ("label", ("1 hour", "1 week"))
    assert plain.model_dump() == config.profile_defaults.model_dump()


def test_the_time_column_is_the_one_of_the_profile_type() -> None:
    config = OrchestratorConfig.model_validate(
        {
            "catalog_name": "prod",
            "profile_defaults": {"timestamp_column": "predicted_at"},
            "monitored_tables": {
                "prod.a.series": {"profile_type": "TIMESERIES", "timeseries_timestamp_column": "event_time"},
                "prod.a.inherits": {"profile_type": "TIMESERIES"},
                "prod.a.log": {"profile_type": "inference"},
                "prod.a.snapshot": {"profile_type": "SNAPSHOT"},
            },
        }
    )
    found = [config.profile_defaults.overridden(own).time_column for own in config.monitored_tables.values()]
    assert found == [
        ("timeseries_timestamp_column", "event_time"),
        ("timestamp_column", "predicted_at"),
        ("timestamp_column", "predicted_at"),
        None,
    ]
    assert config.monitored_tables["prod.a.log"].profile_type is ProfileType.INFERENCE


def test_all_mistakes_are_named_at_once_with_their_places(file: Path) -> None:
    file.write_text(
        """catalog_name: prod
profile_defaults:
  granularity: 1 dya
alerting:
  drift_threshold: 2
  timezone_id: Europe/Zuerich
monitored_tables:
  prod.ml.churn:
    labl_column: churned
    schedule: {quartz_cron_expression: 0 6 * * *}
"""
    )
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[0].removeprefix(f"{file}:") for line in sorted(lines)] == [
        "10:40",
        "3:16",
        "5:20",
        "6:16",
        "9:5",
    ]
    text = str(caught.value)
    assert "unknown granularity '1 dya'; did you mean '1 day'?" in text
    assert "unknown key 'labl_column'; did you mean 'label_column'?" in text
    assert "no Quartz expression" in text
    assert "no time zone" in text


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "name tables in `monitored_tables`"),
        ({"include_tagged_tables": True}, "needs `discovery`"),
        ({"monitored_tables": {"dev.a.b": None}}, "all tables must be in the catalog 'prod'"),
        ({"monitored_tables": {"a.b": None}}, "write catalog.schema.table"),
        ({"monitored_tables": {"prod.a.b": None, "prod.A.B": None}}, "given twice"),
        ({"monitored_tables": {"prod.a.b": None}, "dashboards": {"folder": "x"}}, "path of a folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace(".", r"\.")):
        OrchestratorConfig.model_validate({"catalog_name": "prod", **said})


def test_the_template_is_a_configuration() -> None:
    """Also with everything that is commented out."""
    plain = load_config(TEMPLATE)
    assert list(plain.monitored_tables) == ["main.sales.customers", "main.sales.orders"]


def test_what_the_template_comments_out_is_right_too(file: Path) -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^( *)# ", r"\1", text))
    config = load_config(file)
    assert config.discovery is not None
    assert config.policy.max_tables == 500
    assert config.monitored_tables["main.ml.churn_predictions"].problem_type is ProblemType.CLASSIFICATION
