"""Binding a query: names to objects, privileges checked, the engine told of every table it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import pyarrow.parquet as pq
import sqlglot
from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.names import quote_name, quote_string
from lakestead.workspace.access import Access, authorise
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.policies import Policies
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, load_principal
from lakestead.workspace.sql import information_schema, policies, read_files
from lakestead.workspace.sql.analysis import Reference, analyse, has_subquery, subqueries
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.functions import calls, expand
from lakestead.workspace.sql.text import Edit, apply
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.objects import Kind, Securable
from lakestead.workspace.store.principals import Identity
from lakestead.workspace.system.tables import SYSTEM

# Views on views on views …: deeper than this is a cycle.
_MAX_VIEW_DEPTH = 64
_ENGINE_CATALOGS = frozenset({"system", "sail", "spark_catalog", "global_temp"})


@dataclass(slots=True)
class Binder:
    """Binds the texts of one statement.

    Args:
        ctx: the statement.
        tx: an open transaction on the metastore.

    Attributes:
        sources: tables and views that were bound, by full name.
        stamps: what tells their states apart, by full name.
        guarded: tables with a row filter or column masks that were bound, at any depth.
        within: the ids of the tables whose policies are being bound.
    """

    ctx: Context
    tx: Session
    sources: dict[tuple[str, ...], Securable] = field(default_factory=dict)
    stamps: dict[tuple[str, ...], str] = field(default_factory=dict)
    guarded: list[Securable] = field(default_factory=list)
    within: frozenset[str] = frozenset()

    def query(self, text: str, principal: Principal | None = None, depth: int = 0) -> str:
        """Return a query as the engine can run it.

        Args:
            text: a query in Databricks' dialect.
            principal: whose privileges count; the session's if None.
            depth: how many views enclose it.

        Raises:
            ApiError: it does not parse, names what does not exist, or the principal lacks a privilege.
        """
        principal = principal or self.ctx.principal
        text, accesses = expand(text, self.ctx.session, self.tx)
        self._note(accesses, depth)
        analysis = analyse(text)
        names: list[tuple[Reference, tuple[str, ...]]] = []
        edits: list[Edit] = []
        for reference in analysis.references:
            engine_name = self._special(reference, principal)
            if engine_name is None:
                path = self.path(reference.parts)
                names.append((reference, path))
                accesses.append(Access("SELECT", Kind.TABLE, path))
                engine_name = engine_name_of(path)
            edits.append(Edit(reference.start, reference.end, engine_name))
        authorise(self.tx, principal, accesses)
        for _, path in names:
            self.register(get(self.tx, Kind.TABLE, path), depth)
        text = apply(text, edits)
        if "read_files" in analysis.table_functions:
            text = self._read_files(text, principal)
        return text

    def expression(self, text: str) -> str:
        """Return a part of a statement as the engine can run it: the queries inside it are bound.

        Args:
            text: an expression, or clauses of them.
        """
        text, accesses = expand(text, self.ctx.session, self.tx)
        self._note(accesses, 0)
        authorise(self.tx, self.ctx.principal, accesses)
        if not has_subquery(text):
            return text
        edits = [Edit(start, end, self.query(text[start:end])) for start, end in subqueries(text)]
        return apply(text, edits)

    def path(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full name of a table as written.

        Raises:
            ApiError: TABLE_NOT_FOUND when it has too many parts or its schema does not exist.
        """
        if len(parts) > 3:
            raise ApiError(
                ErrorCode.TABLE_NOT_FOUND, f"The table or view {quote_name(*parts)} cannot be found."
            )
        return self.ctx.full_name(parts)

    def table(self, parts: tuple[str, ...], privileges: tuple[str, ...]) -> Securable:
        """Return the table that a statement writes, authorised and registered.

        Raises:
            ApiError: it does not exist, is a view, or a privilege is missing.
        """
        path = self.path(parts)
        authorise(self.tx, self.ctx.principal, [Access(one, Kind.TABLE, path) for one in privileges])
        table = get(self.tx, Kind.TABLE, path)
        if table.is_view:
            raise ApiError(ErrorCode.TABLE_EXPECTED, f"{quote_name(*path)} is a view; a table is expected.")
        self.register(table, 0)
        return table

    def _special(self, reference: Reference, principal: Principal) -> str | None:
        """Return the engine's name of temporary views, files and information_schema; None for other names."""
        parts = tuple(part.lower() for part in reference.parts)
        if len(parts) == 1 and parts[0] in self.ctx.session.temporary_views:
            self.ctx.trace.reads_more = True
            return quote_name(parts[0])
        if len(parts) == 2 and read_files.is_path(parts[0], reference.parts[1]):
            self.ctx.trace.reads_more = True
            return read_files.path_relation(self.ctx, self.tx, principal, parts[0], reference.parts[1])
        path = self.ctx.full_name(parts)
        if len(path) == 3 and path[1] == information_schema.NAME:
            return self._information_schema(path)
        return None

    def _note(self, accesses: Sequence[Access], depth: int) -> None:
        """Note the functions that the statement itself calls."""
        for access in accesses if depth == 0 else ():
            self.ctx.trace.calls(get(self.tx, Kind.FUNCTION, access.name))

    def _read_files(self, text: str, principal: Principal) -> str:
        """Replace the calls of read_files by relations over the files."""
        self.ctx.trace.reads_more = True
        edits = []
        for call in calls(text):
            if len(call.name) == 1 and call.name[0].lower() == "read_files":
                node = sqlglot.parse_one(text[call.start : call.end], dialect="databricks")
                relation = read_files.register(self.ctx, self.tx, principal, node)
                edits.append(Edit(call.start, call.end, relation))
        return apply(text, edits)

    def _information_schema(self, path: tuple[str, ...]) -> str:
        catalog, _, view = path
        if catalog != "system":
            get(self.tx, Kind.CATALOG, (catalog,))
        data = information_schema.relation(self.tx, self.ctx.principal, catalog, view)
        file = self.ctx.scratch() / f"{new_id()}.parquet"
        pq.write_table(data, file, compression="none")
        self._replace_table(path, "parquet", str(file))
        return engine_name_of(path)

    # The engine's session

    def register(self, target: Securable, depth: int) -> None:
        """Make the engine's session know a table or view.

        Args:
            target: a table or view.
            depth: how many views enclose it.
        """
        if depth > _MAX_VIEW_DEPTH:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT, f"The view {quote_name(*target.path)} depends on itself."
            )
        path = target.path
        self.ctx.statement.touched.add(path)
        self.sources[path] = target
        if depth == 0:
            self.ctx.trace.names(target)
        self.stamps[path] = (
            self._register_view(target, depth) if target.is_view else self._register_table(target, depth)
        )

    def writable(self, target: Securable) -> str:
        """Make the engine's session know a table as it is, for a statement that changes it.

        Returns:
            Its name in the engine: one that no query can mention, if the table has a row filter or masks.
        """
        path = _path_unguarded(target) if Policies.of(target) else target.path
        self.sources[target.path] = target
        self._register_files(path, target)
        return engine_name_of(path)

    def guard(self, target: Securable, depth: int = 0) -> policies.Guard | None:
        """Return what stands between a table and the principal of the session; None when nothing does.

        Raises:
            ApiError: a policy cannot be evaluated.
        """
        inner = self._inner(self.within | {target.id})
        found = policies.guard(self.tx, target, lambda function, call: inner.inlined(function, call, depth))
        if found is not None:
            self.guarded.append(target)
            self.stamps.update(inner.stamps)
        return found

    def inlined(self, function: Securable, call: str, depth: int) -> str:
        """Return a call of a function as an expression, what it reads bound with its owner's privileges."""
        owner = self._acting(function.owner)
        text, accesses = expand(call, self.ctx.session, self.tx)
        authorise(self.tx, owner, [one for one in accesses if one.name != function.path])
        return apply(
            text,
            [Edit(a, z, self.query(text[a:z], owner, depth + 1)) for a, z in subqueries(text)],
        )

    def _register_table(self, target: Securable, depth: int) -> str:
        if not Policies.of(target):
            return self._register_files(target.path, target)
        if target.id in self.within:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                f"A row filter or column mask of {quote_name(*target.path)} reads the table itself.",
            )
        inner = self._inner(self.within)
        guard = inner.guard(target, depth)
        assert guard is not None
        path = _path_unguarded(target)
        files = self._register_files(path, target)
        text = guard.relation(engine_name_of(path), target.columns)
        return self._replace_view(target, text, [files, *sorted(inner.stamps.values())])

    def _register_files(self, path: tuple[str, ...], target: Securable) -> str:
        if path[0] == SYSTEM:
            self.ctx.system.refresh(".".join(path[1:]))
        stamp = f"{target.id} {target.location} {target.updated_at}"
        session = self.ctx.session
        with session.lock:
            if session.registered.get(path) != stamp:
                if target.location is None:
                    raise ApiError(ErrorCode.INTERNAL, f"The table {quote_name(*path)} has no location.")
                self._replace_table(path, "delta", target.location)
                session.registered[path] = stamp
        return stamp

    def _register_view(self, view: Securable, depth: int) -> str:
        inner = self._inner(self.within)
        text = inner.query(view.spec["view_definition"], self._acting(view.owner), depth + 1)
        return self._replace_view(view, text, sorted(inner.stamps.values()))

    def _acting(self, owner: str) -> Principal:
        """Return the owner of a view or function, as which it reads."""
        found = self.tx.execute(select(Identity).where(Identity.name == owner)).scalar_one_or_none()
        if found is not None and found.kind != "GROUP":
            return load_principal(self.tx, found)
        return Principal(0, owner, "GROUP", frozenset({owner}))

    def _inner(self, within: frozenset[str]) -> Binder:
        return Binder(self.ctx, self.tx, guarded=self.guarded, within=within)

    def _replace_view(self, view: Securable, text: str, below: Sequence[str]) -> str:
        """Make the engine's session know a view, or what is seen of a table with policies."""
        # The engine fixes a view's columns when it is made: it is made anew when anything below it changes.
        state = repr((view.id, view.updated_at, below, text))
        stamp = sha256(state.encode()).hexdigest()
        session = self.ctx.session
        with session.lock:
            if session.registered.get(view.path) != stamp:
                self._schema(view.path)
                columns = ", ".join(quote_name(column.name) for column in view.columns)
                self._drop(view.path)
                # The engine keeps the text of views without backticks; of temporary views it keeps the plan.
                plan = f"_view_{view.id.replace('-', '')}"
                session.engine.command(f"CREATE OR REPLACE TEMPORARY VIEW {plan} AS {text}")
                name = engine_name_of(view.path)
                session.engine.command(f"CREATE VIEW {name} ({columns}) AS SELECT * FROM {plan}")
                session.registered[view.path] = stamp
        return stamp

    def _replace_table(self, path: tuple[str, ...], using: str, location: str) -> None:
        session = self.ctx.session
        with session.lock:
            self._schema(path)
            self._drop(path)
            session.engine.command(
                f"CREATE TABLE {engine_name_of(path)} USING {using} LOCATION {quote_string(location)}"
            )

    def _drop(self, path: tuple[str, ...]) -> None:
        engine = self.ctx.session.engine
        engine.command(f"DROP VIEW IF EXISTS {engine_name_of(path)}")
        engine.command(f"DROP TABLE IF EXISTS {engine_name_of(path)}")

    def _schema(self, path: tuple[str, ...]) -> None:
        session = self.ctx.session
        for name in (path[:1], path[:2]):
            if name not in session.registered:
                session.engine.command(f"CREATE SCHEMA IF NOT EXISTS {engine_name_of(name)}")
                session.registered[name] = True


