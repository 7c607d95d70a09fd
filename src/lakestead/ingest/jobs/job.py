"""A job: one source table, query, API resource or set of files, and where and how its rows are loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import (
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from lakestead.core.config import Declaration

from .rules import RULES
from .values import (
    DestinationType,
    Evolution,
    FileFormat,
    IncrementalBy,
    Lag,
    LoadType,
    Name,
    NamedOptions,
    Names,
    Options,
    Reconcile,
    Strategy,
    Switch,
    TargetFormat,
    Text,
    Texts,
    Types,
    Watermark,
)

PATTERN_CHARACTERS = frozenset("*?[")


class Job(Declaration):
    """One row of the sheet `SourceConfig`, or one entry of `jobs:` in YAML; each field is a column."""

    model_config = ConfigDict(coerce_numbers_to_str=True, str_strip_whitespace=True)

    name: Text = Field(description="Names the job in logs, audit and state. Else source, schema and table.")
    source_type: Text = Field(description="The kind of source, e.g. postgres, mysql, api, filesystem.")
    source_name: Text = Field(description="The source: its section [sources.<source_name>] of the secrets.")
    schema_name: Text | None = Field(None, description="The schema that the table is in, at the source.")
    table_name: Text | None = Field(
        None, description="The table, or a pattern such as sales_*; for APIs and files the target's name."
    )
    query: Text | None = Field(None, description="SQL at the source, instead of table_name.")
    load_type: LoadType = Field("FULL", description="FULL reads all rows; INCREMENTAL only new ones.")
    strategy: Strategy | None = Field(
        None,
        description="What happens to the target's rows. Else FULL replaces them; INCREMENTAL merges where"
        " there is a primary key, and appends where there is none.",
    )
    watermark_column: Text | None = Field(
        None, description="INCREMENTAL: the column that grows, e.g. updated_at or id."
    )
    last_watermark: Watermark | None = Field(
        None, description="Where the first INCREMENTAL run starts; later ones go on from their own state."
    )
    lag: Lag | None = Field(
        None, description="How far back of the watermark to read again for late rows: '2 days', or a number."
    )
    end_value: Watermark | None = Field(None, description="Rows from this watermark on are not read.")
    primary_key: Names = Field(
        (), description="The columns that identify a row. Else what the source declares."
    )
    enabled: Switch = Field(True, description="Whether the job runs: Y or N.")
    chunk_size: int = Field(100_000, ge=1, description="Rows in a batch.")
    partition_column: Text | None = Field(None, description="A column by whose ranges a table is split.")
    partitions: int = Field(1, ge=1, description="How many ranges of one table are read at a time.")
    columns: Names = Field((), description="The columns to read; all if empty.")
    types: Types = Field(
        {}, description="Other SQL types than the source's: 'amount: decimal(20,4); x: string'."
    )
    api_endpoint: Text | None = Field(None, description="APIs: the resource's path, e.g. v1/customers.")
    pagination_type: NamedOptions | None = Field(None, description="APIs: how pages follow each other.")
    auth_type: Text | None = Field(None, description="APIs: how to log in; what with is in the secrets.")
    page_size: int | None = Field(None, ge=1, description="APIs: rows to ask for in a page.")
    data_selector: Text | None = Field(
        None, description="APIs: where the rows are in an answer, e.g. data.items."
    )
    params: Options = Field({}, description="APIs: parameters of the query string: 'status: open; sort: id'.")
    path: Text | None = Field(None, description="Files: URL or folder, with a glob: s3://bucket/in/*.csv.")
    file_format: FileFormat | None = Field(None, description="Files: their format. Else by their suffix.")
    format_options: Options = Field(
        {}, description="Files: options of the format: 'header: false; delimiter: |'."
    )
    incremental_by: IncrementalBy | None = Field(
        None, description="Files, INCREMENTAL: what tells new ones: modified, name, or folder_date."
    )
    destination_type: DestinationType | None = Field(
        None, description="databricks or filesystem. Else [destination] type of the secrets."
    )
    target_catalog: Name | None = Field(None, description="Else that of the secrets.")
    target_schema: Name | None = Field(None, description="Else that of the secrets.")
    target_table: Name | None = Field(None, description="Else table_name.")
    target_format: TargetFormat | None = Field(
        None, description="Filesystem: parquet (the default) or delta."
    )
    evolution: Evolution = Field(
        "evolve",
        description="When the source's columns change: evolve the target, freeze (fail), discard_value, or"
        " discard_row into the rejects.",
    )
    comment: str | None = Field(None, description="The new table's comment. Else the source's.")
    tags: Texts = Field({}, description="The new table's tags: 'owner: sales; tier: gold'.")
    cluster_by: Names = Field((), description="The new table's clustering columns.")
    reconcile: Reconcile = Field("count", description="Compare source and target by count, hash, or none.")
    retries: int = Field(3, ge=0, description="How often a failed job is tried again.")

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        data = {key: value for key, value in data.items() if value is not None}
        _split_table_name(data)
        parts = [data.get(key) for key in ("source_name", "schema_name")]
        parts.append(data.get("table_name", data.get("target_table", data.get("api_endpoint"))))
        return {"name": ".".join(str(part).strip() for part in parts if part) or "?", **data}

    @model_validator(mode="after")
    def _rules(self) -> Job:
        mistakes = [
            InitErrorDetails(
                type=PydanticCustomError("rule", "{text}", {"text": text}),
                loc=(field,),
                input=getattr(self, field),
            )
            for rule in RULES
            for field, text in rule(self)
        ]
        if mistakes:
            raise ValidationError.from_exception_data(type(self).__name__, mistakes)
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _all_mistakes(cls, data: Any, validate: ModelWrapValidatorHandler[Job]) -> Job:
        """Fields that are wrong do not hide what is wrong between the others."""
        try:
            return validate(data)
        except ValidationError as error:
            found = [_again(detail) for detail in error.errors()]
            wrong = {str(detail["loc"][0]) for detail in found if detail.get("loc")}
            if not isinstance(data, Mapping) or not wrong & set(data):
                raise
        try:
            validate({key: value for key, value in data.items() if key not in wrong})
        except ValidationError as error:
            rest = [_again(detail) for detail in error.errors()]
            found += [detail for detail in rest if str((*detail["loc"], "")[0]) not in wrong]
        raise ValidationError.from_exception_data(cls.__name__, found)

    @property
    def is_pattern(self) -> bool:
        """Whether the job stands for all tables whose names match."""
        return self.table_name is not None and bool(PATTERN_CHARACTERS & set(self.table_name))

    @property
    def target_name(self) -> str:
        """The target table's name, before it is made one that Unity Catalog takes."""
        return self.target_table or self.table_name or self.name

    def for_table(self, table: str) -> Job:
        """Return the job of one table that matches the pattern."""
        assert self.table_name is not None
        name = self.name.removesuffix(self.table_name) + table
        if name == self.name + table:
            name = f"{self.name}.{table}"
        return self.model_copy(update={"table_name": table, "name": name})

    def strategy_for(self, primary_key: Sequence[str]) -> Strategy:
        """Return what happens to the target's rows.

        Args:
            primary_key: the job's, or else the one that the source declares; may be empty.
        """
        if self.strategy is not None:
            return self.strategy
        if self.load_type == "FULL":
            return "replace"
        return "merge" if primary_key else "append"


def _split_table_name(data: dict[str, Any]) -> None:
    """`sales.orders` without a schema_name is the table `orders` of the schema `sales`."""
    table = data.get("table_name")
    if not isinstance(table, str) or any(key in data for key in ("schema_name", "api_endpoint", "path")):
        return
    schema, dot, name = table.strip().rpartition(".")
    if dot and schema and name and "." not in schema:
        data |= {"schema_name": schema, "table_name": name}


def _again(detail: Any) -> InitErrorDetails:
    """Return an error that was found as one that can be raised."""
    message = detail["msg"].removeprefix("Value error, ")
    kind = detail["type"] if detail["type"] in ("extra_forbidden", "missing") else None
    return InitErrorDetails(
        type=kind or PydanticCustomError("field", "{text}", {"text": message}),
        loc=detail["loc"],
        input=detail["input"],
    )
