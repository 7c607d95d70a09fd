"""OPTIMIZE, VACUUM, RESTORE, and the cache and statistics commands."""

from __future__ import annotations

from typing import Literal

from .ast import (
    AnalyzeTable,
    AnalyzeTables,
    CacheTable,
    ClearCache,
    Command,
    Kind,
    Name,
    Optimize,
    Refresh,
    Repair,
    Restore,
    UncacheTable,
    Vacuum,
)
from .errors import UnsupportedSyntax
from .reader import Reader
from .unserved import refuse_object


def read_optimize(reader: Reader) -> Command:
    """Read what follows OPTIMIZE."""
    table = reader.path_or_name()
    full = reader.accept("FULL")
    where = reader.expression("ZORDER") if reader.accept("WHERE") else None
    zorder_by: tuple[Name, ...] = ()
    if reader.accept("ZORDER", "BY"):
        in_brackets = reader.at("(")
        zorder_by = reader.parenthesised(reader.name) if in_brackets else reader.separated(reader.name)
    return Optimize(table, full, where, zorder_by)


def read_vacuum(reader: Reader) -> Command:
    """Read what follows VACUUM."""
    table = reader.path_or_name()
    mode: Literal["FULL", "LITE"] = "LITE" if reader.accept_any("FULL", "LITE") == "LITE" else "FULL"
    hours = None
    if reader.accept("RETAIN"):
        hours = reader.decimal()
        if not reader.accept_any("HOURS", "HOUR"):
            raise reader.error()
    return Vacuum(table, mode, hours, reader.accept("DRY", "RUN"))


def read_restore(reader: Reader) -> Command:
    """Read what follows RESTORE."""
    reader.accept("TABLE")
    table = reader.name()
    reader.accept("TO")
    if reader.accept("VERSION", "AS", "OF"):
        return Restore(table, version=reader.integer())
    reader.expect("TIMESTAMP", "AS", "OF")
    return Restore(table, timestamp=reader.expression())


def read_analyze(reader: Reader) -> Command:
    """Read what follows ANALYZE."""
    if reader.accept("TABLES"):
        schema = reader.name() if reader.accept_any("IN", "FROM") else None
        reader.expect("COMPUTE", "STATISTICS")
        return AnalyzeTables(schema, reader.accept("NOSCAN"))
    reader.expect("TABLE")
    table = reader.name()
    if reader.at("PARTITION"):
        raise UnsupportedSyntax("ANALYZE TABLE … PARTITION")
    reader.expect("COMPUTE")
    if reader.at("STORAGE", "METRICS"):
        raise UnsupportedSyntax("ANALYZE TABLE … COMPUTE STORAGE METRICS")
    reader.accept("DELTA")
    reader.expect("STATISTICS")
    if reader.accept("NOSCAN"):
        return AnalyzeTable(table, noscan=True)
    if reader.accept("FOR", "ALL", "COLUMNS"):
        return AnalyzeTable(table, columns=())
    if reader.accept("FOR", "COLUMNS"):
        return AnalyzeTable(table, columns=reader.separated(reader.identifier))
    return AnalyzeTable(table)


def read_cache(reader: Reader) -> Command:
    """Read what follows CACHE."""
    if reader.at("SELECT"):
        raise UnsupportedSyntax("CACHE SELECT")
    lazy = reader.accept("LAZY")
    reader.expect("TABLE")
    table = reader.name()
    if reader.accept("OPTIONS"):
        reader.pairs()
    if reader.at_any("AS", "SELECT", "WITH", "VALUES", "FROM"):
        raise UnsupportedSyntax("CACHE TABLE … AS query")
    return CacheTable(table, lazy)


def read_uncache(reader: Reader) -> Command:
    """Read what follows UNCACHE."""
    reader.expect("TABLE")
    if_exists = reader.accept("IF", "EXISTS")
    return UncacheTable(reader.name(), if_exists)


def read_clear(reader: Reader) -> Command:
    """Read what follows CLEAR."""
    reader.expect("CACHE")
    return ClearCache()


def read_refresh(reader: Reader) -> Command:
    """Read what follows REFRESH."""
    refuse_object(reader, "REFRESH")
    if reader.token.kind == "string":
        raise UnsupportedSyntax("REFRESH 'path'")
    follower = reader.ahead(1).kind
    kind = Kind.TABLE
    if follower in ("word", "quoted") and reader.accept_any("TABLE", "FUNCTION") == "FUNCTION":
        kind = Kind.FUNCTION
    return Refresh(kind, reader.name())


def read_repair(reader: Reader) -> Command:
    """Read what follows REPAIR or MSCK REPAIR."""
    if reader.at("PRIVILEGES"):
        raise UnsupportedSyntax("MSCK REPAIR PRIVILEGES")
    reader.expect("TABLE")
    table = reader.name()
    if reader.accept("SYNC", "METADATA"):
        return Repair(table, "SYNC METADATA")
    action = reader.accept_any("ADD", "DROP", "SYNC")
    if not action:
        return Repair(table)
    reader.expect("PARTITIONS")
    return Repair(table, f"{action} PARTITIONS")


def read_msck(reader: Reader) -> Command:
    """Read what follows MSCK."""
    reader.expect("REPAIR")
    return read_repair(reader)
