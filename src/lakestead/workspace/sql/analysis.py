"""What a query reads: the places in its text that name tables, and the functions it calls for rows."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.text import tokens_of

# sqlglot warns about syntax that it reads as an opaque command; those are refused here anyway.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# The engine's planning time grows with the square of the depth: this deep it takes seconds.
_MAX_DEPTH = 2000
# Programs send the same short queries again and again; what reading them gave is kept.
_MAX_REMEMBERED = 10_000
# The words that a query in parentheses begins with.
_QUERIES = ("SELECT", "WITH", "FROM", "TABLE")
_QUERY = re.compile("|".join(_QUERIES), re.IGNORECASE)
_HIGHLIGHT = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a text where a table or view is named.

    Attributes:
        parts: the name as written, unquoted.
        start: offset of its first character.
        end: offset behind its last.
        aliased: whether an alias follows.
    """

    parts: tuple[str, ...]
    start: int
    end: int
    aliased: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a query reads.

    Attributes:
        references: the tables and views.
        table_functions: the names of the functions that it calls in FROM, in lower case.
    """

    references: tuple[Reference, ...]
    table_functions: frozenset[str]


def analyse(text: str) -> Analysis:
    """Parse a query.

    Args:
        text: SELECT, WITH, VALUES or a query in parentheses, in Databricks' dialect.

    Raises:
        ApiError: SYNTAX_ERROR with line and position.
    """
    return _remembered(text) if len(text) <= _MAX_REMEMBERED else _analysed(text)


@lru_cache(maxsize=512)
def _remembered(text: str) -> Analysis:
    return _analysed(text)


def _analysed(text: str) -> Analysis:
    try:
        trees = sqlglot.parse(text, dialect="databricks")
    except SqlglotError as error:
        raise _syntax_error(text, error) from None
    except RecursionError:
        raise ApiError(ErrorCode.SYNTAX_ERROR, "The statement is nested too deeply.") from None
    trees = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(trees) != 1 or trees[0] is None:
        raise ApiError(ErrorCode.SYNTAX_ERROR, "Exactly one statement can be run at a time.")
    tree = trees[0]
    if not isinstance(tree, exp.Query | exp.Values | exp.Subquery):
        raise ApiError(
            ErrorCode.SYNTAX_ERROR, f"Syntax error at or near '{text.strip().split(None, 1)[0][:40]}'."
        )
    if len(text) > _MAX_DEPTH and _depth(tree) > _MAX_DEPTH:
        raise ApiError(ErrorCode.SYNTAX_ERROR, "The statement is nested too deeply.")
    return Analysis(tuple(_references(tree)), frozenset(_table_functions(tree)))


def _depth(tree: exp.Expr) -> int:
    """Return how deep a tree is, without the recursion that its depth would break."""
    deepest = 0
    pending = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending.extend((child, depth + 1) for child in node.iter_expressions())
    return deepest


def has_subquery(text: str) -> bool:
    """Return whether a part of a statement (an expression, or a clause with one) has a query in it."""
    if "(" not in text or not _QUERY.search(text):
        return False
    tokens = tokens_of(text)
    return any(one.key == "(" and after.key in _QUERIES for one, after in pairwise(tokens))


def subqueries(text: str) -> list[tuple[int, int]]:
    """Return the spans of the outermost queries in parentheses."""
    tokens = tokens_of(text)
    found: list[tuple[int, int]] = []
    depth, outside = 0, 0
    start: int | None = None
    for index, token in enumerate(tokens):
        if token.key == "(":
            depth += 1
            if start is None and tokens[index + 1].key in _QUERIES:
                start, outside = token.end, depth
        elif token.key == ")":
            if start is not None and depth == outside:
                found.append((start, token.start))
                start = None
            depth -= 1
    return found


def _references(tree: exp.Expr) -> Iterator[Reference]:
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or is_cte(table):
            continue
        parts = table.parts
        if not all(isinstance(part, exp.Identifier) and "start" in part.meta for part in parts):
            raise ApiError(ErrorCode.SYNTAX_ERROR, f"Syntax error at or near '{table.sql('databricks')}'.")
        yield Reference(
            tuple(part.name for part in parts),
            parts[0].meta["start"],
            parts[-1].meta["end"] + 1,
            bool(table.alias),
        )


def _table_functions(tree: exp.Expr) -> Iterator[str]:
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            yield table.this.name.lower()


def is_cte(table: exp.Table) -> bool:
    """Return whether a table's name means a common table expression that is in scope where it stands."""
    if table.db:
        return False
    name = table.name.lower()
    node: exp.Expr = table
    inside: list[exp.CTE] = []
    while node.parent is not None:
        if isinstance(node, exp.CTE):
            inside.append(node)
        node = node.parent
        clause = node.args.get("with_")
        if clause is None:
            continue
        for cte in clause.expressions:
            # Inside its own WITH, an expression sees the ones before it, and itself if it is recursive.
            own = any(cte is outer for outer in inside)
            if cte.alias.lower() == name and not (own and not clause.recursive):
                return True
            if own:
                break
    return False


def _syntax_error(text: str, error: SqlglotError) -> ApiError:
    details = getattr(error, "errors", None) or [{}]
    line, column = details[0].get("line"), details[0].get("col")
    near = details[0].get("highlight") or ""
    if not line:
        return ApiError(ErrorCode.SYNTAX_ERROR, _HIGHLIGHT.sub("", str(error)).splitlines()[0][:500])
    return ApiError(
        ErrorCode.SYNTAX_ERROR,
        f"Syntax error at or near '{near[:80]}'. (line {line}, pos {max(column - 1, 0)})",
    )