def _path_unguarded(table: Securable) -> tuple[str, ...]:
    """Return where the engine knows a table without its policies: no name of a catalog has a space."""
    return ("unguarded tables", "by id", table.id)


def engine_name_of(path: tuple[str, ...]) -> str:
    """Return the engine's name of an object: its full name, but for catalogs that the engine has itself."""
    catalog = f"_{path[0]}" if path[0] in _ENGINE_CATALOGS else path[0]
    return quote_name(catalog, *path[1:])


def qualified(ctx: Context, text: str) -> str:
    """Return a query with every table's and view's name in full, so that it means the same in every session.

    Args:
        ctx: the statement that defines a view.
        text: the view's query.

    Raises:
        ApiError: the query reads a temporary view, which others would not have.
    """
    edits: list[Edit] = []
    for reference in analyse(text).references:
        parts = reference.parts
        if len(parts) == 1 and parts[0].lower() in ctx.session.temporary_views:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                f"A view cannot be created over the temporary view {quote_name(*parts)}.",
                condition="INVALID_TEMP_OBJ_REFERENCE",
                sqlstate="42K0F",
            )
        if not (len(parts) == 2 and read_files.is_path(parts[0].lower(), parts[1])):
            edits.append(Edit(reference.start, reference.end, quote_name(*ctx.full_name(parts))))
    return apply(text, edits)
