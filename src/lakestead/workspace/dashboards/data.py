"""What a dashboard's widgets show: their queries, run with what its filters select."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakestead.workspace.dashboards.definition import GLOBAL_FILTERS, Definition, Page, Query, Widget
from lakestead.workspace.dashboards.queries import Asked, Chosen, Selected, options_of, rows_of
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.results.strings import texts
from lakestead.workspace.sql.statement import Client
from lakestead.workspace.statements.asking import Asking

# A chart of more points, and a table of more rows, would tell nobody more; the page says that there are more.
MAX_ROWS = 10_000
MAX_OPTIONS = 1000
_APPLICATION = "lakestead-dashboards"


@dataclass(frozen=True, slots=True)
class Source:
    """A dashboard whose widgets are asked for.

    Attributes:
        definition: its draft, or what is published of it.
        principal: with whose privileges its queries run.
        warehouse_id: the warehouse they run on.
        catalog: where names without a catalog look.
        schema: where names without a schema look.
    """

    definition: Definition
    principal: str
    warehouse_id: str
    catalog: str | None
    schema: str | None

    def run(self, asking: Asking, asked: Asked) -> dict[str, Any]:
        """Run a statement and return its columns and its rows, all values as text.

        Raises:
            ApiError: why it failed.
        """
        client = Client(application=_APPLICATION, warehouse_id=self.warehouse_id)
        with asking.answer(
            self.principal,
            asked.text,
            asked.parameters,
            client=client,
            catalog=self.catalog,
            schema=self.schema,
        ) as answer:
            table = answer.table()
            columns = [{"name": one.name, "type": one.type.sql} for one in answer.columns]
            values = [
                texts(table[number].combine_chunks(), one.type).to_pylist()
                for number, one in enumerate(answer.columns)
            ]
        return {"columns": columns, "rows": [list(row) for row in zip(*values, strict=True)]}

    def columns(self, asking: Asking, asked: Asked) -> list[str]:
        """Run a statement that gives no rows and return its columns; errors as of :meth:`run`."""
        return [one["name"] for one in self.run(asking, asked)["columns"]]

    def rows(
        self, asking: Asking, page: str, widget: str, query: str, chosen: Mapping[str, Chosen]
    ) -> dict[str, Any]:
        """Return what a query of a widget gives.

        Args:
            asking: runs statements.
            page: the name of the page the widget is on.
            widget: its name.
            query: its query's.
            chosen: what the filters of the dashboard select, by their names; those of other pages than
                this one apply when the page is one of global filters.

        Raises:
            ApiError: NOT_FOUND of what the dashboard has not; why the statement failed.
        """
        on, asks = self._find(page, widget)
        found = asks.query(query)
        dataset = self.definition.dataset(found.dataset_name) if found else None
        if found is None or dataset is None:
            raise ApiError(ErrorCode.NOT_FOUND, f"Widget '{widget}' has no query '{query}'.")
        if asks.is_filter:
            # What can be selected does not depend on what is.
            expression = found.fields[0].expression if found.fields else "NULL"
            return self.run(asking, options_of(dataset, expression, MAX_OPTIONS)) | {"truncated": False}
        selected = self._selected(on, dataset.name, chosen)
        shown = self.run(asking, rows_of(dataset, found, selected, MAX_ROWS + 1))
        rows = shown["rows"]
        return {**shown, "rows": rows[:MAX_ROWS], "truncated": len(rows) > MAX_ROWS}

    def _find(self, page: str, widget: str) -> tuple[Page, Widget]:
        for on in self.definition.pages:
            for one in on.widgets:
                if (on.name, one.name) == (page, widget):
                    return on, one
        raise ApiError(ErrorCode.NOT_FOUND, f"The dashboard has no widget '{widget}' on page '{page}'.")

    def _selected(self, page: Page, dataset: str, chosen: Mapping[str, Chosen]) -> Selected:
        fields: list[tuple[str, Chosen]] = []
        parameters: list[tuple[str, Chosen]] = []
        for widget in self._filters(page):
            if widget.name not in chosen:
                continue
            for encoding in widget.encoded():
                query = _query_of(widget, encoding)
                if query is None or query.dataset_name != dataset:
                    continue
                fields += [
                    (one.expression, chosen[widget.name])
                    for one in query.fields
                    if one.name == encoding.get("fieldName")
                ]
                parameters += [
                    (one.keyword, chosen[widget.name])
                    for one in query.parameters
                    if one.name == encoding.get("parameterName")
                ]
        return Selected(tuple(fields), tuple(parameters))

    def _filters(self, page: Page) -> Iterator[Widget]:
        for one in self.definition.pages:
            if one.name == page.name or one.page_type == GLOBAL_FILTERS:
                yield from (widget for widget in one.widgets if widget.is_filter)


def _query_of(widget: Widget, encoding: Mapping[str, Any]) -> Query | None:
    """Return the query that an encoding of a filter is about: the one it names, or the only one."""
    name = encoding.get("queryName")
    if name is None:
        return widget.queries[0].query if widget.queries else None
    return widget.query(str(name))


def defaults(definition: Definition) -> dict[str, list[str | None]]:
    """Return the values of parameters before a filter sets them, by the names of the filters that do."""
    found: dict[str, list[str | None]] = {}
    filters = (widget for page in definition.pages for widget in page.widgets if widget.is_filter)
    for widget in filters:
        for query in (named.query for named in widget.queries):
            dataset = definition.dataset(query.dataset_name)
            keywords = {bound.keyword for bound in query.parameters}
            for declared in dataset.parameters if dataset is not None else ():
                selection = declared.default_selection
                if declared.keyword in keywords and selection is not None and selection.values is not None:
                    found[widget.name] = [value.text for value in selection.values.values]
    return found
