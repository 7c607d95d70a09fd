"""What a statement reads, writes and makes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

Parts = tuple[str, ...]

_WORD = r"(?:`(?:[^`]|``)+`|[A-Za-z_]\w*)"
_NAME = re.compile(rf"{_WORD}(?:\s*\.\s*{_WORD})*")
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|--[^\n]*|/\*.*?\*/", re.DOTALL)

_CHANGES = (exp.Insert, exp.Merge, exp.Update, exp.Delete)
# Statements that read no rows.
_MANAGES = re.compile(
    r"\s*(ALTER|ANALYZE|COMMENT|DENY|DESC|DESCRIBE|DROP|EXPLAIN|GRANT|MSCK|OPTIMIZE|REFRESH|REPAIR|RESET|REVOKE"
    r"|SET|SHOW|UNDROP|UNSET|USE|VACUUM)\b",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"\bIDENTIFIER\s*\(|\bEXECUTE\s+IMMEDIATE\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Made:
    """A table or view that a statement makes.

    Args:
        parts: its name as it is written, in lower case.
        columns: of the table; empty if a query gives them.
        commented: whether it gets a comment.
        location: where it is to lie; None for the usual place.
    """

    parts: Parts
    columns: tuple[str, ...] = ()
    commented: bool = False
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement touches. In doubt it is said to touch more.

    Args:
        text: the statement.
        reads: the names of the tables that it reads.
        writes: the names of the tables whose rows it changes.
        touches: the names of what it manages without reading rows, such as by ALTER or GRANT.
        made: what it makes.
        columns: the names of the columns that it names, in lower case.
        every_column: whether it may use columns that it does not name.
        hidden: whether it names tables in a way that only the warehouse can tell.
    """

    text: str
    reads: frozenset[Parts] = frozenset()
    writes: frozenset[Parts] = frozenset()
    touches: frozenset[Parts] = frozenset()
    made: Made | None = None
    columns: frozenset[str] = frozenset()
    every_column: bool = True
    hidden: bool = False

    @property
    def tables(self) -> frozenset[Parts]:
        """The names of all tables that it has to do with."""
        return self.reads | self.writes | self.touches

    def uses(self, column: str) -> bool:
        """Return whether it may use a column of its tables."""
        return self.every_column or column.lower() in self.columns


def read(text: str) -> Statement:
    """Return what a statement touches.

    One that cannot be parsed is said to read and change every table that any name in it could be of.
    """
    if _MANAGES.match(_STRING.sub(" ", text)):
        return Statement(text, touches=_names(text))
    try:
        trees = [tree for tree in parse(text, read="databricks") if tree is not None]
    except (SqlglotError, RecursionError):
        trees = []
    if len(trees) != 1 or trees[0].find(exp.Command):
        names = _names(text)
        return Statement(text, reads=names, writes=names, hidden=_hides(text))
    return _of(text, trees[0])


def _of(text: str, tree: exp.Expr) -> Statement:
    made = _made(tree) if isinstance(tree, exp.Create) else None
    written = tree.this.find(exp.Table) if isinstance(tree, _CHANGES) else None
    named = tree.find(exp.Table) if isinstance(tree, exp.Create) else None
    reads = {
        _parts(one)
        for one in tree.find_all(exp.Table)
        if one is not written and one is not named and not _is_cte(one)
    }
    writes = {_parts(written)} if written is not None else set()
    if isinstance(tree, exp.Update | exp.Delete | exp.Merge):
        reads |= writes  # its conditions are about the old rows
    # Identifiers rather than columns: USING and lists of an INSERT name columns, too.
    columns = frozenset(one.name.lower() for one in tree.find_all(exp.Identifier))
    return Statement(
        text,
        reads=frozenset(reads - {()}),
        writes=frozenset(writes - {()}),
        made=made,
        columns=columns,
        every_column=_uses_every_column(tree),
        hidden=_hides(text),
    )


def _uses_every_column(tree: exp.Expr) -> bool:
    """Return whether a statement may use columns that it does not name."""
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return True
    if isinstance(tree, exp.Insert):
        return not isinstance(tree.this, exp.Schema)
    return not isinstance(tree, exp.Query | exp.Create | exp.Update | exp.Delete)


def _parts(table: exp.Table) -> Parts:
    """Return a table's name; the empty one for what is none, such as a function's rows."""
    return tuple(part.name.lower() for part in table.parts if part.name)


def _is_cte(table: exp.Table) -> bool:
    """Return whether a name is that of a common table expression, where it stands."""
    if table.db or table.catalog:
        return False
    inside: exp.Expr = table
    while inside.parent is not None:
        above = inside.parent
        clause = above if isinstance(above, exp.With) else above.args.get("with_") or above.args.get("with")
        if isinstance(clause, exp.With) and _defines(clause, table.name, inside):
            return True
        inside = above
    return False


def _defines(clause: exp.With, name: str, inside: exp.Expr) -> bool:
    """Return whether a WITH says what a name means inside one of its parts: those before it do."""
    for one in clause.expressions:
        if one is inside:
            return bool(clause.recursive) and one.alias.lower() == name.lower()
        if one.alias.lower() == name.lower():
            return inside is not clause
    return False


def _made(tree: exp.Create) -> Made | None:
    kind = (tree.args.get("kind") or "").upper()
    table = tree.find(exp.Table)
    if kind not in ("TABLE", "VIEW") or table is None:
        return None
    schema = tree.this if isinstance(tree.this, exp.Schema) else None
    columns = tuple(
        one.name.lower() for one in (schema.expressions if schema else []) if isinstance(one, exp.ColumnDef)
    )
    location = tree.find(exp.LocationProperty)
    return Made(
        _parts(table),
        columns,
        tree.find(exp.SchemaCommentProperty) is not None,
        location.this.name if location is not None else None,
    )


def _names(text: str) -> frozenset[Parts]:
    """Return everything in a text that can be a table's name."""
    return frozenset(
        tuple(word.strip("`").replace("``", "`").lower() for word in re.findall(_WORD, match.group()))
        for match in _NAME.finditer(_STRING.sub(" ", text))
    )


def _hides(text: str) -> bool:
    return bool(_HIDDEN.search(_STRING.sub(" ", text)))
