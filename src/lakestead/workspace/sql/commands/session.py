"""USE, SET and RESET."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lakestead.workspace.access import USE_CATALOG, USE_SCHEMA, Access
from lakestead.workspace.sql import information_schema, settings
from lakestead.workspace.sql.context import Context, Verb, done, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import DEFAULT_SCHEMA, Outcome
from lakestead.workspace.store.objects import Kind

_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_KEY_VALUE = [("key", "string"), ("value", "string")]


def use_catalog(ctx: Context, command: ast.UseCatalog) -> Outcome:
    """Carry out USE CATALOG: unqualified names look in its schema ``default`` from now on."""
    ctx.session.catalog, ctx.session.schema = command.catalog.lower(), DEFAULT_SCHEMA
    return done()


def use_schema(ctx: Context, command: ast.UseSchema) -> Outcome:
    """Carry out USE [SCHEMA]."""
    ctx.session.catalog, ctx.session.schema = ctx.full_name(command.schema, 2)
    return done()


def set_option(ctx: Context, command: ast.SetOption) -> Outcome:
    """Carry out SET key = value."""
    return rows(_KEY_VALUE, [settings.assign(ctx.session, command.key, _value(command.value))])


def _value(raw: str) -> str:
    """Return the value that a raw text means: a literal's content, anything else as it stands."""
    if not _QUOTED.fullmatch(raw):
        return raw
    return re.sub(r"\\(.)", r"\1", raw[1:-1].replace("''", "'"), flags=re.DOTALL)


def show_options(ctx: Context, command: ast.ShowOptions) -> Outcome:
    """Carry out SET, SET -v and SET key."""
    found = list(settings.values(ctx.session))
    if command.verbose:
        return rows([*_KEY_VALUE, ("meaning", "string")], found)
    wanted = None if command.key is None else settings.canonical(command.key)
    return rows(_KEY_VALUE, [(name, value) for name, value, _ in found if wanted in (None, name)])


def set_time_zone(ctx: Context, command: ast.SetTimeZone) -> Outcome:
    """Carry out SET TIME ZONE."""
    zone = command.zone or settings.SETTINGS["TIMEZONE"].default
    return rows(_KEY_VALUE, [settings.assign(ctx.session, "TIMEZONE", zone)])


def reset(ctx: Context, command: ast.ResetOption) -> Outcome:
    """Carry out RESET."""
    settings.reset(ctx.session, command.key)
    return done()


def _use_catalog_access(ctx: Context, command: ast.UseCatalog) -> Iterable[Access]:
    if command.catalog.lower() != information_schema.SYSTEM:
        yield Access(USE_CATALOG, Kind.CATALOG, (command.catalog.lower(),))


def _use_schema_access(ctx: Context, command: ast.UseSchema) -> Iterable[Access]:
    path = ctx.full_name(command.schema, 2)
    if path[-1] != information_schema.NAME:
        yield Access(USE_SCHEMA, Kind.SCHEMA, path)
    elif path[0] != information_schema.SYSTEM:
        yield Access(USE_CATALOG, Kind.CATALOG, path[:1])


def _nothing(_ctx: Context, _command: ast.Command) -> Iterable[Access]:
    return ()


VERBS: dict[type, Verb] = {
    ast.UseCatalog: Verb(_use_catalog_access, use_catalog, "USE"),
    ast.UseSchema: Verb(_use_schema_access, use_schema, "USE"),
    ast.SetOption: Verb(_nothing, set_option, "SET"),
    ast.ShowOptions: Verb(_nothing, show_options, "SET"),
    ast.SetTimeZone: Verb(_nothing, set_time_zone, "SET"),
    ast.ResetOption: Verb(_nothing, reset, "SET"),
}
