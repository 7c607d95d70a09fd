"""What is wrong with a dashboard: all of it at once, each with the dataset, page or widget it is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from lakestead.workspace.dashboards.definition import Dataset, Definition, Page, Query, Widget
from lakestead.workspace.dashboards.queries import Asked, Selected, columns_of, plain_column, rows_of
from lakestead.workspace.errors import ApiError

# Runs a statement without rows and returns the names of its columns; raises ApiError.
Columns = Callable[[Asked], list[str]]


def shape_problems(definition: Definition) -> Iterator[str]:
    """Give what is wrong with a dashboard's names and references."""
    datasets = [one.name for one in definition.datasets]
    pages = [one.name for one in definition.pages]
    widgets = [widget.name for page in definition.pages for widget in page.widgets]
    yield from _twice("dataset", datasets)
    yield from _twice("page", pages)
    yield from _twice("widget", widgets)
    for dataset in definition.datasets:
        if not dataset.text:
            yield f"dataset '{dataset.title}': it has neither queryLines nor query"
        keywords = [one.keyword for one in dataset.parameters]
        yield from (f"dataset '{dataset.title}': {one}" for one in _twice("parameter", keywords))
    for page, widget in _widgets(definition):
        yield from (f"{_place(page, widget)}: {one}" for one in _widget_problems(definition, widget))


def _widget_problems(definition: Definition, widget: Widget) -> Iterator[str]:
    if widget.spec is None and not widget.is_text:
        yield "it has no spec, multilineTextboxSpec or textboxSpec"
    yield from _twice("query", [one.name for one in widget.queries])
    for named in widget.queries:
        dataset = definition.dataset(named.query.dataset_name)
        if dataset is None:
            known = ", ".join(f"'{one.name}'" for one in definition.datasets) or "none"
            yield f"query '{named.name}': there is no dataset '{named.query.dataset_name}'; datasets: {known}"
            continue
        yield from _twice("field", [one.name for one in named.query.fields])
        keywords = {one.keyword for one in dataset.parameters}
        for bound in named.query.parameters:
            if bound.keyword not in keywords:
                yield f"query '{named.name}': dataset '{dataset.title}' has no parameter '{bound.keyword}'"
    for encoding in widget.encoded():
        yield from _encoding_problems(widget, encoding)


def _encoding_problems(widget: Widget, encoding: Mapping[str, object]) -> Iterator[str]:
    name = encoding.get("queryName")
    asked = widget.query(str(name)) if name is not None else None
    if name is not None and asked is None:
        yield f"an encoding names the query '{name}', which the widget has not"
        return
    queries = [asked] if asked is not None else [one.query for one in widget.queries]
    field, parameter = encoding.get("fieldName"), encoding.get("parameterName")
    fields = {one.name for query in queries for one in query.fields}
    if field is not None and field not in fields:
        known = ", ".join(f"'{one}'" for one in sorted(fields)) or "none"
        yield f"an encoding names the field '{field}', which its query has not; fields: {known}"
    if parameter is not None and parameter not in {one.name for query in queries for one in query.parameters}:
        yield f"an encoding names the parameter '{parameter}', which its query has not"


def data_problems(definition: Definition, columns: Columns) -> Iterator[str]:
    """Give what is wrong with a dashboard's SQL: its datasets, and fields that do not resolve in them.

    Args:
        definition: a dashboard whose shape is right.
        columns: runs statements.
    """
    there: dict[str, set[str]] = {}
    for dataset in definition.datasets:
        try:
            there[dataset.name] = {one.lower() for one in columns(columns_of(dataset))}
        except ApiError as error:
            yield f"dataset '{dataset.title}': {error.sql_message}"
    for page, widget in _widgets(definition):
        for named in widget.queries:
            asked = definition.dataset(named.query.dataset_name)
            # What is wrong with the dataset was said of the dataset.
            if asked is not None and asked.name in there:
                for problem in _query_problems(asked, there[asked.name], named.query, columns):
                    yield f"{_place(page, widget)}: {problem}"


def _query_problems(dataset: Dataset, there: set[str], query: Query, columns: Columns) -> Iterator[str]:
    plain = [(one, plain_column(one.expression)) for one in query.fields]
    missing = [one for one, column in plain if column is not None and column.lower() not in there]
    for field in missing:
        known = ", ".join(sorted(there))
        yield (
            f"field '{field.name}': dataset '{dataset.title}' has no column {field.expression}; "
            f"columns: {known}"
        )
    computes = query.filters or query.orders or any(column is None for _, column in plain)
    if computes and not missing:
        try:
            columns(rows_of(dataset, query, Selected(), 0))
        except ApiError as error:
            yield f"its fields do not resolve in dataset '{dataset.title}': {error.sql_message}"


def _widgets(definition: Definition) -> Iterator[tuple[Page, Widget]]:
    return ((page, widget) for page in definition.pages for widget in page.widgets)


def _place(page: Page, widget: Widget) -> str:
    return f"page '{page.display_name or page.name}', widget '{widget.name}'"


def _twice(kind: str, names: Iterable[str]) -> list[str]:
    return [
        f"the {kind} name '{name}' is used {count} times"
        for name, count in Counter(names).items()
        if count > 1
    ]
