"""SHOW."""

from __future__ import annotations

from typing import Literal

from .ast import (
    Command,
    Name,
    ShowCatalogColumns,
    ShowCatalogs,
    ShowCatalogTables,
    ShowColumns,
    ShowCreateTable,
    ShowCurrentSchema,
    ShowFunctions,
    ShowGroups,
    ShowPartitions,
    ShowProperties,
    ShowSchemas,
    ShowTableExtended,
    ShowTables,
    ShowUsers,
    ShowVolumes,
)
from .errors import UnsupportedSyntax
from .grants import read_show_grants
from .reader import Reader
from .unserved import refuse_object


def read_show(reader: Reader) -> Command:
    """Read what follows SHOW."""
    subject = reader.accept_any(*_SUBJECTS)
    if subject:
        return _SUBJECTS[subject](reader)
    return _read_phrase(reader)


def _read_phrase(reader: Reader) -> Command:
    """Read the forms that more than one word tells apart."""
    if reader.accept("TABLE", "EXTENDED"):
        return _table_extended(reader)
    if reader.accept("CREATE", "TABLE"):
        return ShowCreateTable(reader.name())
    if reader.at("FUNCTIONS") or (
        reader.at_any("USER", "SYSTEM", "ALL") and reader.ahead(1).key == "FUNCTIONS"
    ):
        return _functions(reader)
    if reader.at("CURRENT") and reader.ahead(1).key in ("SCHEMA", "DATABASE", "NAMESPACE"):
        reader.advance()
        reader.advance()
        return ShowCurrentSchema()
    for words in (("KEYS",), ("PRIMARY", "KEYS"), ("FOREIGN", "KEYS"), ("TABLES", "DROPPED"), ("VARIABLES",)):
        if reader.at(*words):
            raise UnsupportedSyntax("SHOW " + " ".join(words))
    refuse_object(reader, "SHOW")
    raise reader.error()


def _accept_in(reader: Reader) -> bool:
    return bool(reader.accept_any("IN", "FROM"))


def _pattern(reader: Reader) -> str | None:
    """Read [[LIKE] 'pattern']."""
    return reader.string() if reader.accept("LIKE") or reader.at_string() else None


def _like(reader: Reader, *before: str) -> str | None:
    return reader.string() if reader.accept(*before, "LIKE") else None


def _schema(reader: Reader) -> Name | None:
    return reader.name() if _accept_in(reader) else None


def _at_catalog_clause(reader: Reader) -> bool:
    """Whether CATALOG and a name come next, rather than a schema called catalog."""
    follower = reader.ahead(1)
    return reader.at("CATALOG") and follower.kind in ("word", "quoted") and follower.key != "LIKE"


def _catalogs(reader: Reader) -> Command:
    return ShowCatalogs(_pattern(reader))


def _schemas(reader: Reader) -> Command:
    if not _accept_in(reader):
        return ShowSchemas(None, _pattern(reader))
    if reader.accept("ALL", "CATALOGS"):
        return ShowSchemas(None, _pattern(reader), all_catalogs=True)
    if _at_catalog_clause(reader):
        reader.advance()
    return ShowSchemas(reader.single_name(), _pattern(reader))


def _tables(reader: Reader) -> Command:
    if not _accept_in(reader):
        if reader.at("DROPPED"):
            raise UnsupportedSyntax("SHOW TABLES DROPPED")
        return ShowTables(None, _pattern(reader))
    if reader.at("ALL", "CATALOGS") or _at_catalog_clause(reader):
        catalog = _catalog(reader)
        return ShowCatalogTables(catalog, _like(reader, "SCHEMA"), _pattern(reader))
    return ShowTables(reader.name(), _pattern(reader))


def _catalog(reader: Reader) -> str | None:
    """Read ALL CATALOGS (None) or CATALOG c."""
    if reader.accept("ALL", "CATALOGS"):
        return None
    reader.expect("CATALOG")
    return reader.single_name()


def _views(reader: Reader) -> Command:
    return ShowTables(_schema(reader), _pattern(reader), views_only=True)


def _volumes(reader: Reader) -> Command:
    return ShowVolumes(_schema(reader), _pattern(reader))


def _functions(reader: Reader) -> Command:
    scope: Literal["USER", "SYSTEM", "ALL"] = "ALL"
    if reader.accept("USER"):
        scope = "USER"
    elif reader.accept("SYSTEM"):
        scope = "SYSTEM"
    else:
        reader.accept("ALL")
    reader.expect("FUNCTIONS")
    schema = _schema(reader)
    if reader.accept("LIKE") or reader.at_string() or reader.at_name():
        pattern = reader.string() if reader.at_string() else ".".join(reader.name())
        return ShowFunctions(scope, schema, pattern)
    return ShowFunctions(scope, schema)


def _table_extended(reader: Reader) -> Command:
    schema = _schema(reader)
    reader.expect("LIKE")
    pattern = reader.string()
    if reader.at("PARTITION"):
        raise UnsupportedSyntax("SHOW TABLE EXTENDED … PARTITION")
    return ShowTableExtended(pattern, schema)


def _columns(reader: Reader) -> Command:
    if not _accept_in(reader):
        raise reader.error()
    if reader.at("ALL", "CATALOGS") or _at_catalog_clause(reader):
        catalog = _catalog(reader)
        return ShowCatalogColumns(catalog, _like(reader, "SCHEMA"), _like(reader, "TABLE"), _pattern(reader))
    table = reader.name()
    schema = _schema(reader)
    if schema is not None:
        table = (*schema, table[-1])
    return ShowColumns(table)


def _properties(reader: Reader) -> Command:
    table = reader.name()
    key = None
    if reader.accept("("):
        key = reader.property_key()
        reader.expect(")")
    return ShowProperties(table, key)


def _partitions(reader: Reader) -> Command:
    table = reader.name()
    if reader.at("PARTITION"):
        raise UnsupportedSyntax("SHOW PARTITIONS … PARTITION")
    return ShowPartitions(table)


def _users(reader: Reader) -> Command:
    return ShowUsers(_pattern(reader))


def _groups(reader: Reader) -> Command:
    if reader.at("WITH"):
        raise UnsupportedSyntax("SHOW GROUPS WITH")
    return ShowGroups(_pattern(reader))


_SUBJECTS = {
    "CATALOGS": _catalogs,
    "SCHEMAS": _schemas,
    "DATABASES": _schemas,
    "TABLES": _tables,
    "VIEWS": _views,
    "VOLUMES": _volumes,
    "COLUMNS": _columns,
    "TBLPROPERTIES": _properties,
    "PARTITIONS": _partitions,
    "USERS": _users,
    "GROUPS": _groups,
    "GRANTS": read_show_grants,
    "GRANT": read_show_grants,
}
