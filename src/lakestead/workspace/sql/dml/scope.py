"""Whose columns the expressions of a MERGE name: the table's or the source's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakestead.workspace.sql.analysis import has_subquery
from lakestead.workspace.sql.dml.clauses import Merge
from lakestead.workspace.sql.grammar.lexer import Token
from lakestead.workspace.sql.text import tokens_of
from lakestead.workspace.store.objects import TableColumn

# What makes a value of several rows, or rows of a value: nothing that a MERGE may hold.
_OTHER_ROWS = {"OVER", "EXPLODE", "EXPLODE_OUTER", "POSEXPLODE", "POSEXPLODE_OUTER", "INLINE", "INLINE_OUTER"}
_OTHER_ROWS |= {"STACK", "JSON_TUPLE", "VARIANT_EXPLODE", "VARIANT_EXPLODE_OUTER"}
_EQUALS = {"=", "==", "<=>"}
# What binds weaker than a comparison's sides, or as weakly.
_PREDICATES = {"OR", "AND", "NOT", "!", "IN", "LIKE", "ILIKE", "RLIKE", "REGEXP", "BETWEEN", "IS"}
_PREDICATES |= {"<", ">", "<=", ">=", "<>", "!=", *_EQUALS}
_OPENING, _CLOSING = {"(", "[", "{", "CASE"}, {")", "]", "}", "END"}


@dataclass(frozen=True, slots=True)
class Equality:
    """``column = value``, the value being the source's.

    Attributes:
        column: the table's.
        value: an expression.
        null_safe: whether it was written as ``<=>``.
    """

    column: TableColumn
    value: str
    null_safe: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a MERGE's expressions can use.

    Attributes:
        merge: the statement.
        path: the table's full name.
        columns: the table's columns.
        source: the names of the source's columns, in lower case.
    """

    merge: Merge
    path: Sequence[str]
    columns: Sequence[TableColumn]
    source: frozenset[str]

    def conjuncts(self, text: str) -> list[str]:
        """Split a condition at the ANDs that bind weakest."""
        tokens = tokens_of(text)[:-1]
        while tokens and tokens[0].key == "(" and _closing(tokens) == len(tokens) - 1:
            tokens = tokens[1:-1]
        if any(token.key == "OR" for token in _outer(tokens)):
            return [text]
        parts: list[list[Token]] = [[]]
        outer = {token.start for token in _outer(tokens)}
        between = False
        for token in tokens:
            joins = token.key == "AND" and token.start in outer
            if joins and not between:
                parts.append([])
            else:
                parts[-1].append(token)
            if token.start in outer:
                between = token.key == "BETWEEN" or (between and not joins)
        texts = [text[part[0].start : part[-1].end] for part in parts if part]
        return texts if len(texts) < 2 else [inner for one in texts for inner in self.conjuncts(one)]

    def equality(self, text: str) -> Equality | None:
        """Read a condition as an equality of a column of the table and a value of the source."""
        tokens = tokens_of(text)[:-1]
        found = [token for token in _outer(tokens) if token.key in _PREDICATES]
        if len(found) != 1 or found[0].key not in _EQUALS:
            return None
        operator = found[0]
        left, right = text[: operator.start].strip(), text[operator.end :].strip()
        for own, other in ((left, right), (right, left)):
            column = self.own(own)
            if column is not None and self.of_source(other):
                return Equality(column, other, operator.key == "<=>")
        return None

    def own(self, text: str) -> TableColumn | None:
        """Return the column of the table that an expression is; None if it is something else."""
        chains = list(_chains(text))
        # Names with dots between, and the end.
        if len(chains) != 1 or len(tokens_of(text)) != 2 * len(chains[0]):
            return None
        *qualifier, name = chains[0]
        if not self.qualifies(qualifier) or (not qualifier and name in self.source):
            return None
        return next((column for column in self.columns if column.name.lower() == name), None)

    def qualifies(self, qualifier: Sequence[str]) -> bool:
        """Return whether names, in lower case, can stand before a column of the table."""
        if self.merge.alias:
            return list(qualifier) in ([], [self.merge.alias.lower()])
        path = [part.lower() for part in self.path]
        return not qualifier or list(qualifier) == path[-len(qualifier) :]

    def of_source(self, text: str) -> bool:
        """Return whether an expression certainly needs nothing but a row of the source."""
        if has_subquery(text) or any(token.key in _OTHER_ROWS for token in tokens_of(text)):
            return False
        columns = {column.name.lower(): column.type for column in self.columns}
        alias = self.merge.source_alias.lower()
        tables = {(self.merge.alias or "").lower(), *(part.lower() for part in self.path)}
        for head, *rest in _chains(text):
            if rest and head == alias:
                if columns.get(head, "").startswith("struct") or alias in tables:
                    return False
            elif head in columns or (rest and head in tables):
                return False
        return True


def _chains(text: str) -> Iterator[list[str]]:
    """Yield the dotted names of an expression, in lower case, with its key words and functions."""
    chain: list[str] = []
    dotted = False
    for token in tokens_of(text):
        if token.key == ".":
            dotted = True
            continue
        named = token.kind in ("word", "quoted")
        if chain and not (named and dotted):
            yield chain
            chain = []
        if named and (chain or not dotted):
            word = text[token.start : token.end]
            chain.append((word[1:-1].replace("``", "`") if token.kind == "quoted" else word).lower())
        dotted = False


def _outer(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens that stand in no brackets and in no CASE."""
    depth = 0
    for token in tokens:
        depth -= token.key in _CLOSING
        if depth == 0 and token.key not in _OPENING | _CLOSING:
            yield token
        depth += token.key in _OPENING


def _closing(tokens: Sequence[Token]) -> int:
    """Return the place of the bracket that closes the first token's."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.key in _OPENING) - (token.key in _CLOSING)
        if depth == 0:
            return place
    return len(tokens)
