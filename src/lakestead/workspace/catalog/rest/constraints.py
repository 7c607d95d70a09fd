"""REST: primary and foreign keys."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from lakestead.workspace.access import MANAGE, Access
from lakestead.workspace.catalog import constraints, info
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest.common import PREFIX, needs, parts
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.store.objects import Kind


class PrimaryKey(Body):
    """A primary key as the client sends it."""

    name: str
    child_columns: list[str]
    timeseries_columns: tuple[str, ...] = ()
    rely: bool = False


class ForeignKey(Body):
    """A foreign key as the client sends it."""

    name: str
    child_columns: list[str]
    parent_table: str
    parent_columns: list[str]
    rely: bool = False


class Constraint(Body):
    """One of the two."""

    primary_key_constraint: PrimaryKey | None = None
    foreign_key_constraint: ForeignKey | None = None


class Create(Body):
    """Body of a new constraint."""

    full_name_arg: str
    constraint: Constraint


class Delete(Body):
    """Query parameters of a deletion."""

    constraint_name: str
    cascade: bool = False


def may_create(call: Call, _: Session) -> Iterator[Access]:
    """Access rule: managing the table, and reading the one that a foreign key refers to."""
    asked = call.parse(Create)
    yield Access(MANAGE, Kind.TABLE, parts(asked.full_name_arg))
    if asked.constraint.foreign_key_constraint is not None:
        yield Access("SELECT", Kind.TABLE, parts(asked.constraint.foreign_key_constraint.parent_table))


def create(call: Call) -> info.Json:
    """POST a new primary or foreign key."""
    asked = call.parse(Create)
    primary, foreign = asked.constraint.primary_key_constraint, asked.constraint.foreign_key_constraint
    with call.workspace.store.write() as tx:
        table = lookup(tx, Kind.TABLE, parts(asked.full_name_arg))
        if primary is not None and foreign is None:
            made = constraints.add_primary_key(
                tx,
                call.principal,
                table,
                primary.name,
                primary.child_columns,
                timeseries_columns=primary.timeseries_columns,
                rely=primary.rely,
            )
        elif foreign is not None and primary is None:
            made = constraints.add_foreign_key(
                tx,
                call.principal,
                table,
                foreign.name,
                foreign.child_columns,
                lookup(tx, Kind.TABLE, parts(foreign.parent_table)),
                foreign.parent_columns,
                rely=foreign.rely,
            )
        else:
            raise ApiError(
                ErrorCode.INVALID_REQUEST,
                "A constraint is either a primary_key_constraint or a foreign_key_constraint.",
            )
        tx.refresh(made)
        return info.constraint(made)


def delete(call: Call) -> None:
    """DELETE a constraint by name."""
    asked = call.arguments(Delete)
    with call.workspace.store.write() as tx:
        table = lookup(tx, Kind.TABLE, parts(call.path["name"]))
        constraints.drop(tx, call.principal, table, asked.constraint_name, cascade=asked.cascade)


ROUTES = [
    Route("POST", f"{PREFIX}/constraints", create, may_create, "databricks-sdk: table_constraints.create"),
    Route(
        "DELETE",
        f"{PREFIX}/constraints/{{name}}",
        delete,
        needs(MANAGE, Kind.TABLE),
        "databricks-sdk: table_constraints.delete",
    ),
]
