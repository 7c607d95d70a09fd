"""Upkeep of tables: OPTIMIZE, VACUUM, RESTORE, and the cache and statistics commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .statement import Command, Fragment, Kind, Name


@dataclass(frozen=True, slots=True)
class Optimize(Command):
    """OPTIMIZE t [FULL] [WHERE p] [ZORDER BY (…)]."""

    table: Name
    full: bool = False
    where: Fragment | None = None
    zorder_by: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Vacuum(Command):
    """VACUUM; ``retain_hours`` None means the table's own retention."""

    table: Name
    mode: Literal["FULL", "LITE"] = "FULL"
    retain_hours: float | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Restore(Command):
    """RESTORE: exactly one of ``version`` and ``timestamp`` (a constant expression) is set."""

    table: Name
    version: int | None = None
    timestamp: Fragment | None = None


@dataclass(frozen=True, slots=True)
class AnalyzeTable(Command):
    """ANALYZE TABLE; ``columns`` None without FOR COLUMNS, () for FOR ALL COLUMNS."""

    table: Name
    noscan: bool = False
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AnalyzeTables(Command):
    """ANALYZE TABLES [IN schema]."""

    schema: Name | None = None
    noscan: bool = False


@dataclass(frozen=True, slots=True)
class CacheTable(Command):
    """CACHE [LAZY] TABLE t."""

    table: Name
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class UncacheTable(Command):
    """UNCACHE TABLE."""

    table: Name
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ClearCache(Command):
    """CLEAR CACHE."""


@dataclass(frozen=True, slots=True)
class Refresh(Command):
    """REFRESH [TABLE] t or REFRESH FUNCTION f."""

    kind: Kind
    name: Name


@dataclass(frozen=True, slots=True)
class Repair(Command):
    """[MSCK] REPAIR TABLE t [{ADD | DROP | SYNC} PARTITIONS | SYNC METADATA]."""

    table: Name
    action: str = "ADD PARTITIONS"
