"""SQL that users write in rules: whether it is what it should be, and which columns it names."""

from __future__ import annotations

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

# Each of them makes rows of an expression, or asks about other rows than the one in question.
_BEYOND_A_ROW = {
    exp.Query: "a query",
    exp.AggFunc: "an aggregate",
    exp.Window: "a window",
    exp.Explode: "explode",
}


def column_names(expression: str) -> set[str]:
    """Return the names of the columns that an expression over a row names, as they are written.

    Raises:
        ValueError: it is no such expression; says why.
    """
    tree = _only(f"SELECT 1 WHERE ({expression}\n)", expression)
    found = tree.args.get("where")
    if not isinstance(tree, exp.Select) or found is None or set(_given(tree)) != {"expressions", "where"}:
        raise ValueError(f"'{expression}' is no expression")
    for kind, name in _BEYOND_A_ROW.items():
        if found.find(kind):
            raise ValueError(
                f"'{expression}' has {name}: an expression is about one row; use a rule of kind query"
            )
    return {column.parts[0].name for column in found.find_all(exp.Column)}


def check_query(query: str) -> None:
    """Do nothing if a text is one query.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(_only(query, query), exp.Query):
        raise ValueError(f"'{query}' is no query")


def _given(tree: exp.Expr) -> list[str]:
    return [name for name, value in tree.args.items() if value]


def _only(statement: str, written: str) -> exp.Expr:
    try:
        trees = [tree for tree in parse(statement, dialect="databricks") if tree is not None]
    except SqlglotError as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ValueError(f"'{written}' cannot be read as SQL: {reason}") from None
    if len(trees) != 1:
        raise ValueError(f"'{written}' is more than one statement, or none")
    if any(node.comments for node in trees[0].walk()):
        raise ValueError(f"'{written}' has a comment: leave it out")
    return trees[0]
