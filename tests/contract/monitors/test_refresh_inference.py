"""The quality of models agrees with scikit-learn on the same rows."""

from __future__ import annotations

import numpy as np
from databricks.sdk.service.dataquality import InferenceLogConfig, InferenceProblemType
from sklearn.metrics import accuracy_score, f1_score, r2_score, root_mean_squared_error

from lakestead.testing import Workspace
from tests.contract.conftest import Sql
from tests.contract.monitors.monitored import DAY, metric, monitor, succeeded

_LABELS = "CASE WHEN id % 11 = 0 THEN NULL WHEN id % 3 = 0 THEN 'late' ELSE 'early' END"


def _log(kind: str) -> InferenceLogConfig:
    return InferenceLogConfig(
        problem_type=InferenceProblemType(f"INFERENCE_PROBLEM_TYPE_{kind}"),
        timestamp_column="at",
        granularities=[DAY],
        prediction_column="said",
        label_column="was",
        model_id_column="model",
    )


def test_classification(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql(
        "CREATE TABLE guesses AS SELECT timestampadd(HOUR, id, TIMESTAMP '2024-01-01') AS at,"
        " concat('m', id % 2) AS model, CASE WHEN id % 5 < 2 THEN 'late' ELSE 'early' END AS said,"
        f" {_LABELS} AS was FROM range(48)"
    )
    right = "CAST({{prediction_col}} = {{label_col}} AS DOUBLE)"
    made = monitor(
        workspace_session.client(),
        f"{schema}.guesses",
        inference_log=_log("CLASSIFICATION"),
        slicing_exprs=["said"],
        custom_metrics=[metric("AGGREGATE", "hits", f"avg({right})", [":table"])],
    )
    succeeded(made.first())
    rows = sql(
        "SELECT date(window.start), model, accuracy_score, f1_score.macro, hits FROM guesses_profile_metrics"
        " WHERE column_name = ':table' AND slice_key IS NULL"
    )
    assert len(rows) == 6
    for day, model, accuracy, f1, hits in rows:
        which = f"date(at) = '{day}' AND was IS NOT NULL AND model LIKE '{model.replace('*', '%')}'"
        said, was = zip(*sql(f"SELECT said, was FROM guesses WHERE {which}"), strict=True)
        assert np.isclose([accuracy, hits], accuracy_score(was, said)).all()
        assert np.isclose(f1, f1_score(was, said, average="macro"))
    drift = sql(
        "SELECT model, count_delta FROM guesses_drift_metrics"
        " WHERE column_name = 'was' AND slice_key IS NULL ORDER BY model"
    )
    assert [model for model, _ in drift] == ["*", "m0", "m1"]


def test_regression(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    sql(
        "CREATE TABLE delays AS SELECT timestampadd(HOUR, id, TIMESTAMP '2024-01-01') AS at, 'm' AS model,"
        " id * 1.5 AS said, CAST(id + id % 7 AS DOUBLE) AS was FROM range(24)"
    )
    made = monitor(workspace_session.client(), f"{schema}.delays", inference_log=_log("REGRESSION"))
    succeeded(made.first())
    said, was = zip(*sql("SELECT CAST(said AS DOUBLE), was FROM delays"), strict=True)
    rows = sql(
        "SELECT root_mean_squared_error, r2_score FROM delays_profile_metrics WHERE column_name = ':table'"
    )
    assert len(rows) == 2
    for row in rows:
        assert np.isclose(row, [root_mean_squared_error(was, said), r2_score(was, said)]).all()
