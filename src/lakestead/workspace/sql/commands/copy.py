"""COPY INTO: files loaded into a table, each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakestead.core.names import quote_name
from lakestead.engine import delta
from lakestead.engine.arrow import stream
from lakestead.engine.delta import Commit, Definition, Written
from lakestead.engine.delta.conform import columns_of
from lakestead.engine.delta.log import Metadata
from lakestead.engine.delta.rules import verify
from lakestead.engine.delta.stage import staged
from lakestead.engine.delta.write import add_missing
from lakestead.engine.files import LocalTree, Options, Scanner, SourceFile, Tree, file_format, find
from lakestead.workspace.access import Access
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.files import paths
from lakestead.workspace.sql import sources
from lakestead.workspace.sql.context import Context, Verb
from lakestead.workspace.sql.copying.credentials import given
from lakestead.workspace.sql.copying.loaded import Ledger
from lakestead.workspace.sql.copying.plan import Plan, mentions_metadata, planned
from lakestead.workspace.sql.dml.identity import numbered
from lakestead.workspace.sql.dml.write import Target, counts, hold, refusals
from lakestead.workspace.sql.grammar.ast import CopyInto
from lakestead.workspace.sql.queries import outcome
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.sync import sync_columns
from lakestead.workspace.sql.words import OpenStream
from lakestead.workspace.store.objects import Kind

_COPY_OPTIONS = ("force", "mergeschema")
# VALIDATE shows so many rows at the most.
_PREVIEW = 50


@dataclass(frozen=True, slots=True)
class Load:
    """What a COPY INTO does, once its files are known.

    Attributes:
        plan: where the values come from.
        files: what is loaded.
        corrupt: files that were passed over.
        commit: what the history says, and what remembers the files.
        table_id: the table's identifier in its log.
        whole: whether all of the files' columns are loaded as they are.
    """

    plan: Plan
    files: tuple[SourceFile, ...]
    corrupt: tuple[SourceFile, ...]
    commit: Commit
    table_id: str
    whole: bool


def copy_into(ctx: Context, command: CopyInto) -> Outcome:
    """Carry out COPY INTO.

    Raises:
        ApiError, EngineError: it is refused or fails; nothing was loaded.
    """
    _refuse(command)
    credentials = given(command.source)
    copy_options = _copy_options(command)
    with sources.explained(), refusals():
        options = Options.of(file_format(command.format), command.format_options)
        force = copy_options["force"]
        with ctx.store.read() as tx:
            root = sources.resolve(ctx, tx, ctx.principal, command.source.path, credentials)
            location = get(tx, Kind.TABLE, ctx.full_name(command.table)).location
        found = find(root, options, names=command.files, matching=command.pattern)
        brought = _bring(root.tree, location, found, force)
        with hold(ctx, command.table) as target:
            ledger = Ledger(target.location)
            files = found if force else ledger.new(found)
            if not files:
                return _done(ctx, 0, 0)
            root.tree.fetch([file for file in files if file.path not in brought])
            load = _load(ctx, target, command, options, files, ledger, merges=copy_options["mergeschema"])
            if load is None:
                return _done(ctx, 0, len(files))
            return _validate(ctx, command, target, load) if command.validate else _run(ctx, target, load)


def _bring(tree: Tree, location: str | None, found: list[SourceFile], force: bool) -> set[Path]:
    """Fetch what will be loaded before the table is held, so that others can write it meanwhile."""
    if isinstance(tree, LocalTree) or location is None:
        return set()
    files = found if force else Ledger(location).new(found)
    tree.fetch(files)
    return {file.path for file in files}


def _refuse(command: CopyInto) -> None:
    if command.source.encryption:
        raise unsupported("COPY INTO … WITH (ENCRYPTION …)")
    if command.files and command.pattern is not None:
        raise ApiError(ErrorCode.INVALID_STATEMENT, "FILES and PATTERN cannot both be specified.")


def _copy_options(command: CopyInto) -> dict[str, bool]:
    values = dict.fromkeys(_COPY_OPTIONS, False)
    for key, value in command.copy_options:
        if key.lower() not in values:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"'{key}' is not a supported copy option.")
        if value.lower() not in ("true", "false"):
            raise ApiError(
                ErrorCode.INVALID_REQUEST, f"The copy option '{key}' must be true or false, not '{value}'."
            )
        values[key.lower()] = value.lower() == "true"
    return values


def _load(
    ctx: Context,
    target: Target,
    command: CopyInto,
    options: Options,
    files: list[SourceFile],
    ledger: Ledger,
    *,
    merges: bool,
) -> Load | None:
    select = command.source.select
    schemaless = not target.columns
    scanner = Scanner(
        options,
        ctx.scratch(),
        ctx.query,
        ctx.statement.check,
        # The table says what the values are, unless expressions or new columns need to know it from them.
        infer=options.format == "JSON" and (select is not None or merges or schemaless),
        metadata=select is not None and mentions_metadata(select.text),
    )
    scan = scanner.scan(files)
    if len(scan.corrupt) == len(files):
        return None
    plan = planned(ctx, target, command, scan.relation, options, merges)
    good = tuple(file for file in files if file not in scan.corrupt)
    ctx.trace.loaded = (*(column.name for column in plan.given), *(name for name, _ in plan.new))
    parameters = {"fileFormat": command.format, "numFilesLoaded": str(len(good))}
    commit = Commit("COPY INTO", parameters, user=ctx.principal.name, transactions=ledger.transactions(good))
    whole = options.format == "PARQUET" and select is None and not schemaless
    return Load(plan, good, scan.corrupt, commit, ledger.table_id, whole)


def _run(ctx: Context, target: Target, load: Load) -> Outcome:
    changes = bool(load.plan.new)
    with numbered(ctx, target, load.plan.given) as columns, ctx.intent(target.table, changes):
        statement = load.plan.statement(columns)
        written = delta.retry(lambda: _write(ctx, target, load, statement), check=ctx.statement.check)
        if changes:
            sync_columns(ctx, target.table)
    return _done(ctx, written.rows, len(load.corrupt))


def _write(ctx: Context, target: Target, load: Load, statement: str) -> Written:
    if load.whole:
        table = delta.open_table(target.location)
        written = delta.adopt(table, [file.path for file in load.files], load.commit)
        if written is not None:
            return written
    reader = ctx.run(statement).reader()
    definition = None
    if not target.columns:
        definition = Definition(
            columns_of(reader.schema),
            properties=target.table.properties,
            comment=target.table.comment,
            table_id=load.table_id,
        )
    return delta.write(
        target.location,
        reader,
        load.commit,
        definition=definition,
        merge_schema=bool(load.plan.new),
        query=ctx.query,
    )


def _validate(ctx: Context, command: CopyInto, target: Target, load: Load) -> Outcome:
    """Do all but the commit, and show some of the rows."""
    metadata = Metadata.of(delta.open_table(target.location)) if target.columns else Metadata()
    wanted = command.validate_rows
    statement = load.plan.statement(target.columns)
    if wanted is not None:
        statement = f"SELECT * FROM ({statement}) LIMIT {wanted}"
    reader = ctx.run(statement).reader()
    add_missing(metadata, reader.schema)
    with staged(target.location, reader, metadata) as files:
        verify(files.location, metadata, ctx.query)
        shown = _PREVIEW if wanted is None else min(wanted, _PREVIEW)
        text = f"SELECT * FROM {quote_name('delta', files.location)} LIMIT {shown}"
        table = ctx.query(text)
    return outcome(OpenStream(text, stream(table)))


def _done(ctx: Context, loaded: int, corrupt: int) -> Outcome:
    return counts(ctx, loaded, num_inserted_rows=loaded, num_skipped_corrupt_files=corrupt)


def _access(ctx: Context, command: CopyInto) -> Iterable[Access]:
    path = ctx.full_name(command.table)
    yield Access("SELECT", Kind.TABLE, path)
    yield Access("MODIFY", Kind.TABLE, path)
    if sources.is_volume_path(command.source.path):
        yield paths.read_access(command.source.path)


VERBS: dict[type, Verb] = {CopyInto: Verb(_access, copy_into, "COPY")}
