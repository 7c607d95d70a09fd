"""COPY INTO, and PUT, GET, REMOVE and LIST on volumes."""

from __future__ import annotations

from .ast import Command, CopyInto, CopySource, Fragment, GetFile, ListFiles, Pairs, PutFile, RemoveFile
from .errors import UnsupportedSyntax
from .reader import Clause, Reader


def read_copy(reader: Reader) -> Command:
    """Read what follows COPY."""
    reader.expect("INTO")
    table = reader.name()
    by_position = reader.accept("BY", "POSITION")
    columns = reader.identifiers() if reader.at("(") and not by_position else ()
    reader.expect("FROM")
    source = _source(reader)
    reader.expect("FILEFORMAT", "=")
    file_format = reader.identifier().upper()
    clauses = reader.clauses(lambda: _clause(reader))
    validate = clauses.pop("validate", {})
    return CopyInto(table, source, file_format, columns, by_position, **validate, **clauses)


def _source(reader: Reader) -> CopySource:
    if not reader.accept("("):
        return _location(reader, None)
    reader.expect("SELECT")
    select = _expressions(reader)
    reader.expect("FROM")
    source = _location(reader, select)
    reader.expect(")")
    return source


def _expressions(reader: Reader) -> Fragment:
    """Read the expression list up to FROM as one text."""
    parts = reader.separated(lambda: reader.expression("FROM"))
    last = parts[-1]
    return Fragment(reader.text[parts[0].start : last.start + len(last.text)], parts[0].start)


def _location(reader: Reader, select: Fragment | None) -> CopySource:
    path = reader.string()
    if not reader.accept("WITH"):
        return CopySource(path, select)
    reader.expect("(")
    credential = None
    credentials: Pairs = ()
    encryption: Pairs = ()
    if reader.accept("CREDENTIAL"):
        if reader.at("("):
            credentials = reader.pairs()
        else:
            credential = reader.identifier()
    if reader.accept("ENCRYPTION"):
        encryption = reader.pairs()
    reader.expect(")")
    return CopySource(path, select, credential, credentials, encryption)


def _clause(reader: Reader) -> Clause | None:
    if reader.accept("VALIDATE"):
        return "validate", lambda: {"validate": True, "validate_rows": _row_count(reader)}
    if reader.accept("FILES", "="):
        return "files", lambda: reader.parenthesised(reader.string)
    if reader.accept("PATTERN", "="):
        return "pattern", reader.string
    if reader.accept("FORMAT_OPTIONS"):
        return "format_options", reader.pairs
    if reader.accept("COPY_OPTIONS"):
        return "copy_options", reader.pairs
    return None


def _row_count(reader: Reader) -> int | None:
    if reader.accept("ALL") or reader.token.kind != "number":
        return None
    count = reader.integer()
    reader.expect("ROWS")
    return count


def read_put(reader: Reader) -> Command:
    """Read what follows PUT."""
    local = reader.string()
    reader.expect("INTO")
    return PutFile(local, reader.string(), reader.accept("OVERWRITE"))


def read_get(reader: Reader) -> Command:
    """Read what follows GET."""
    remote = reader.string()
    reader.expect("TO")
    return GetFile(remote, reader.string())


def read_remove(reader: Reader) -> Command:
    """Read what follows REMOVE."""
    return RemoveFile(reader.string())


def read_list(reader: Reader) -> Command:
    """Read what follows LIST."""
    if reader.at_any("ARCHIVE", "ARCHIVES", "FILE", "FILES", "JAR", "JARS"):
        raise UnsupportedSyntax(f"LIST {reader.token.key}")
    remote = reader.string()
    if reader.at("WITH"):
        raise UnsupportedSyntax("LIST … WITH (CREDENTIAL …)")
    recursive = reader.accept("RECURSIVE")
    return ListFiles(remote, recursive, reader.integer() if reader.accept("LIMIT") else None)
