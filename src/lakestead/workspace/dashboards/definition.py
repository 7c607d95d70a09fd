"""What a serialized dashboard says, as far as the workspace reads it.

The format is Databricks' (`*.lvdash.json`). What is not read here is kept in the text and given back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

FILTERS = frozenset(
    {"filter-single-select", "filter-multi-select", "filter-date-picker", "filter-date-range-picker"}
)
GLOBAL_FILTERS = "PAGE_TYPE_GLOBAL_FILTERS"


class Part(BaseModel):
    """A part of a dashboard."""

    # Built when the first dashboard is read: servers start without.
    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True, defer_build=True
    )


class Value(Part):
    """One value of a selection, as text."""

    value: str | int | float | bool | None = None

    @property
    def text(self) -> str | None:
        """The value as SQL casts it."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return None if self.value is None else str(self.value)


class Values(Part):
    """Selected values."""

    values: tuple[Value, ...] = ()


class Range(Part):
    """A selected range; None leaves an end open."""

    min: Value | None = None
    max: Value | None = None


class Selection(Part):
    """What is selected before anybody selects anything."""

    values: Values | None = None
    range: Range | None = None


class DatasetParameter(Part):
    """A parameter of a dataset: ``:keyword``; of ranges ``:keyword.min`` and ``:keyword.max``."""

    keyword: str = Field(pattern=r"^[A-Za-z_]\w*$")
    data_type: str = "STRING"
    complex_type: Literal["MULTI", "RANGE"] | None = None
    default_selection: Selection | None = None


class Dataset(Part):
    """A query that widgets show."""

    name: str = Field(min_length=1)
    display_name: str | None = None
    query: str | None = None
    query_lines: tuple[str, ...] | None = None
    parameters: tuple[DatasetParameter, ...] = ()

    @property
    def text(self) -> str:
        """Its SQL, without a semicolon at its end."""
        return ("".join(self.query_lines or ()) or self.query or "").strip().removesuffix(";").rstrip()

    @property
    def title(self) -> str:
        """What people call it."""
        return self.display_name or self.name


class QueryField(Part):
    """A column of a widget's query: an expression over the dataset's columns."""

    name: str
    expression: str = Field(min_length=1)


class Order(Part):
    """An order of rows."""

    direction: Literal["ASC", "DESC"] = "ASC"
    expression: str = Field(min_length=1)


class Condition(Part):
    """A condition that rows meet."""

    expression: str = Field(min_length=1)


class Bound(Part):
    """A parameter of the dataset that a filter sets."""

    name: str
    keyword: str


class Query(Part):
    """What a widget asks of a dataset; grouped by the fields that are no aggregates unless disaggregated."""

    dataset_name: str
    fields: tuple[QueryField, ...] = ()
    disaggregated: bool = False
    orders: tuple[Order, ...] = ()
    filters: tuple[Condition, ...] = ()
    parameters: tuple[Bound, ...] = ()


class NamedQuery(Part):
    """A widget's query and its name in the widget."""

    name: str
    query: Query


class Spec(Part):
    """How a widget shows what its queries give."""

    widget_type: str
    encodings: Mapping[str, Any] = Field(default_factory=dict)


class TextLines(Part):
    """Markdown."""

    lines: tuple[str, ...] = ()


class Widget(Part):
    """A chart, table, counter, filter or text."""

    name: str = Field(min_length=1)
    queries: tuple[NamedQuery, ...] = ()
    spec: Spec | None = None
    multiline_textbox_spec: TextLines | None = None
    textbox_spec: str | None = Field(
        default=None, validation_alias=AliasChoices("textbox_spec", "textboxSpec")
    )

    @property
    def is_text(self) -> bool:
        """Whether it shows text of its own."""
        return self.multiline_textbox_spec is not None or self.textbox_spec is not None

    @property
    def is_filter(self) -> bool:
        """Whether people select with it what other widgets show."""
        return self.spec is not None and self.spec.widget_type in FILTERS

    def encoded(self) -> Iterator[Mapping[str, Any]]:
        """Give every encoding of a field or parameter, at any depth."""
        yield from _encoded(self.spec.encodings if self.spec else {})

    def query(self, name: str) -> Query | None:
        """Return one of its queries."""
        return next((one.query for one in self.queries if one.name == name), None)


class Position(Part):
    """A place in the page's grid."""

    x: int = Field(ge=0)
    y: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Placed(Part):
    """A widget in its place."""

    widget: Widget
    position: Position


class Page(Part):
    """A page of widgets."""

    name: str = Field(min_length=1)
    display_name: str = ""
    page_type: str = "PAGE_TYPE_CANVAS"
    layout: tuple[Placed, ...] = ()

    @property
    def widgets(self) -> list[Widget]:
        """Its widgets."""
        return [placed.widget for placed in self.layout]


class Definition(Part):
    """A whole dashboard."""

    datasets: tuple[Dataset, ...] = ()
    pages: tuple[Page, ...] = ()

    def dataset(self, name: str) -> Dataset | None:
        """Return one of its datasets."""
        return next((one for one in self.datasets if one.name == name), None)


def _encoded(part: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        if "fieldName" in part or "parameterName" in part:
            yield part
        for inner in part.values():
            yield from _encoded(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _encoded(inner)


def parse(text: str) -> tuple[Definition | None, list[str]]:
    """Return a serialized dashboard as values, or all that is wrong with its shape."""
    try:
        return Definition.model_validate_json(text or "{}"), []
    except ValidationError as error:
        return None, [
            f"{'.'.join(str(part) for part in one['loc']) or 'serialized_dashboard'}: {one['msg']}"
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
