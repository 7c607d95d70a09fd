"""Tables and views as DESCRIBE and SHOW see them: the metastore's, INFORMATION_SCHEMA's, the session's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.datatypes import DataType, from_arrow, parse_type
from lakestead.core.names import quote, quote_if_needed, quote_name
from lakestead.workspace.access import BROWSE, Access
from lakestead.workspace.catalog import locations
from lakestead.workspace.catalog.constraints import FOREIGN_KEY, PRIMARY_KEY
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.policies import Policies, Policy, function_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql import information_schema
from lakestead.workspace.sql.commands.listing import enter
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.information_schema.scope import SYSTEM_USER
from lakestead.workspace.store.objects import Kind, Securable, TableConstraint


@dataclass(frozen=True, slots=True)
class RelationColumn:
    """A column; ``default`` and ``generation`` are expressions."""

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None
    default: str | None = None
    identity: Mapping[str, Any] | None = None
    generation: str | None = None
    mask: AssignedPolicy | None = None


@dataclass(frozen=True, slots=True)
class AssignedPolicy:
    """A row filter or column mask as statements and reports name it.

    Attributes:
        function: its full name, quoted where it must be.
        arguments: what it is given, as SQL text.
        introduced: the words between the two.
    """

    function: str
    arguments: tuple[str, ...]
    introduced: str

    @property
    def listed(self) -> str:
        """Its arguments in parentheses."""
        return f"({', '.join(self.arguments)})"

    @property
    def text(self) -> str:
        """It as CREATE TABLE writes it."""
        needed = self.arguments or self.introduced == "ON"
        return f"{self.function} {self.introduced} {self.listed}" if needed else self.function

    @property
    def document(self) -> dict[str, Any]:
        """It as a report in JSON has it."""
        return {"function_name": self.function, "arguments": list(self.arguments)}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint; ``text`` is its definition without the name, with every name in backticks."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view.

    Attributes:
        path: its full name; a temporary view's has one part.
        table_type: MANAGED, EXTERNAL or VIEW.
        columns: in order.
        owner: who owns it.
        created_at: milliseconds since the epoch; None for a temporary view.
        comment: what it is for.
        location: where its data lies, as a path or URL.
        properties: the user's own.
        partitioned_by: names of columns.
        clustered_by: names of columns, nested ones with dots.
        constraints: primary key, then foreign keys, then CHECK constraints.
        row_filter: None without one.
        view_text: a view's query as it was written.
        view_definition: the same with every name in full; None for what cannot be made again.
    """

    path: tuple[str, ...]
    table_type: str
    columns: tuple[RelationColumn, ...]
    owner: str = SYSTEM_USER
    created_at: int | None = None
    comment: str | None = None
    location: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    partitioned_by: tuple[str, ...] = ()
    clustered_by: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    row_filter: AssignedPolicy | None = None
    view_text: str | None = None
    view_definition: str | None = None

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return self.table_type == "VIEW"

    @property
    def url(self) -> str:
        """Where its data lies, as a URL; empty for a view."""
        return locations.url(self.location) if self.location else ""

    def column(self, name: str) -> RelationColumn:
        """Return a column by its name in any case.

        Raises:
            ApiError: COLUMN_NOT_FOUND.
        """
        for one in self.columns:
            if one.name.lower() == name.lower():
                return one
        raise ApiError(
            ErrorCode.COLUMN_NOT_FOUND, f"Column {quote(name)} does not exist in {quote_name(*self.path)}."
        )


def see(ctx: Context, name: ast.Name) -> Iterable[Access]:
    """Yield what describing a table or view needs."""
    if _is_temporary(ctx, name):
        return
    path = ctx.full_name(name)
    if len(path) == 3 and path[1] == information_schema.NAME:
        yield from enter(ctx, path[:1])
    else:
        yield Access(BROWSE, Kind.TABLE, path)


