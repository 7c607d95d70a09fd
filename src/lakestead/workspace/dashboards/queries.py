"""The SQL of widgets: their query over their dataset, with what filters select."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

from lakestead.workspace.dashboards.dates import resolve
from lakestead.workspace.dashboards.definition import Dataset, DatasetParameter, Query
from lakestead.workspace.sql.statement import Parameter

# Types of parameters that have another name in SQL.
_TYPES: Mapping[str, str] = {"DATETIME": "TIMESTAMP", "INTEGER": "BIGINT", "NUMBER": "DECIMAL(38,18)"}
_PLAIN = re.compile(r"`((?:[^`]|``)+)`")
_COUNT_ALL = re.compile(r"\bCOUNT\(\s*`\*`\s*\)", re.IGNORECASE)
_BIN = re.compile(r"\bBIN_FLOOR\(\s*(`(?:[^`]|``)+`)\s*,\s*([\d.]+)\s*\)", re.IGNORECASE)
# What Databricks' own editor adds to the queries of filters; nothing shows it.
_ASSOCIATIVE = "associative_filter_predicate_group"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a filter selects: some values, or a range of dates.

    Attributes:
        values: as text; None is a NULL. Not given of a range.
        since: the first day of a range; None leaves it open.
        until: its last day.
    """

    values: tuple[str | None, ...] | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """What filters select of one dataset.

    Attributes:
        fields: expressions over the dataset's columns, and what is chosen of each.
        parameters: keywords of its parameters, and what each is set to.
    """

    fields: tuple[tuple[str, Chosen], ...] = ()
    parameters: tuple[tuple[str, Chosen], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement and its parameters."""

    text: str
    parameters: tuple[Parameter, ...]


def plain_column(expression: str) -> str | None:
    """Return the column that an expression is nothing but; None of any other."""
    match = _PLAIN.fullmatch(expression.strip())
    return match[1].replace("``", "`") if match else None


def expression_sql(expression: str) -> str:
    """Return an expression of a field as SQL: the editor's own forms are replaced."""
    return _BIN.sub(r"FLOOR(\1 / \2) * \2", _COUNT_ALL.sub("COUNT(*)", expression))


def columns_of(dataset: Dataset) -> Asked:
    """Return the statement that tells a dataset's columns."""
    source, parameters = _source(dataset, Selected())
    return Asked(f"SELECT * FROM {source} LIMIT 0", tuple(parameters))


def rows_of(dataset: Dataset, query: Query, selected: Selected, limit: int) -> Asked:
    """Return the statement of a widget's query.

    Args:
        dataset: what it asks.
        query: the query.
        selected: what filters select of the dataset.
        limit: rows at most.
    """
    source, parameters = _source(dataset, selected)
    shown = [one for one in query.fields if _ASSOCIATIVE not in one.expression]
    columns = ", ".join(f"{expression_sql(one.expression)} AS {_quoted(one.name)}" for one in shown) or "*"
    text = f"SELECT {columns} FROM {source}"
    conditions = [f"({expression_sql(one.expression)})" for one in query.filters]
    for number, (expression, chosen) in enumerate(selected.fields):
        condition, values = _condition(expression_sql(expression), chosen, f"filter_{number}")
        conditions.append(condition)
        parameters += values
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    keys = [] if query.disaggregated else _keys([expression_sql(one.expression) for one in shown])
    if keys:
        text += f" GROUP BY {', '.join(keys)}"
    if query.orders:
        orders = (f"{expression_sql(one.expression)} {one.direction}" for one in query.orders)
        text += f" ORDER BY {', '.join(orders)}"
    return Asked(f"{text} LIMIT {limit}", tuple(parameters))


def options_of(dataset: Dataset, expression: str, limit: int) -> Asked:
    """Return the statement for the values that a filter offers, as text."""
    source, parameters = _source(dataset, Selected())
    value = expression_sql(expression)
    return Asked(
        f"SELECT DISTINCT CAST({value} AS STRING) AS `value` FROM {source} ORDER BY 1 LIMIT {limit}",
        tuple(parameters),
    )


def _keys(expressions: Sequence[str]) -> list[str]:
    """Return the positions of the expressions that are no aggregates, which is what rows are grouped by."""
    keys = []
    for position, expression in enumerate(expressions, start=1):
        try:
            parsed = parse_one(expression, dialect="databricks")
        except ParseError:
            # The statement will fail, and say better why.
            return []
        if parsed.find(exp.Column) and not parsed.find(exp.AggFunc):
            keys.append(str(position))
    return keys


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _condition(value: str, chosen: Chosen, name: str) -> tuple[str, list[Parameter]]:
    if chosen.values is None:
        ends = [(">=", chosen.since, f"{name}_since"), ("<=", chosen.until, f"{name}_until")]
        given = [(sign, day, marker) for sign, day, marker in ends if day is not None]
        tests = [f"CAST({value} AS DATE) {sign} CAST(:{marker} AS DATE)" for sign, _, marker in given]
        return " AND ".join(tests) or "TRUE", [Parameter(day, name=marker) for _, day, marker in given]
    texts = [one for one in chosen.values if one is not None]
    markers = [f"{name}_{number}" for number in range(len(texts))]
    tests = [f"{value} IS NULL"] if None in chosen.values else []
    if texts:
        tests.append(f"CAST({value} AS STRING) IN ({', '.join(f':{one}' for one in markers)})")
    parameters = [Parameter(text, name=marker) for text, marker in zip(texts, markers, strict=True)]
    return f"({' OR '.join(tests) or 'FALSE'})", parameters


def _source(dataset: Dataset, selected: Selected) -> tuple[str, list[Parameter]]:
    """Return a dataset as it stands after FROM, and the parameters that it has."""
    text = dataset.text
    parameters: list[Parameter] = []
    for declared in dataset.parameters:
        default = _default(declared)
        chosen = dict(selected.parameters).get(declared.keyword) or default
        if chosen.values is None:
            # An end that was left open is where it was before anything was chosen.
            chosen = Chosen(None, chosen.since or default.since, chosen.until or default.until)
        for suffix, parameter in _values(declared, chosen):
            # A value with two parts is two parameters.
            marker = re.compile(rf":{declared.keyword}{re.escape(suffix)}\b(?!\.)")
            name = declared.keyword + suffix.replace(".", "_")
            text, count = marker.subn(f":{name}", text)
            if count:
                parameters.append(
                    Parameter(parameter.value, parameter.type, name=name, arguments=parameter.arguments)
                )
    # On lines of its own: it may end in a comment.
    return f"(\n{text}\n) AS `dataset`", parameters


def _default(declared: DatasetParameter) -> Chosen:
    selection = declared.default_selection
    if selection is None:
        return Chosen(values=())
    if selection.range is not None:
        ends = (selection.range.min, selection.range.max)
        since, until = (None if end is None else end.text for end in ends)
        return Chosen(since=since, until=until)
    return Chosen(values=tuple(one.text for one in selection.values.values) if selection.values else ())


def _values(declared: DatasetParameter, chosen: Chosen) -> Sequence[tuple[str, Parameter]]:
    kind = _TYPES.get(declared.data_type, declared.data_type)
    values = chosen.values or ()
    if declared.complex_type == "RANGE":
        ends = ((".min", chosen.since, False), (".max", chosen.until, True))
        return [(suffix, Parameter(resolve(end, kind, last=last), kind)) for suffix, end, last in ends]
    if declared.complex_type == "MULTI":
        elements = tuple(Parameter(resolve(one, kind), kind) for one in values)
        return [("", Parameter(None, "ARRAY", arguments=elements))]
    return [("", Parameter(resolve(values[0], kind) if values else chosen.since, kind))]
