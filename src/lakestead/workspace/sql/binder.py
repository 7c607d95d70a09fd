"""Binding a query: names to objects, privileges checked, the engine told of every table it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow.parquet as pq
import sqlglot
from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.access import Access, authorise
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.policies import Policies
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, load_principal
from lakestead.workspace.sql import information_schema, policies, read_files
from lakestead.workspace.sql.analysis import Reference, analyse, has_subquery, subqueries
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.functions import calls, expand
from lakestead.workspace.sql.registry import Registry, data_stamp, engine_name_of, unguarded
from lakestead.workspace.sql.session import TemporaryView
from lakestead.workspace.sql.text import Edit, apply, spelt_out
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.objects import Kind, Securable
from lakestead.workspace.store.principals import Identity

# Views on views on views …: deeper than this is a cycle.
_MAX_VIEW_DEPTH = 64


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

    @property
    def registry(self) -> Registry:
        """What the engine's session knows."""
        return Registry(self.ctx)

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
        text, accesses = expand(spelt_out(text), self.ctx.session, self.tx)
        self._note(accesses)
        analysis = analyse(text)
        names: list[tuple[Reference, tuple[str, ...]]] = []
        edits: list[Edit] = []
        for reference in analysis.references:
            engine_name = self._special(reference, principal, depth)
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
        self._note(accesses)
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

    def _special(self, reference: Reference, principal: Principal, depth: int) -> str | None:
        """Return the engine's name of temporary views, files and information_schema; None for other names."""
        parts = tuple(part.lower() for part in reference.parts)
        if len(parts) == 1 and parts[0] in self.ctx.session.temporary_views:
            return self._temporary(self.ctx.session.temporary_views[parts[0]], depth)
        if len(parts) == 2 and read_files.is_path(parts[0], reference.parts[1]):
            self.ctx.trace.reads_files = True
            return read_files.path_relation(self.ctx, self.tx, principal, parts[0], reference.parts[1])
        path = self.ctx.full_name(parts)
        if len(path) == 3 and path[1] == information_schema.NAME:
            return self._information_schema(path)
        return None

    def _temporary(self, view: TemporaryView, depth: int) -> str:
        self.ctx.trace.views[view.name] = view
        inner = self._inner(self.within)
        text = inner.query(view.definition, depth=depth + 1)
        self.stamps[view.name,] = self.registry.temporary(view, text, sorted(inner.stamps.values()))
        return quote_name(view.name)

    def _note(self, accesses: Sequence[Access]) -> None:
        """Note the functions that are called."""
        for access in accesses:
            self.ctx.trace.calls(get(self.tx, Kind.FUNCTION, access.name))

    def _read_files(self, text: str, principal: Principal) -> str:
        """Replace the calls of read_files by relations over the files."""
        self.ctx.trace.reads_files = True
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
        self.registry.files(path, "parquet", str(file))
        self.stamps[path] = file.name
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
        self.ctx.statement.touched[path] = target.location
        self.sources[path] = target
        self.ctx.trace.names(target, depth)
        self.stamps[path] = (
            self._register_view(target, depth) if target.is_view else self._register_table(target, depth)
        )

    def writable(self, target: Securable) -> str:
        """Make the engine's session know a table as it is, for a statement that changes it.

        Returns:
            Its name in the engine: one that no query can mention, if the table has a row filter or masks.
        """
        path = unguarded(target) if Policies.of(target) else target.path
        self.sources[target.path] = target
        self.registry.table(path, target)
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
            stamp = self.registry.table(target.path, target)
            return f"{stamp} {data_stamp(target)}" if depth else stamp
        if target.id in self.within:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                f"A row filter or column mask of {quote_name(*target.path)} reads the table itself.",
            )
        inner = self._inner(self.within)
        guard = inner.guard(target, depth)
        assert guard is not None
        path = unguarded(target)
        below = [self.registry.table(path, target), data_stamp(target), *sorted(inner.stamps.values())]
        return self.registry.view(target, guard.relation(engine_name_of(path), target.columns), below)

    def _register_view(self, view: Securable, depth: int) -> str:
        inner = self._inner(self.within)
        text = inner.query(view.spec["view_definition"], self._acting(view.owner), depth + 1)
        return self.registry.view(view, text, sorted(inner.stamps.values()))

    def _acting(self, owner: str) -> Principal:
        """Return the owner of a view or function, as which it reads."""
        found = self.tx.execute(select(Identity).where(Identity.name == owner)).scalar_one_or_none()
        if found is not None and found.kind != "GROUP":
            return load_principal(self.tx, found)
        return Principal(0, owner, "GROUP", frozenset({owner}))

    def _inner(self, within: frozenset[str]) -> Binder:
        return Binder(self.ctx, self.tx, guarded=self.guarded, within=within)


def qualified(ctx: Context, text: str, *, temporary: bool = False) -> str:
    """Return a query with every table's and view's name in full, so that it means the same in every session.

    Args:
        ctx: the statement that defines a view.
        text: the view's query.
        temporary: whether the view is temporary, and may read others that are.

    Raises:
        ApiError: the query reads a temporary view, which others would not have.
    """
    text = spelt_out(text)
    edits: list[Edit] = []
    for reference in analyse(text).references:
        parts = reference.parts
        if len(parts) == 1 and parts[0].lower() in ctx.session.temporary_views:
            if temporary:
                continue
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                f"A view cannot be created over the temporary view {quote_name(*parts)}.",
                condition="INVALID_TEMP_OBJ_REFERENCE",
                sqlstate="42K0F",
            )
        if not (len(parts) == 2 and read_files.is_path(parts[0].lower(), parts[1])):
            edits.append(Edit(reference.start, reference.end, quote_name(*ctx.full_name(parts))))
    return apply(text, edits)
