"""CHECK constraints and generated columns, verified by the engine in its own SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pyarrow as pa

from lakestead.core.names import quote, quote_name
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Metadata
from lakestead.engine.delta.table import CHECK_PREFIX, GENERATION

Query: TypeAlias = Callable[[str], pa.Table]


def has_rules(metadata: Metadata) -> bool:
    """Return whether a table has CHECK constraints or generated columns."""
    return any(key.startswith(CHECK_PREFIX) for key in metadata.configuration) or any(
        GENERATION in one["metadata"] for one in metadata.fields
    )


def verify(location: str, metadata: Metadata, query: Query | None) -> None:
    """Verify that all rows of a Delta table keep the rules of another; see `verify_rows`."""
    verify_rows(quote_name("delta", location), metadata, query)


def verify_rows(source: str, metadata: Metadata, query: Query | None) -> None:
    """Verify that rows keep a table's rules.

    Args:
        source: what stands behind FROM in a query of the rows.
        metadata: the table whose rules count.
        query: runs a query of the engine.

    Raises:
        DeltaError: CHECK naming the rule and showing a row that breaks it; UNSUPPORTED when there are rules
            and nothing to verify them with.
    """
    checks = {
        key.removeprefix(CHECK_PREFIX): value
        for key, value in metadata.configuration.items()
        if key.startswith(CHECK_PREFIX)
    }
    generated = {
        one["name"]: one["metadata"][GENERATION] for one in metadata.fields if GENERATION in one["metadata"]
    }
    if query is None and (checks or generated):
        raise DeltaError(DeltaErrorKind.UNSUPPORTED, "Rows of this table can be written by SQL only.")
    if query is None:
        return
    for name, expression in checks.items():
        _verify_check(source, name, expression, query)
    for name, expression in generated.items():
        row = _first(source, f"NOT ({quote(name)} <=> ({expression}))", query)
        if row:
            raise DeltaError(
                DeltaErrorKind.CHECK,
                f"CHECK constraint Generated Column ({quote(name)} <=> {expression}) violated by row with "
                f"values:{row}",
            )


def verify_check(location: str, name: str, expression: str, query: Query) -> None:
    """Verify that all rows keep one constraint; a row for which it is unknown breaks it.

    Raises:
        DeltaError: CHECK.
    """
    _verify_check(quote_name("delta", location), name, expression, query)


def _verify_check(source: str, name: str, expression: str, query: Query) -> None:
    row = _first(source, f"NOT coalesce(({expression}), false)", query)
    if row:
        raise DeltaError(
            DeltaErrorKind.CHECK, f"CHECK constraint {name} ({expression}) violated by row with values:{row}"
        )


def _first(source: str, condition: str, query: Query) -> str:
    """Return the values of the first row for which a condition holds; empty when there is none."""
    rows = query(f"SELECT * FROM {source} WHERE {condition} LIMIT 1").to_pylist()
    return "".join(f"\n - {name} : {value}" for name, value in rows[0].items()) if rows else ""