def relation(ctx: Context, tx: Session, name: ast.Name) -> Relation:
    """Return the table or view that a statement names.

    Raises:
        ApiError: TABLE_NOT_FOUND; CATALOG_NOT_FOUND; SCHEMA_NOT_FOUND.
    """
    if _is_temporary(ctx, name):
        view = ctx.session.temporary_views[name[0].lower()]
        columns = tuple(RelationColumn(column, parse_type(text)) for column, text in view.columns)
        return Relation((view.name,), "VIEW", columns, ctx.principal.name, view_text=view.text)
    path = ctx.full_name(name)
    if len(path) == 3 and path[1] == information_schema.NAME:
        return _built_in(tx, path)
    return recorded(tx, get(tx, Kind.TABLE, path))


def _is_temporary(ctx: Context, name: ast.Name) -> bool:
    return len(name) == 1 and name[0].lower() in ctx.session.temporary_views


def _built_in(tx: Session, path: tuple[str, ...]) -> Relation:
    schema = information_schema.VIEWS.get(path[2])
    if schema is None:
        raise ApiError(ErrorCode.TABLE_NOT_FOUND, f"The table or view {quote_name(*path)} cannot be found.")
    made = (
        get(tx, Kind.METASTORE, ())
        if path[0] == information_schema.SYSTEM
        else get(tx, Kind.CATALOG, path[:1])
    )
    columns = tuple(RelationColumn(one.name, from_arrow(one.type), one.nullable) for one in schema)
    return Relation(path, "VIEW", columns, created_at=made.created_at)


def recorded(tx: Session, table: Securable) -> Relation:
    """Return a table or view of the metastore."""
    order = (PRIMARY_KEY, FOREIGN_KEY)
    constraints = sorted(
        table.constraints,
        key=lambda one: (order.index(one.kind) if one.kind in order else len(order), one.name),
    )
    have = Policies.of(table)
    return Relation(
        path=table.path,
        table_type=table.spec["table_type"],
        columns=tuple(
            RelationColumn(
                one.name,
                parse_type(one.type),
                one.nullable,
                one.comment,
                one.default,
                one.identity,
                one.generation,
                _policy(tx, have.mask(one.name), "USING COLUMNS"),
            )
            for one in table.columns
        ),
        owner=table.owner,
        created_at=table.created_at,
        comment=table.comment,
        location=table.location,
        properties=table.properties,
        partitioned_by=tuple(table.spec.get("partition_columns") or ()),
        clustered_by=tuple(table.spec.get("clustering_columns") or ()),
        constraints=tuple(_constraint(tx, one) for one in constraints),
        row_filter=_policy(tx, have.row_filter, "ON"),
        view_text=table.spec.get("view_text") or table.spec.get("view_definition"),
        view_definition=table.spec.get("view_definition"),
    )


def _policy(tx: Session, one: Policy | None, introduced: str) -> AssignedPolicy | None:
    if one is None:
        return None
    arguments = tuple(
        quote_if_needed(given.column) if given.column is not None else given.text for given in one.arguments
    )
    name = ".".join(map(quote_if_needed, function_name(tx, one)))
    return AssignedPolicy(name, arguments, introduced)


def _constraint(tx: Session, one: TableConstraint) -> Constraint:
    if one.kind not in (PRIMARY_KEY, FOREIGN_KEY):
        return Constraint(one.name, one.kind, f"CHECK ({one.expression})")
    series = set(one.timeseries_columns)
    columns = ", ".join(quote(column) + (" TIMESERIES" if column in series else "") for column in one.columns)
    text = f"{one.kind} ({columns})"
    if one.kind == FOREIGN_KEY:
        parent = tx.execute(select(Securable).where(Securable.id == one.parent_table_id)).scalar_one()
        referred = ", ".join(quote(column) for column in one.parent_columns)
        text += f" REFERENCES {quote_name(*parent.path)} ({referred})"
    return Constraint(one.name, one.kind, text + (" RELY" if one.rely else ""))
