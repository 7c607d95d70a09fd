"""The 22 queries of TPC-H, as the engine's own package ships them."""

from __future__ import annotations

from importlib.resources import files

NUMBERS = tuple(range(1, 23))


def statements(number: int) -> list[str]:
    """Return the statements of a query: one, or for query 15 a view, a query and the view's end."""
    text = (files("pysail") / "data" / "tpch" / "queries" / f"q{number}.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]


def is_query(statement: str) -> bool:
    """Return whether a statement is the one that gives the answer."""
    return statement.startswith("select")
