"""The changes ALTER makes to objects of many kinds: owner, name, tags and properties."""

from __future__ import annotations

from .ast import Command, Kind, Name, Rename, SetOwner, SetProperties, UnsetProperties
from .errors import UnsupportedSyntax
from .objects import read_set_tags, read_unset_tags
from .reader import Reader

_PROPERTIES = {Kind.SCHEMA: "DBPROPERTIES", Kind.TABLE: "TBLPROPERTIES", Kind.VIEW: "TBLPROPERTIES"}
_RENAMED = (Kind.TABLE, Kind.VIEW, Kind.VOLUME)


def read_change(reader: Reader, kind: Kind, name: Name) -> Command | None:
    """Read a change that is not special to one kind of object; None when the next words are none such."""
    properties = _PROPERTIES.get(kind, "")
    if reader.accept("OWNER", "TO") or reader.accept("SET", "OWNER", "TO"):
        return SetOwner(kind, name, reader.identifier())
    if reader.accept("SET", "TAGS"):
        return read_set_tags(reader, kind, name)
    if reader.accept("UNSET", "TAGS"):
        return read_unset_tags(reader, kind, name)
    if kind in _RENAMED and reader.accept("RENAME", "TO"):
        return Rename(kind, name, reader.name())
    if properties and reader.accept("SET", properties):
        return SetProperties(kind, name, reader.pairs())
    if properties and reader.accept("UNSET", properties):
        if_exists = reader.accept("IF", "EXISTS")
        return UnsetProperties(kind, name, reader.parenthesised(reader.property_key), if_exists)
    _refuse_change(reader, kind)
    return None


def _refuse_change(reader: Reader, kind: Kind) -> None:
    if reader.at_any("ENABLE", "DISABLE", "INHERIT") and reader.ahead(1).key == "PREDICTIVE":
        raise UnsupportedSyntax(f"ALTER {kind} … PREDICTIVE OPTIMIZATION")
    for words in (
        ("DEFAULT", "COLLATION"),
        ("SET", "MANAGED", "LOCATION"),
        ("SET", "LOCATION"),
        ("OPTIONS",),
    ):
        if reader.at(*words):
            raise UnsupportedSyntax(f"ALTER {kind} … {' '.join(words)}")
