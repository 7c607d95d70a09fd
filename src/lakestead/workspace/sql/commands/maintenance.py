"""Upkeep of tables: VACUUM, RESTORE, TRUNCATE, REFRESH; and ANALYZE and CACHE, which have nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from lakestead.engine import delta
from lakestead.engine.delta import Commit
from lakestead.engine.delta.maintain import DEFAULT_RETENTION_HOURS
from lakestead.workspace.access import BROWSE, USE_SCHEMA, Access
from lakestead.workspace.catalog import locations
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.commands.optimize import optimize
from lakestead.workspace.sql.commands.target import Target as Named
from lakestead.workspace.sql.context import Context, Verb, done, rows
from lakestead.workspace.sql.dml import guarded
from lakestead.workspace.sql.dml.write import Target, hold, refusals
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.settings import RETENTION_CHECK, SETTINGS
from lakestead.workspace.sql.sync import sync_columns
from lakestead.workspace.store.objects import Kind

_RESULT = (("result", "string"),)
_RESTORED = (
    "table_size_after_restore",
    "num_of_files_after_restore",
    "num_removed_files",
    "num_restored_files",
    "removed_files_size",
    "restored_files_size",
)


def vacuum(ctx: Context, command: ast.Vacuum) -> Outcome:
    """Carry out VACUUM; with DRY RUN return the files that would be deleted, else the table's location.

    Raises:
        ApiError: RETENTION_TOO_SHORT.
    """
    check = ctx.session.configuration.get(RETENTION_CHECK, SETTINGS[RETENTION_CHECK].default)
    hours = command.retain_hours
    if hours is not None and hours < DEFAULT_RETENTION_HOURS and check == "true":
        raise ApiError(
            ErrorCode.RETENTION_TOO_SHORT,
            "Invalid Retention Period Provided. Are you sure you would like to vacuum files with such a low "
            "retention period? If you have writers that are currently writing to this table, there is a risk "
            "that you may corrupt the state of your Delta table. If you are certain that there are no "
            "operations being performed on this table, such as insert/upsert/delete/optimize, then you may "
            f"turn off this check by setting: {RETENTION_CHECK} = false. If you are not sure, please use a "
            f'value not less than "{DEFAULT_RETENTION_HOURS} hours".',
        )
    with hold(ctx, command.table) as target, refusals():
        if command.dry_run:
            guarded.refuse_files(ctx, target)
        files = delta.vacuum(
            target.location,
            Commit("VACUUM", user=ctx.principal.name),
            hours=hours,
            dry_run=command.dry_run,
            lite=command.mode == "LITE",
        )
        location = locations.url(target.location)
    paths = [f"{location}/{file}" for file in files] if command.dry_run else [location]
    return rows([("path", "string")], [(path,) for path in paths])


def restore(ctx: Context, command: ast.Restore) -> Outcome:
    """Carry out RESTORE.

    Raises:
        ApiError: VERSION_NOT_FOUND.
    """
    with hold(ctx, command.table) as target, refusals():
        version = command.version
        if version is None:
            version = delta.version_at(target.location, _timestamp(ctx, target, command))
        commit = Commit("RESTORE", {"version": str(version)}, user=ctx.principal.name)
        with ctx.intent(target.table):
            restored = delta.restore(target.location, version, commit)
            sync_columns(ctx, target.table)
    values = (
        restored.size,
        restored.files,
        len(restored.removed),
        len(restored.restored),
        sum(restored.removed),
        sum(restored.restored),
    )
    return rows([(name, "bigint") for name in _RESTORED], [values])


def _timestamp(ctx: Context, target: Target, command: ast.Restore) -> datetime:
    assert command.timestamp is not None
    bound = target.binder.expression(command.timestamp.text)
    (row,) = ctx.query(f"SELECT CAST(({bound}) AS TIMESTAMP) AS at").to_pylist()
    if row["at"] is None:
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"The provided timestamp ({command.timestamp.text}) cannot be converted to a valid timestamp.",
            condition="DELTA_TIMESTAMP_INVALID",
            sqlstate="42816",
        )
    moment: datetime = row["at"]
    return moment.astimezone(UTC)


def truncate(ctx: Context, command: ast.Truncate) -> Outcome:
    """Carry out TRUNCATE TABLE."""
    with hold(ctx, command.name) as target, refusals():
        guarded.refuse(ctx, target, "TRUNCATE TABLE")
        commit = Commit("TRUNCATE", user=ctx.principal.name)
        delta.retry(lambda: delta.truncate(target.location, commit), check=ctx.statement.check)
    return done()


def refresh(ctx: Context, command: ast.Refresh | ast.Repair) -> Outcome:
    """Carry out REFRESH and MSCK REPAIR.

    An external table's columns, which another program may have changed, are read anew.
    """
    if isinstance(command, ast.Refresh):
        target = Named.of(ctx, command.kind, command.name)
    else:
        target = Named.of(ctx, ast.Kind.TABLE, command.table)
    with ctx.store.read() as tx:
        found = target.get(tx)
    if found.spec.get("table_type") != "EXTERNAL" or found.location is None:
        return rows(_RESULT, [("Metadata is always fresh: there is nothing to do.",)])
    with ctx.hold(found.location), refusals():
        sync_columns(ctx, found)
    return done()


def _nothing(what: str) -> Callable[[Context, ast.Command], Outcome]:
    """Return what carries out a command that has nothing to do here, and says so."""
    return lambda _ctx, _command: rows(_RESULT, [(what,)])


def _writes(
    ctx: Context, command: ast.Optimize | ast.Vacuum | ast.Restore | ast.Repair | ast.Truncate
) -> Iterable[Access]:
    path = ctx.full_name(command.name if isinstance(command, ast.Truncate) else command.table)
    return [Access("SELECT", Kind.TABLE, path), Access("MODIFY", Kind.TABLE, path)]


def _reads(ctx: Context, command: ast.AnalyzeTable | ast.CacheTable) -> Iterable[Access]:
    return [Access("SELECT", Kind.TABLE, ctx.full_name(command.table))]


def _uncached(ctx: Context, command: ast.UncacheTable) -> Iterable[Access]:
    return [] if command.if_exists else [Access(BROWSE, Kind.TABLE, ctx.full_name(command.table))]


def _refreshed(ctx: Context, command: ast.Refresh) -> Iterable[Access]:
    target = Named.of(ctx, command.kind, command.name)
    return [Access(BROWSE, target.kind, target.path)]


def _analyzed(ctx: Context, command: ast.AnalyzeTables) -> Iterable[Access]:
    return [Access(USE_SCHEMA, Kind.SCHEMA, ctx.full_name(command.schema or (), 2))]


_STATISTICS = _nothing("Statistics are kept with every write: there is nothing to analyze.")
_CACHE = _nothing("Tables are not cached: there is nothing to do.")

VERBS: dict[type, Verb] = {
    ast.Optimize: Verb(_writes, optimize, "OPTIMIZE"),
    ast.Vacuum: Verb(_writes, vacuum, "VACUUM"),
    ast.Restore: Verb(_writes, restore, "RESTORE"),
    ast.Truncate: Verb(_writes, truncate, "TRUNCATE"),
    ast.AnalyzeTable: Verb(_reads, _STATISTICS, "ANALYZE"),
    ast.AnalyzeTables: Verb(_analyzed, _STATISTICS, "ANALYZE"),
    ast.CacheTable: Verb(_reads, _CACHE, "OTHER"),
    ast.UncacheTable: Verb(_uncached, _CACHE, "OTHER"),
    ast.ClearCache: Verb(lambda _ctx, _command: (), _CACHE, "OTHER"),
    ast.Refresh: Verb(_refreshed, refresh, "REFRESH"),
    ast.Repair: Verb(_writes, refresh, "OTHER"),
}
