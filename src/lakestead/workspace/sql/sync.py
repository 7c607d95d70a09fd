"""Agreement between a table's files and its record, after changes and after a kill."""

from __future__ import annotations

import logging

from sqlalchemy import delete, select

from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.table import state
from lakestead.workspace.catalog import tables
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.context import Context
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Intent, Securable

logger = logging.getLogger(__name__)


def sync_columns(ctx: Context, table: Securable) -> None:
    """Make a table's record follow its log, at the end of a statement that changed the log.

    Args:
        ctx: the statement.
        table: the table's record, held by the statement.
    """
    follow(ctx.store, ctx.principal, table.id)


def recover(store: Store) -> None:
    """Make the records of all tables follow their logs that a killed process left changed half-way."""
    with store.read() as tx:
        left = list(tx.execute(select(Intent.table_id)).scalars())
    for table_id in left:
        follow(store, Principal(0, "lakestead", "SYSTEM", frozenset()), table_id)


def follow(store: Store, actor: Principal, table_id: str) -> None:
    """Make a table's record follow its log, and take back the note that it had to.

    Args:
        store: the metastore.
        actor: who changed the log.
        table_id: of the table's record.
    """
    with store.write() as tx:
        table = tx.get(Securable, table_id)
        if table is not None and table.location is not None:
            try:
                tables.follow(tx, actor, table, state(table.location))
            except DeltaError as error:
                logger.warning("the log of %s cannot be read: %s", table.full_name, error)
        tx.execute(delete(Intent).where(Intent.table_id == table_id))
