"""CREATE CATALOG, SCHEMA and VOLUME, DROP, COMMENT ON, and SET TAG ON."""

from __future__ import annotations

from .ast import (
    Command,
    CommentOn,
    CreateCatalog,
    CreateSchema,
    CreateVolume,
    Drop,
    Kind,
    Name,
    SetTags,
    UnsetTags,
)
from .errors import UnsupportedSyntax
from .reader import Clause, Reader
from .unserved import refuse_object

_KINDS = {kind.value: kind for kind in Kind} | {"DATABASE": Kind.SCHEMA}
_DROPPED = ("CATALOG", "SCHEMA", "DATABASE", "TABLE", "VIEW", "VOLUME", "FUNCTION")


def accept_kind(reader: Reader, *words: str) -> Kind | None:
    """Move past one of these words and return the kind it means."""
    word = reader.accept_any(*words)
    return _KINDS[word] if word else None


def read_create_catalog(reader: Reader) -> Command:
    """Read what follows CREATE CATALOG."""
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    return CreateCatalog(name, if_not_exists, **reader.clauses(lambda: _catalog_clause(reader)))


def _catalog_clause(reader: Reader) -> Clause | None:
    for refused in (("OPTIONS",), ("USING", "SHARE"), ("USING", "CONNECTION"), ("DEFAULT", "COLLATION")):
        if reader.at(*refused):
            raise UnsupportedSyntax("CREATE CATALOG … " + " ".join(refused))
    return _common_clause(reader)


def _common_clause(reader: Reader) -> Clause | None:
    if reader.accept("COMMENT"):
        return "comment", reader.string
    if reader.accept("MANAGED", "LOCATION"):
        return "managed_location", reader.string
    return None


def read_create_schema(reader: Reader) -> Command:
    """Read what follows CREATE SCHEMA."""
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    return CreateSchema(name, if_not_exists, **reader.clauses(lambda: _schema_clause(reader)))


def _schema_clause(reader: Reader) -> Clause | None:
    if reader.accept("WITH", "DBPROPERTIES"):
        return "properties", reader.pairs
    for refused in (("LOCATION",), ("DEFAULT", "COLLATION")):
        if reader.at(*refused):
            raise UnsupportedSyntax("CREATE SCHEMA … " + " ".join(refused))
    return _common_clause(reader)


def read_create_volume(reader: Reader, *, external: bool) -> Command:
    """Read what follows CREATE … VOLUME."""
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    return CreateVolume(name, external, if_not_exists, **reader.clauses(lambda: _volume_clause(reader)))


def _volume_clause(reader: Reader) -> Clause | None:
    if reader.accept("LOCATION"):
        return "location", reader.string
    if reader.accept("COMMENT"):
        return "comment", reader.string
    return None


def read_drop(reader: Reader) -> Command:
    """Read what follows DROP."""
    temporary = reader.at("TEMPORARY", "FUNCTION") or reader.at("TEMP", "FUNCTION")
    if temporary:
        reader.advance()
    kind = accept_kind(reader, *_DROPPED)
    if kind is None:
        refuse_object(reader, "DROP")
        raise reader.error()
    if_exists = reader.accept("IF", "EXISTS")
    name = reader.name()
    cascade = False
    if kind in (Kind.CATALOG, Kind.SCHEMA):
        cascade = reader.accept_any("CASCADE", "RESTRICT") == "CASCADE"
    elif kind is Kind.TABLE:
        # PURGE skips the recovery period, and there is none here: a dropped table is gone at once.
        reader.accept("PURGE")
    return Drop(kind, name, if_exists, cascade, temporary)


def read_comment(reader: Reader) -> Command:
    """Read what follows COMMENT."""
    reader.expect("ON")
    kind = accept_kind(reader, *_DROPPED, "COLUMN")
    if kind is None:
        refuse_object(reader, "COMMENT ON")
        raise reader.error()
    name = reader.name()
    if kind is Kind.COLUMN and len(name) < 2:
        raise reader.error()
    reader.expect("IS")
    return CommentOn(kind, name, None if reader.accept("NULL") else reader.string())


def read_tag_statement(reader: Reader, verb: str) -> Command:
    """Read what follows SET TAG or UNSET TAG: ON kind name key [= value]."""
    reader.expect("ON")
    kind = accept_kind(reader, *_DROPPED, "COLUMN")
    if kind is None:
        refuse_object(reader, f"{verb} TAG ON")
        raise reader.error()
    name = reader.name()
    if kind is Kind.COLUMN and len(name) < 2:
        raise reader.error()
    key = _tag_text(reader)
    if verb == "UNSET":
        return UnsetTags(kind, name, (key,))
    return SetTags(kind, name, ((key, _tag_text(reader) if reader.accept("=") else ""),))


def _tag_text(reader: Reader) -> str:
    return reader.string() if reader.at_string() else reader.identifier()


def read_set_tags(reader: Reader, kind: Kind, name: Name) -> Command:
    """Read what follows SET TAGS: ('k' = 'v', 'k2')."""

    def one() -> tuple[str, str]:
        return _tag_text(reader), _tag_text(reader) if reader.accept("=") else ""

    return SetTags(kind, name, reader.parenthesised(one))


def read_unset_tags(reader: Reader, kind: Kind, name: Name) -> Command:
    """Read what follows UNSET TAGS: ('k', …)."""
    return UnsetTags(kind, name, reader.parenthesised(lambda: _tag_text(reader)))
