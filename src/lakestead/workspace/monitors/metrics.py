"""Rules of slicing expressions and custom metrics: what they may say, and which columns they may name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors.refreshes.expressions import (
    BASE,
    CURRENT,
    enclosed,
    metric_expression,
)
from lakestead.workspace.monitors.spec import (
    TABLE_COLUMN,
    CustomMetric,
    MetricType,
    MonitorSpec,
    ProblemType,
    ProfileType,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


def slice_problems(text: str, columns: Collection[str]) -> Iterator[str]:
    """Give what is wrong with a slicing expression.

    Args:
        text: the expression.
        columns: names of the table's columns, in lower case.
    """
    what = f"slicing_exprs '{text}'"
    try:
        tree = _parsed(enclosed(text, what), what)
    except ApiError as error:
        yield error.message
        return
    if tree.find(exp.AggFunc, exp.Window):
        yield f"{what}: an expression over the columns of one row is needed, without aggregates or windows."
    yield from _unknown(what, tree, columns, "the table")


def metric_problems(monitor: MonitorSpec, columns: Collection[str]) -> Iterator[str]:
    """Give what is wrong with a monitor's custom metrics.

    Args:
        monitor: its definition.
        columns: names of the table's columns, in lower case.
    """
    taken = _built_in(monitor)
    for metric in monitor.custom_metrics:
        what = f"Custom metric '{metric.name}'"
        if not _NAME.fullmatch(metric.name):
            yield f"{what}: a name has letters, digits and underscores, and begins with no digit."
        if metric.name.lower() in taken:
            yield f"{what}: the metric tables have a column of that name already; choose another."
        taken.add(metric.name.lower())
        missing = [one for one in metric.input_columns if one.lower() not in {*columns, TABLE_COLUMN}]
        if missing:
            yield f"{what}: input_columns has no column of the table in {_listed(missing)}. {_known(columns)}"
            continue
        try:
            _ = metric.output_type
            for column in metric.input_columns:
                tree = _parsed(metric_expression(metric, monitor, column), what)
                yield from _expression_problems(metric, monitor, tree, columns, column)
        except ApiError as error:
            yield error.message


def _expression_problems(
    metric: CustomMetric, monitor: MonitorSpec, tree: exp.Expr, columns: Collection[str], column: str
) -> Iterator[str]:
    what = f"Custom metric '{metric.name}' of {column}"
    if metric.type is MetricType.AGGREGATE:
        # What sqlglot does not know may well be an aggregate of the engine's.
        if not tree.find(exp.AggFunc, exp.Anonymous):
            yield f"{what}: an aggregate metric needs an aggregate function, such as avg."
        yield from _unknown(what, tree, columns, "the table")
        return
    of_profile = {MetricType.AGGREGATE}
    if metric.type is MetricType.DRIFT:
        of_profile.add(MetricType.DERIVED)
    known = _profile_columns(monitor) | {
        one.name.lower() for one in monitor.custom_metrics if one.type in of_profile
    }
    yield from _unknown(what, tree, known, "the profile metrics")


def _unknown(what: str, tree: exp.Expr, known: Collection[str], whose: str) -> Iterator[str]:
    if tree.find(exp.Star) and not tree.find(exp.Count):
        yield f"{what}: '*' is not an expression."
    names = dict.fromkeys(_named(column) for column in tree.find_all(exp.Column))
    missing = [name for name in names if name and name.lower() not in known]
    if missing:
        yield f"{what}: {whose} has no column {_listed(missing)}. {_known(known)}"


def _named(column: exp.Column) -> str:
    """Return the column that is meant: ``a`` of ``a.field``, ``metric`` of ``base_df.metric``."""
    parts = [part.name for part in column.parts]
    return parts[1] if len(parts) > 1 and parts[0] in (CURRENT, BASE) else parts[0]


def _parsed(text: str, what: str) -> exp.Expr:
    try:
        tree: exp.Expr
        [tree] = sqlglot.parse_one(f"SELECT {text}", dialect="databricks").expressions
    except (SqlglotError, ValueError, RecursionError) as error:
        said = str(error).split("\n")[0] or "it is nested too deeply."
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{what} is not a SQL expression: {said}") from None
    if tree.find(exp.Alias, exp.Tuple):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{what} is more than one SQL expression.")
    return tree


def _profile_columns(monitor: MonitorSpec) -> set[str]:
    from lakestead.engine.profiles.schema import CLASSIFICATION, PROFILE_SCHEMA, REGRESSION

    names = set(PROFILE_SCHEMA.names)
    if monitor.profile_type is ProfileType.INFERENCE_LOG:
        of_model = CLASSIFICATION if monitor.problem_type is ProblemType.CLASSIFICATION else REGRESSION
        names |= {*of_model.names, str(monitor.model_id_column).lower()}
    return names


def _built_in(monitor: MonitorSpec) -> set[str]:
    from lakestead.engine.profiles.schema import DRIFT_SCHEMA

    return _profile_columns(monitor) | set(DRIFT_SCHEMA.names)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _known(columns: Collection[str]) -> str:
    return f"Available columns: {', '.join(sorted(columns))}."
