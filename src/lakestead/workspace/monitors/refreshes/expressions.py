"""SQL expressions that users give: of slices, and of custom metrics as Jinja templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from lakestead.core.names import split_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors.spec import CustomMetric, MetricType, MonitorSpec
from lakestead.workspace.sql.analysis import has_subquery
from lakestead.workspace.sql.text import tokens_of

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_NAME = re.compile(r"`(?:[^`]|``)+`|[^\W\d]\w*")
# What `{{current_df}}` and `{{base_df}}` become: the metrics of the two rows that are compared.
CURRENT, BASE = "current_df", "base_df"


def metric_expression(metric: CustomMetric, monitor: MonitorSpec, input_column: str) -> str:
    """Return the SQL expression of a custom metric for one of its input columns.

    Args:
        metric: its definition.
        monitor: whose columns the template can name.
        input_column: a column of the table, or ``:table``.

    Raises:
        ApiError: INVALID_REQUEST when the template cannot be read, uses a name that is not there, or gives no
            single expression.
    """
    from jinja2 import TemplateError

    names = {
        "input_column": input_column,
        "prediction_col": monitor.prediction_column,
        "label_col": monitor.label_column,
    }
    if metric.type is MetricType.DRIFT:
        names |= {CURRENT: CURRENT, BASE: BASE}
    known = {name: value for name, value in names.items() if value is not None}
    what = f"Custom metric '{metric.name}'"
    try:
        text = _environment().from_string(metric.definition).render(known)
    except TemplateError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{what}: {error.message}.") from None
    return enclosed(text, what)


def enclosed(text: str, what: str) -> str:
    """Return an expression in parentheses, out of which it cannot reach.

    Args:
        text: the expression.
        what: it is, for the message.

    Raises:
        ApiError: INVALID_REQUEST when it is more than one expression, or has a subquery.
    """
    # A comment at its end must not swallow the parenthesis.
    text = f"({text}\n)"
    depth = 0
    tokens = tokens_of(text)
    one = tokens[1].key != ")"
    for place, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.key, 0)
        closed = depth == 0 and token.end < len(text) and place < len(tokens) - 1
        one = one and token.key != ";" and depth >= 0 and not closed
    if not one:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{what}: {text[1:-2]!r} is not one SQL expression.")
    if has_subquery(text):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{what}: {text[1:-2]!r} has a subquery.")
    return text


def is_name(expression: str) -> bool:
    """Return whether an expression is nothing but the name of a column, there or not."""
    return _NAME.fullmatch(expression.strip()) is not None


def column_named(expression: str, columns: Sequence[str]) -> str | None:
    """Return the column that an expression is nothing but the name of; None for any other expression."""
    if not is_name(expression):
        return None
    [name] = split_name(expression)
    return next((one for one in columns if one.lower() == name.lower()), None)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    # Here, as only monitors with custom metrics need it.
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
