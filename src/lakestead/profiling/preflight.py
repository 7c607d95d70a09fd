"""What is looked at before anything is created: all that would make a monitor fail or say nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.metadata import Columns, read_columns
from lakestead.profiling.opening import warehouse_id
from lakestead.profiling.pacing import Requests
from lakestead.profiling.privileges import Privileges
from lakestead.profiling.problems import PreflightError, Problem
from lakestead.profiling.settings import ProblemType, ProfileSettings, ProfileType
from lakestead.profiling.slicing import mistakes
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from lakestead.client import Warehouse

_TIMES = ("timestamp", "timestamp_ntz", "date")
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_NO_CLASSES = ("array", "map", "struct", "binary", "variant", "timestamp", "timestamp_ntz", "date")
# What a custom metric names that is about several columns at once.
_WHOLE_TABLE = ":table"


def check_foundation(config: OrchestratorConfig, warehouse: Warehouse, requests: Requests) -> None:
    """Check what everything else stands on: the warehouse and the catalog.

    Raises:
        PreflightError: one is not there, or may not be used.
    """
    from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied

    client = warehouse.client
    asked: list[tuple[str, str, Callable[[str], object]]] = [
        ("warehouse_id", warehouse_id(warehouse), client.warehouses.get),
        ("catalog_name", config.catalog_name, client.catalogs.get),
    ]
    found = []
    for setting, name, ask in asked:
        try:
            requests.make(partial(ask, name))
        except (NotFound, BadRequest, PermissionDenied) as error:
            found.append(Problem("", setting, f"'{name}' (from {setting}) cannot be used: {error}"))
    if found:
        raise PreflightError(found)


def check(
    targets: Sequence[Target],
    output_schemas: Mapping[str, str | None],
    warehouse: Warehouse,
    requests: Requests,
) -> list[Problem]:
    """Return everything that is wrong with tables as they are set; the workspace is asked in few requests.

    Args:
        targets: the tables.
        output_schemas: the ids of the schemas of metric tables by full names; None for those to be created.
        warehouse: the workspace.
        requests: how to ask it.
    """
    baselines = {baseline for target in targets if (baseline := baseline_name(target)) is not None}
    columns = read_columns(warehouse, {target.full_name for target in targets} | baselines)
    found = [problem for target in targets for problem in table_problems(target, columns)]
    found += _same_metric_tables(targets)
    return found + Privileges(requests, warehouse).problems(targets, output_schemas)


def baseline_name(target: Target) -> str | None:
    """Return the full name of a table's baseline as Unity Catalog has it; None without a usable one."""
    name = (target.settings.baseline_table_name or "").replace("`", "").lower()
    return name if name.count(".") == 2 else None


def table_problems(target: Target, columns: Mapping[str, Columns]) -> list[Problem]:
    """Return what is wrong with the settings of one table.

    Args:
        target: the table.
        columns: of it and its baseline, by full names.
    """
    own = columns.get(target.full_name, {})
    return [
        Problem(target.full_name, setting, text)
        for setting, text in [
            *_column_problems(target.full_name, target.settings, own),
            *_slice_problems(target, own),
            *_baseline_problems(target, own, columns),
        ]
    ]


def _column_problems(table: str, settings: ProfileSettings, columns: Columns) -> Iterator[tuple[str, str]]:
    types = {name.lower(): kind for name, kind in columns.items()}
    for setting, column in _named_columns(settings):
        kind = types.get(column.lower())
        if kind is None:
            yield (
                setting,
                f"Column '{column}' (from {setting}) not found in table '{table}'."
                f" Available columns: {list(columns)}",
            )
        elif (wrong := _wrong_type(setting, settings.problem_type, kind)) is not None:
            fitting = [
                name for name in columns if not _wrong_type(setting, settings.problem_type, columns[name])
            ]
            yield (
                setting,
                f"Column '{column}' (from {setting}) of table '{table}' is {kind.upper()}, {wrong}."
                f" Columns that fit: {fitting}",
            )


def _named_columns(settings: ProfileSettings) -> Iterator[tuple[str, str]]:
    if settings.time_column is not None:
        yield settings.time_column
    if settings.profile_type is ProfileType.INFERENCE:
        yield "prediction_column", settings.prediction_column
        yield "model_id_column", settings.model_id_column
        if settings.label_column:
            yield "label_column", settings.label_column
    for metric in settings.custom_metrics:
        for column in metric.input_columns:
            if column != _WHOLE_TABLE:
                yield "custom_metrics", column


def _wrong_type(setting: str, problem: ProblemType, kind: str) -> str | None:
    """Return what a column must be that is of a type that does not fit its setting."""
    base = kind.lower().partition("(")[0].partition("<")[0]
    if setting.endswith("timestamp_column"):
        return None if base in _TIMES else "which is no TIMESTAMP or DATE"
    if setting in ("prediction_column", "label_column"):
        if problem is ProblemType.REGRESSION:
            return None if base in _NUMBERS else "and problem_type REGRESSION needs a number"
        return "and problem_type CLASSIFICATION needs classes" if base in _NO_CLASSES else None
    return None


def _slice_problems(target: Target, columns: Columns) -> Iterator[tuple[str, str]]:
    for expression in target.settings.slicing_exprs:
        for mistake in mistakes(expression, columns):
            yield (
                "slicing_exprs",
                f"Expression '{expression}' (from slicing_exprs) for table '{target.full_name}' {mistake}."
                f" Available columns: {list(columns)}",
            )


def _baseline_problems(
    target: Target, columns: Columns, all_columns: Mapping[str, Columns]
) -> Iterator[tuple[str, str]]:
    written = target.settings.baseline_table_name
    if written is None:
        return
    about = f"Table '{written}' (from baseline_table_name of '{target.full_name}')"
    baseline = all_columns.get(baseline_name(target) or "")
    if baseline is None:
        yield "baseline_table_name", f"{about} not found, or it may not be seen: write catalog.schema.table"
        return
    # A baseline needs no times and no model: it is compared as a whole.
    not_needed = {target.settings.model_id_column.lower()}
    if target.settings.time_column is not None:
        not_needed.add(target.settings.time_column[1].lower())
    theirs = {name.lower(): kind for name, kind in baseline.items()}
    missing = [name for name in columns if name.lower() not in theirs and name.lower() not in not_needed]
    other = [
        f"{name} is {theirs[name.lower()].upper()} and not {kind.upper()}"
        for name, kind in columns.items()
        if theirs.get(name.lower(), kind) != kind
    ]
    if missing:
        yield "baseline_table_name", f"{about} lacks columns: {missing}. Available columns: {list(baseline)}"
    if other:
        yield "baseline_table_name", f"{about} has columns of other types: {', '.join(other)}"


def _same_metric_tables(targets: Sequence[Target]) -> list[Problem]:
    """Metric tables are named after the table alone: two of the same name need two output schemas."""
    writing: dict[str, list[str]] = defaultdict(list)
    for target in targets:
        writing[target.profile_metrics_table].append(target.full_name)
    return [
        Problem(
            name,
            "output_schema_name",
            f"Tables {names} would all write '{metrics}': give them different values of output_schema_name",
        )
        for metrics, names in writing.items()
        if len(names) > 1
        for name in names[1:]
    ]
