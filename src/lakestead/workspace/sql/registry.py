"""What the engine's session knows of the metastore: tables where their files are, views, and their states."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from lakestead.core.names import quote, quote_name, quote_string
from lakestead.engine.delta import tail
from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.sail import EngineError
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.session import TemporaryView
from lakestead.workspace.sql.words import understood
from lakestead.workspace.store.objects import Securable
from lakestead.workspace.system.tables import SYSTEM

_ENGINE_CATALOGS = frozenset({"system", "sail", "spark_catalog", "global_temp"})


def engine_name_of(path: tuple[str, ...]) -> str:
    """Return the engine's name of an object: its full name, but for catalogs that the engine has itself."""
    catalog = f"_{path[0]}" if path[0] in _ENGINE_CATALOGS else path[0]
    return quote_name(catalog, *path[1:])


def unguarded(table: Securable) -> tuple[str, ...]:
    """Return where the engine knows a table without its policies: no catalog's name has a space."""
    return ("unguarded tables", "by id", table.id)


def stamp_of(*state: object) -> str:
    """Return a text that tells one state from another."""
    return sha256(repr(state).encode()).hexdigest()


def data_stamp(table: Securable) -> str:
    """Return what tells the states of a table's rows apart."""
    try:
        return f"{table.id} {tail.version(table.location or '')}"
    except DeltaError:
        # Without a log there are no rows; the engine says so to who reads it.
        return table.id


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quote, names))


class Registry:
    """The engine's catalog of one session; all of it is made when it is needed.

    Args:
        ctx: a statement of the session.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._session = ctx.session

    def table(self, path: tuple[str, ...], target: Securable) -> str:
        """Make a table known under a name; return what tells its definitions apart."""
        if path[0] == SYSTEM:
            self._ctx.system.refresh(".".join(path[1:]))
        stamp = f"{target.id} {target.location} {target.updated_at}"
        with self._session.lock:
            if self._session.registered.get(path) != stamp:
                if target.location is None:
                    raise ApiError(ErrorCode.INTERNAL, f"The table {quote_name(*path)} has no location.")
                self.files(path, "delta", target.location)
                self._session.registered[path] = stamp
        return stamp

    def files(self, path: tuple[str, ...], using: str, location: str) -> None:
        """Make files known as a table, instead of what has the name."""
        with self._session.lock:
            self._schema(path)
            self._drop(path)
            self._session.engine.command(
                f"CREATE TABLE {engine_name_of(path)} USING {using} LOCATION {quote_string(location)}"
            )

    def view(self, target: Securable, text: str, below: Sequence[str]) -> str:
        """Make known a view, or what is seen of a table with policies.

        Args:
            target: its record.
            text: a bound query.
            below: the states of what the query reads: the engine keeps the rows that it had when it was made.

        Returns:
            What tells its states apart.
        """
        columns = [(column.name, column.type) for column in target.columns]
        stamp = stamp_of(target.id, target.updated_at, tuple(below), text)
        registered, made = self._session.registered, ("view", *target.path)
        with self._session.lock:
            if registered.get(target.path) == stamp:
                return stamp
            # The engine keeps the text of views, without backticks; of temporary views it keeps the plan.
            plan = f"_view_{target.id.replace('-', '')}"
            names = [name for name, _ in columns]
            self._plan(plan, names, target.spec.get("query_columns") or (), text)
            if registered.get(made) != columns:
                self._schema(target.path)
                self._drop(target.path)
                self._session.engine.command(
                    f"CREATE VIEW {engine_name_of(target.path)} ({_listed(names)}) AS SELECT * FROM {plan}"
                )
                registered[made] = columns
            registered[target.path] = stamp
        return stamp

    def temporary(self, view: TemporaryView, text: str, below: Sequence[str]) -> str:
        """Make a temporary view anew when what it reads has changed; return what tells its states apart."""
        stamp = stamp_of(text, tuple(below))
        with self._session.lock:
            if view.stamp != stamp:
                names = [name for name, _ in view.columns]
                self._plan(quote(view.name), names, view.query_columns, text)
                view.stamp = stamp
        return stamp

    def _plan(self, name: str, columns: Sequence[str], chosen: Sequence[str], text: str) -> None:
        """Make a temporary view in the engine.

        Args:
            name: its name.
            columns: its columns.
            chosen: what the query called them when the view was made. It may give others by now, and these
                are left out; if two have one name, or none is known, it must still give just these.
            text: a bound query.
        """
        if len({one.lower() for one in chosen}) < len(columns):
            self._temporary(f"{name} ({_listed(columns)})", text)
            return
        inner = f"_plan_{stamp_of(name)}"
        self._temporary(inner, text)
        self._temporary(f"{name} ({_listed(columns)})", f"SELECT {_listed(chosen)} FROM {inner}")

    def _temporary(self, name: str, text: str) -> None:
        made = f"CREATE OR REPLACE TEMPORARY VIEW {name} AS"
        try:
            self._session.engine.command(f"{made} {text}")
        except EngineError:
            self._session.engine.command(f"{made} {understood(self._ctx, text)}")

    def _drop(self, path: tuple[str, ...]) -> None:
        for known in (path, ("view", *path)):
            self._session.registered.pop(known, None)
        self._session.engine.command(f"DROP VIEW IF EXISTS {engine_name_of(path)}")
        self._session.engine.command(f"DROP TABLE IF EXISTS {engine_name_of(path)}")

    def _schema(self, path: tuple[str, ...]) -> None:
        for name in (path[:1], path[:2]):
            if name not in self._session.registered:
                self._session.engine.command(f"CREATE SCHEMA IF NOT EXISTS {engine_name_of(name)}")
                self._session.registered[name] = True
