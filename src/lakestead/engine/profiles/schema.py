"""The columns of the metric tables."""

from __future__ import annotations

import pyarrow as pa

from lakestead.engine.profiles.definition import Inference, Problem

_INSTANT = pa.timestamp("us", tz="UTC")
WINDOW = pa.struct([("start", _INSTANT), ("end", _INSTANT)])
FREQUENT = pa.list_(pa.struct([("item", pa.string()), ("count", pa.int64())]))
_TEST = pa.struct([("statistic", pa.float64()), ("pvalue", pa.float64())])

# Who writes the tables knows these, the computation does not.
WRITERS = ("logging_table_commit_version", "monitor_version")

PROFILE_SCHEMA = pa.schema(
    [
        ("window", WINDOW),
        ("log_type", pa.string()),
        ("logging_table_commit_version", pa.int32()),
        ("monitor_version", pa.int64()),
        ("granularity", pa.string()),
        ("slice_key", pa.string()),
        ("slice_value", pa.string()),
        ("column_name", pa.string()),
        ("count", pa.int64()),
        ("data_type", pa.string()),
        ("num_nulls", pa.int64()),
        ("avg", pa.float64()),
        ("quantiles", pa.list_(pa.float64())),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("stddev", pa.float64()),
        ("num_zeros", pa.int64()),
        ("num_nan", pa.int64()),
        ("min_length", pa.float64()),
        ("max_length", pa.float64()),
        ("avg_length", pa.float64()),
        ("non_null_columns", pa.list_(pa.string())),
        ("frequent_items", FREQUENT),
        ("median", pa.float64()),
        ("distinct_count", pa.int64()),
        ("percent_nan", pa.float64()),
        ("percent_null", pa.float64()),
        ("percent_zeros", pa.float64()),
        ("percent_distinct", pa.float64()),
    ]
)

DRIFT_SCHEMA = pa.schema(
    [
        ("window", WINDOW),
        ("granularity", pa.string()),
        ("monitor_version", pa.int64()),
        ("slice_key", pa.string()),
        ("slice_value", pa.string()),
        ("column_name", pa.string()),
        ("data_type", pa.string()),
        ("window_cmp", WINDOW),
        ("drift_type", pa.string()),
        ("count_delta", pa.int64()),
        ("avg_delta", pa.float64()),
        ("percent_null_delta", pa.float64()),
        ("percent_zeros_delta", pa.float64()),
        ("percent_distinct_delta", pa.float64()),
        ("non_null_columns_delta", pa.struct([("added", pa.int32()), ("missing", pa.int32())])),
        ("js_distance", pa.float64()),
        ("ks_test", _TEST),
        ("wasserstein_distance", pa.float64()),
        ("population_stability_index", pa.float64()),
        ("chi_squared_test", _TEST),
        ("tv_distance", pa.float64()),
        ("l_infinity_distance", pa.float64()),
    ]
)

_RATES = pa.map_(pa.string(), pa.float64())
_AVERAGED = pa.struct([("one_vs_all", _RATES), ("macro", pa.float64()), ("weighted", pa.float64())])
_AREAS = pa.struct([("macro", pa.float64()), ("weighted", pa.float64())])
CLASSIFICATION = pa.schema(
    [
        ("accuracy_score", pa.float64()),
        ("precision", _AVERAGED),
        ("recall", _AVERAGED),
        ("f1_score", _AVERAGED),
        (
            "confusion_matrix",
            pa.list_(pa.struct([("prediction", pa.string()), ("label", pa.string()), ("count", pa.int64())])),
        ),
        ("log_loss", pa.float64()),
        ("roc_auc_score", pa.struct([("one_vs_one", _AREAS), ("one_vs_all", _AREAS)])),
        ("predictive_parity", _RATES),
        ("predictive_equality", _RATES),
        ("equal_opportunity", _RATES),
        ("statistical_parity", _RATES),
    ]
)
REGRESSION = pa.schema(
    [
        ("mean_squared_error", pa.float64()),
        ("root_mean_squared_error", pa.float64()),
        ("mean_average_error", pa.float64()),
        ("mean_absolute_percentage_error", pa.float64()),
        ("r2_score", pa.float64()),
    ]
)


def inference_fields(inference: Inference | None) -> list[pa.Field]:
    """Return the columns that tell of a model's quality; they follow the profile's others."""
    if inference is None:
        return []
    return list(CLASSIFICATION if inference.problem is Problem.CLASSIFICATION else REGRESSION)


def profile_schema(model_id: str | None = None, inference: Inference | None = None) -> pa.Schema:
    """Return the schema of a table of profile metrics.

    Args:
        model_id: the column of models, which gets a column of the same name before ``slice_key``.
        inference: a model's columns.
    """
    return _with_model(PROFILE_SCHEMA, model_id, inference_fields(inference))


def drift_schema(model_id: str | None = None) -> pa.Schema:
    """Return the schema of a table of drift metrics; ``model_id`` as with :func:`profile_schema`."""
    return _with_model(DRIFT_SCHEMA, model_id, [])


def computed(schema: pa.Schema) -> pa.Schema:
    """Return a schema without the columns that whoever writes the table adds."""
    return pa.schema([field for field in schema if field.name not in WRITERS])


def _with_model(schema: pa.Schema, model_id: str | None, more: list[pa.Field]) -> pa.Schema:
    fields = list(schema)
    if model_id is not None:
        fields.insert(schema.get_field_index("slice_key"), pa.field(model_id, pa.string()))
    return pa.schema(fields + more)
