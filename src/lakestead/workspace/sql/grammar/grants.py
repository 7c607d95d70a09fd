"""GRANT, REVOKE and SHOW GRANTS."""

from __future__ import annotations

from .ast import Command, Grant, Kind, Name, Revoke, ShowGrants
from .errors import UnsupportedSyntax
from .objects import accept_kind
from .reader import Reader
from .unserved import refuse_object

_NAMED = ("CATALOG", "SCHEMA", "DATABASE", "TABLE", "VIEW", "VOLUME", "FUNCTION")


def read_grant(reader: Reader) -> Command:
    """Read what follows GRANT."""
    privileges = reader.separated(lambda: _privilege(reader))
    kind, name = _read_on(reader, "GRANT", "TO")
    reader.expect("TO")
    principal = reader.identifier()
    if reader.at("WITH", "GRANT", "OPTION"):
        raise UnsupportedSyntax("GRANT … WITH GRANT OPTION")
    return Grant(privileges, kind, name, principal)


def read_revoke(reader: Reader) -> Command:
    """Read what follows REVOKE."""
    privileges = reader.separated(lambda: _privilege(reader))
    kind, name = _read_on(reader, "REVOKE", "FROM")
    reader.expect("FROM")
    return Revoke(privileges, kind, name, reader.identifier())


def _privilege(reader: Reader) -> str:
    words: list[str] = []
    while reader.token.kind == "word" and not reader.at("ON"):
        words.append(reader.advance().key)
    if not words:
        raise reader.error()
    return " ".join(words)


def _read_on(reader: Reader, verb: str, follower: str = "") -> tuple[Kind, Name]:
    """Read ON [kind] name, up to the word ``follower``; CATALOG without a name is the current one."""
    reader.expect("ON")
    if reader.accept("METASTORE"):
        return Kind.METASTORE, ()
    following = reader.ahead(1)
    if following.kind in ("word", "quoted") and following.key != follower:
        kind = accept_kind(reader, *_NAMED)
        if kind is not None:
            return kind, reader.name()
    if reader.at("CATALOG") and following.key != ".":
        reader.advance()
        return Kind.CATALOG, ()
    refuse_object(reader, f"{verb} … ON")
    return Kind.TABLE, reader.name()


def read_show_grants(reader: Reader) -> Command:
    """Read what follows SHOW GRANTS."""
    principal = None if reader.at("ON") else reader.identifier()
    kind, name = _read_on(reader, "SHOW GRANTS")
    return ShowGrants(kind, name, principal)
