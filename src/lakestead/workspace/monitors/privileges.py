"""Who may do what with a monitor: privileges on its table, as the data-quality API documents them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from lakestead.workspace.access import MANAGE, USE_CATALOG, USE_SCHEMA, Access, authorise, check, has
from lakestead.workspace.errors import ApiError
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.monitors.resolve import output_schema
from lakestead.workspace.store.objects import Kind, Securable

SELECT = "SELECT"
# Raises an error when a principal may not do something with the monitor of a table.
Rule = Callable[[Session, Principal, Securable], None]


def may_create(tx: Session, principal: Principal, table: Securable) -> None:
    """Check that a principal may monitor a table: manage it, and read it as any reader does.

    Raises:
        ApiError: PERMISSION_DENIED.
    """
    authorise(tx, principal, [Access(SELECT, Kind.TABLE, table.path), Access(MANAGE, Kind.TABLE, table.path)])


def may_change(tx: Session, principal: Principal, table: Securable) -> None:
    """Check that a principal may change, refresh or delete the monitor of a table; errors as above."""
    schema, catalog = table.parent, table.parent.parent if table.parent else None
    assert schema is not None
    assert catalog is not None
    check(tx, principal, USE_CATALOG, catalog)
    if not has(tx, principal, MANAGE, catalog):
        check(tx, principal, USE_SCHEMA, schema)
        check(tx, principal, MANAGE, table)


def may_read(tx: Session, principal: Principal, table: Securable) -> None:
    """Check that a principal may see the monitor of a table: manages or reads it; errors as above."""
    try:
        authorise(tx, principal, [Access(SELECT, Kind.TABLE, table.path)])
    except ApiError:
        if not _holds(may_change, tx, principal, table):
            raise


def seeing(tx: Session, principal: Principal) -> Callable[[Securable], bool]:
    """Return the question whether a principal may see the monitor of a table, for many tables."""
    whole: dict[str, bool] = {}

    def sees(table: Securable) -> bool:
        schema = table.parent
        assert schema is not None
        if schema.id not in whole:
            whole[schema.id] = _holds(_may_read_all, tx, principal, schema)
        return whole[schema.id] or _holds(may_read, tx, principal, table)

    return sees


def _may_read_all(tx: Session, principal: Principal, schema: Securable) -> None:
    assert schema.parent is not None
    check(tx, principal, USE_CATALOG, schema.parent)
    check(tx, principal, USE_SCHEMA, schema)
    if not has(tx, principal, MANAGE, schema):
        check(tx, principal, SELECT, schema)


def _holds(rule: Rule, tx: Session, principal: Principal, target: Securable) -> bool:
    try:
        rule(tx, principal, target)
    except ApiError:
        return False
    return True


def may_write_to(tx: Session, principal: Principal, output_schema_id: str) -> None:
    """Check that a principal may make metric tables in a schema.

    Raises:
        ApiError: PERMISSION_DENIED; SCHEMA_NOT_FOUND.
    """
    schema = output_schema(tx, output_schema_id)
    authorise(tx, principal, [Access("CREATE_TABLE", Kind.SCHEMA, schema.path)])


def may_compare(tx: Session, principal: Principal, baseline: tuple[str, ...]) -> None:
    """Check that a principal may read the table that a monitored one is compared with.

    Raises:
        ApiError: PERMISSION_DENIED; TABLE_NOT_FOUND.
    """
    authorise(tx, principal, [Access(SELECT, Kind.TABLE, baseline)])
