"""MERGE."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from lakestead.core.names import quote
from lakestead.engine.delta.merge import NotMergeable
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions, guarded, keyed
from lakestead.workspace.sql.dml.clauses import Clause, Merge, parse
from lakestead.workspace.sql.dml.identity import numbered
from lakestead.workspace.sql.dml.merged import NUMBER, inserted, verify
from lakestead.workspace.sql.dml.write import Target, counts, hold, run
from lakestead.workspace.sql.policies import Guard
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.sync import sync_columns
from lakestead.workspace.sql.words import described
from lakestead.workspace.store.objects import TableColumn

logger = logging.getLogger(__name__)


def execute(ctx: Context, text: str) -> Outcome:
    """Carry out a MERGE.

    Raises:
        ApiError, EngineError: it is refused or fails; nothing was changed.
    """
    merge = parse(text)
    with hold(ctx, merge.table) as target, guarded.discreet(target):
        guarded.refuse_merge(target, _obstructed(ctx, target, merge))
        source, given = described(ctx, target.binder.query(merge.source))
        try:
            metrics = keyed.run(ctx, target, merge, source, given)
        except NotMergeable as reason:
            logger.debug("statement %s is left to the engine: %s", ctx.statement.id, reason)
            metrics = _run(ctx, target, merge, source)
    updated = metrics.get("numTargetRowsUpdated", 0)
    deleted = metrics.get("numTargetRowsDeleted", 0)
    inserted = metrics.get("numTargetRowsInserted", 0)
    return counts(
        ctx,
        updated + deleted + inserted,
        num_updated_rows=updated,
        num_deleted_rows=deleted,
        num_inserted_rows=inserted,
    )


def _obstructed(ctx: Context, target: Target, merge: Merge) -> Guard | None:
    """Return what stands between the table and the statement's expressions."""
    if not target.has_policies:
        return None
    given = [
        one.value
        for clause in merge.clauses
        for one in expressions.assignments(merge.text, clause.assigned)
        if one.value is not None
    ]
    values = [one for clause in merge.clauses for one in clause.values if one is not None]
    conditions = [merge.condition, *(clause.condition for clause in merge.clauses)]
    ambiguous = merge.source_alias.lower() in ((merge.alias or "").lower(), target.table.name)
    source = None if ambiguous else merge.source_alias
    return guarded.obstructed(ctx, target, *given, *values, *conditions, apart_from=source)


def _run(ctx: Context, target: Target, merge: Merge, source: str) -> dict[str, int]:
    """Have the engine carry it out."""
    inserts = [clause for clause in merge.clauses if clause.action == "INSERT"]
    given = [target.column(name) for clause in inserts for name in clause.columns]
    with numbered(ctx, target, given if inserts else target.columns) as columns:
        identities = [one for one in columns if one.identity is not None and one not in given]
        if identities and inserts:
            source = f"SELECT *, row_number() OVER (ORDER BY 1) AS {NUMBER} FROM ({source})"
        verify(ctx, target, merge, source, columns)
        sql = _statement(ctx, target, merge, source, columns)
        with ctx.intent(target.table, merge.evolves):
            metrics = run(ctx, target, sql)
            if merge.evolves:
                sync_columns(ctx, target.table)
    return metrics


def _statement(
    ctx: Context,
    target: Target,
    merge: Merge,
    source: str,
    columns: Sequence[TableColumn],
) -> str:
    clauses = [_render(ctx, target, merge, clause, source, columns) for clause in merge.clauses]
    evolution = "WITH SCHEMA EVOLUTION " if merge.evolves else ""
    name = target.called(merge.alias)
    alias = f"AS {quote(name)} " if name else ""
    return (
        f"MERGE {evolution}INTO {target.name} {alias}"
        f"USING ({source}) AS {quote(merge.source_alias)} ON {target.binder.expression(merge.condition)} "
        + " ".join(clauses)
    )


def _render(
    ctx: Context,
    target: Target,
    merge: Merge,
    clause: Clause,
    source: str,
    columns: Sequence[TableColumn],
) -> str:
    when = target.binder.expression(clause.when) + " THEN "
    if clause.action == "DELETE":
        return when + "DELETE"
    own = [column for column in columns if column.default or column.identity is not None]
    if clause.action == "UPDATE":
        if clause.everything:
            return when + "UPDATE SET *"
        listed = expressions.set_list(merge.text, clause.assigned, target.columns)
        return when + "UPDATE SET " + target.binder.expression(listed)
    if clause.everything and not own:
        return when + "INSERT *"
    values = inserted(ctx, target, merge, clause, source, columns)
    names = ", ".join(quote(target.column(name).name) for name in values)
    return when + f"INSERT ({names}) VALUES ({', '.join(values.values())})"
