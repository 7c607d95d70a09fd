"""Rules that the rows of tables must keep.

checks:
  main.sales.orders:
    - {kind: not_null, columns: [id, customer_id]}
    - {kind: unique, columns: id}
    - {kind: range, column: amount, min: 0, where: "status <> 'cancelled'", threshold: 0.99}
    - {kind: foreign_key, column: customer_id, references: main.sales.customers.id}

or, where only rows are to be checked that are new since the last time:

  main.sales.orders:
    since: loaded_at
    rules: [...]
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, FiniteFloat, RootModel, field_validator, model_validator

from lakestead.core.config import Declaration
from lakestead.core.names import canonical, split_name

Severity: TypeAlias = Literal["warn", "error"]
Literally: TypeAlias = bool | int | FiniteFloat | Decimal | dt.datetime | dt.date | str
Columns: TypeAlias = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else given),
    Field(min_length=1),
]

_TABLE_PARTS = 3
_LONGEST_NAME = 80


class Rule(Declaration):
    """What all rules have.

    Args:
        name: what reports and `_failed_checks` call it; unless given, made of what the rule says.
        severity: whether the check's failure is an error, or only worth a warning.
    """

    kind: str
    name: str | None = Field(default=None, min_length=1)
    severity: Severity = "error"

    @property
    def title(self) -> str:
        """The rule's name."""
        return self.name or (f"{self.kind}({self.about})" if self.about else self.kind)[:_LONGEST_NAME]

    @property
    def about(self) -> str:
        """What the rule is about, in a word or two."""
        return ""

    @property
    def expressions(self) -> tuple[str, ...]:
        """The SQL expressions over a row that the rule has."""
        return ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that the rule names."""
        return ()


class RowRule(Rule):
    """A rule that each row keeps or breaks. Rows in which it has no answer, for NULL, keep it.

    Args:
        where: an SQL expression: the rows that the rule is about.
        threshold: the share of these that must keep the rule, 0 to 1.
        quarantine: whether the rows that break it are copied into the quarantine table.
    """

    where: str | None = None
    threshold: float = Field(default=1.0, ge=0, le=1)
    quarantine: bool = True

    @property
    def expressions(self) -> tuple[str, ...]:
        return (self.where,) if self.where is not None else ()


class TableRule(Rule):
    """A rule that a table keeps or breaks as a whole.

    Args:
        where: an SQL expression: the rows that the rule is about.
    """

    where: str | None = None

    @property
    def expressions(self) -> tuple[str, ...]:
        return (self.where,) if self.where is not None else ()


class NotNull(RowRule):
    """None of the columns is NULL."""

    kind: Literal["not_null"]
    columns: Columns

    @property
    def about(self) -> str:
        return ", ".join(self.columns)

    @property
    def needs(self) -> tuple[str, ...]:
        return self.columns


class Unique(RowRule):
    """No other row has the same values in the columns. A row with a NULL in them is like no other."""

    kind: Literal["unique"]
    columns: Columns

    @property
    def about(self) -> str:
        return ", ".join(self.columns)

    @property
    def needs(self) -> tuple[str, ...]:
        return self.columns


class ColumnRule(RowRule):
    """A rule about the values of a column."""

    column: str

    @property
    def about(self) -> str:
        return self.column

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)


class Range(ColumnRule):
    """Values are from `min` to `max`, both included; one of them may be left out."""

    kind: Literal["range"]
    min: Literally | None = None
    max: Literally | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Range:
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        return self


class Pattern(ColumnRule):
    """A regular expression (Java's) is found in the text; `^` and `$` tie it to the ends."""

    kind: Literal["pattern"]
    regex: str = Field(min_length=1)


class Allowed(ColumnRule):
    """Values are among these."""

    kind: Literal["set"]
    values: tuple[Literally, ...] = Field(min_length=1)


class ForeignKey(ColumnRule):
    """Values are in a column of another table.

    Args:
        references: `catalog.schema.table.column`.
    """

    kind: Literal["foreign_key"]
    references: str

    @field_validator("references")
    @classmethod
    def _is_a_column(cls, given: str) -> str:
        if len(split_name(given)) != _TABLE_PARTS + 1:
            raise ValueError(f"'{given}' is no catalog.schema.table.column")
        return given

    @property
    def referenced(self) -> tuple[tuple[str, ...], str]:
        """The other table's name in parts, and its column."""
        *table, column = split_name(self.references)
        return tuple(map(canonical, table)), column


class Freshness(TableRule):
    """The youngest value of a DATE or TIMESTAMP column is at most so old. An empty table is not fresh."""

    kind: Literal["freshness"]
    column: str
    max_age_hours: float = Field(gt=0, allow_inf_nan=False)

    @property
    def about(self) -> str:
        return self.column

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.column,)


class RowCount(TableRule):
    """The table has from `min` to `max` rows, both included; one of them may be left out."""

    kind: Literal["row_count"]
    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _has_an_end(self) -> RowCount:
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        return self


class Expression(RowRule):
    """An SQL expression that is true of each row."""

    kind: Literal["sql"]
    expression: str = Field(min_length=1)

    @property
    def about(self) -> str:
        return self.expression

    @property
    def expressions(self) -> tuple[str, ...]:
        return (self.expression, *super().expressions)


class Query(Rule):
    """A query that returns no row."""

    kind: Literal["query"]
    query: str = Field(min_length=1)

    @property
    def about(self) -> str:
        return self.query


AnyRule: TypeAlias = Annotated[
    NotNull | Unique | Range | Pattern | Allowed | ForeignKey | Freshness | RowCount | Expression | Query,
    Field(discriminator="kind"),
]


class TableChecks(Declaration):
    """The rules of a table.

    Args:
        rules: one or more.
        since: a TIMESTAMP column by which new rows are known: each run checks those whose value is above the
            highest of the last run, and those that have none. Without one, all rows are checked each time.
        output_schema_name: where results and quarantine are; else where the table's metrics are.
        quarantine_days: how long rows stay in the quarantine table; for ever if it is left out.
    """

    rules: tuple[AnyRule, ...]
    since: str | None = None
    output_schema_name: str | None = None
    quarantine_days: int | None = Field(default=None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _from_rules_alone(cls, given: Any) -> Any:
        return {"rules": given} if isinstance(given, list | tuple) else given

    @model_validator(mode="after")
    def _has_distinct_rules(self) -> TableChecks:
        if not self.rules:
            raise ValueError("there are no rules")
        titles = [rule.title.lower() for rule in self.rules]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise ValueError(f"two rules are called '{twice[0]}': give them names")
        return self


class Checks(RootModel[dict[str, TableChecks]]):
    """The section `checks`: rules by the full names of tables."""

    root: dict[str, TableChecks] = Field(default_factory=dict)

    @field_validator("root")
    @classmethod
    def _are_tables(cls, given: dict[str, TableChecks]) -> dict[str, TableChecks]:
        found: dict[str, TableChecks] = {}
        for name, checks in given.items():
            parts = tuple(map(canonical, split_name(name)))
            if len(parts) != _TABLE_PARTS:
                raise ValueError(f"'{name}' is no catalog.schema.table")
            if ".".join(parts) in found:
                raise ValueError(f"the table '{name}' is given twice")
            found[".".join(parts)] = checks
        return found
