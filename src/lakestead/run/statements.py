"""Derived tables and views: named statements of SQL files, run when their text or what they read has changed.

A file has one or more statements, each under its header:

    -- name: daily_carriers
    -- table: daily_carriers          (or `view:`) what it writes
    -- reads: other.schema.table      optional: tables that are not the project's
    CREATE OR REPLACE TABLE daily_carriers AS SELECT …

A statement reads, as far as is known, every table of the project, every table that an earlier one writes, and
those it names. Its fingerprint (of its text and the versions of these) is kept as a property of what it
writes, so that dropping a derived table is enough to have it made anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName, canonical, quote_name, quote_string, split_name
from lakestead.run.changes import affected_rows
from lakestead.run.lakehouse import Lakehouse

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import TableInfo

_HEADER = re.compile(r"--\s*(name|table|view|reads):\s*(.*?)\s*$")


@dataclass(frozen=True)
class Statement:
    """A named statement.

    Args:
        target: the table or view that it writes, in the project's schema.
        reads: further tables that it reads, as SQL names them.
    """

    name: str
    kind: Literal["table", "view"]
    target: str
    reads: tuple[str, ...]
    sql: str

    @property
    def property_name(self) -> str:
        """The property of its target that keeps its fingerprint."""
        return f"lakestead.statement.{self.name}"


def read_statements(paths: Sequence[Path]) -> list[Statement]:
    """Read the statements of SQL files, in order.

    Raises:
        ConfigError: when a file has no named statement, or one is incomplete or named twice; says where.
    """
    statements: list[Statement] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
        starts = [
            i for i, line in enumerate(lines) if (header := _HEADER.match(line)) and header[1] == "name"
        ]
        if not starts:
            raise ConfigError("has no statement: each begins with a line `-- name: …`", where=str(path))
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            statement = _statement(lines[start:end], f"{path}:{start + 1}")
            if statement.name in {other.name for other in statements}:
                raise ConfigError(
                    f"a statement is named '{statement.name}' twice", where=f"{path}:{start + 1}"
                )
            statements.append(statement)
    return statements


def _statement(lines: list[str], where: str) -> Statement:
    headers = {match[1]: match[2] for line in lines if (match := _HEADER.match(line))}
    sql = "\n".join(line for line in lines if not _HEADER.match(line)).strip().removesuffix(";").rstrip()
    name = headers["name"]
    if ("table" in headers) == ("view" in headers):
        raise ConfigError(
            f"statement '{name}' needs a line `-- table: …` or `-- view: …`: what it writes", where=where
        )
    if not sql:
        raise ConfigError(f"statement '{name}' is empty", where=where)
    kind: Literal["table", "view"] = "table" if "table" in headers else "view"
    reads = tuple(text.strip() for text in headers.get("reads", "").split(",") if text.strip())
    try:
        return Statement(name, kind, canonical(headers[kind]), reads, sql)
    except InvalidName as error:
        raise ConfigError(str(error), where=where) from error


@dataclass(frozen=True)
class Derivation:
    """A statement to run.

    Args:
        inputs: the tables of the project's schema that it may read.
    """

    statement: Statement
    inputs: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it does."""
        return f"derive {self.statement.target} ({self.statement.name})"

    def apply(self, lakehouse: Lakehouse) -> int | None:
        statement = self.statement
        lakehouse.use()
        before = self.fingerprint(lakehouse)
        rows = affected_rows(lakehouse, statement.sql)
        lakehouse.execute(
            f"ALTER {statement.kind.upper()} {lakehouse.quoted(statement.target)}"
            f" SET TBLPROPERTIES ({quote_string(statement.property_name)} = {quote_string(before)})"
        )
        return rows

    def fingerprint(self, lakehouse: Lakehouse) -> str:
        """Return the digest of the statement's text and the versions of what it reads."""
        names = [lakehouse.quoted(table) for table in self.inputs]
        names += [quote_name(*split_name(table)) for table in self.statement.reads]
        versions = [f"{name}@{lakehouse.version(name)}" for name in names]
        return hashlib.sha256("\n".join([self.statement.sql, *versions]).encode()).hexdigest()


def plan_statements(
    statements: Sequence[Statement],
    lakehouse: Lakehouse,
    actual: Mapping[str, TableInfo | None],
    tables: Sequence[str],
    changing: set[str],
) -> list[Derivation]:
    """Return the statements that are due.

    Args:
        actual: the project's tables and the statements' targets as they are.
        tables: the project's tables.
        changing: those that this run will change before the statements.
    """
    changes: list[Derivation] = []
    written: list[str] = []
    due = set(changing)
    for statement in statements:
        inputs = [table for table in dict.fromkeys([*tables, *written]) if table != statement.target]
        derivation = Derivation(statement, tuple(inputs))
        if due.intersection(inputs) or not _is_current(derivation, lakehouse, actual[statement.target]):
            changes.append(derivation)
            due.add(statement.target)
        if statement.kind == "table":
            written.append(statement.target)
    return changes


def _is_current(derivation: Derivation, lakehouse: Lakehouse, there: TableInfo | None) -> bool:
    if there is None:
        return False
    kept = (there.properties or {}).get(derivation.statement.property_name)
    return kept is not None and kept == derivation.fingerprint(lakehouse)
