"""Syntax of Databricks that the engine does not have, said in words that it has.

Only queries that the engine refused come here, so a query it understands always runs as it was written.
When the engine has
learnt a construct, its rewrite can be deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlglot import exp, parse_one, transforms
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify_columns import qualify_columns
from sqlglot.optimizer.qualify_tables import qualify_tables

from lakestead.workspace.errors import ErrorCode
from lakestead.workspace.sql.text import Edit, apply, tokens_of

# Only these say that the engine did not understand; every other error is the statement's own.
_NOT_UNDERSTOOD = {
    ErrorCode.SYNTAX_ERROR,
    ErrorCode.COLUMN_NOT_FOUND,
    ErrorCode.UNRESOLVED_FUNCTION,
    ErrorCode.DATATYPE_MISMATCH,
    ErrorCode.NOT_IMPLEMENTED,
    ErrorCode.MISSING_AGGREGATION,
}
# sqlglot writes these as other functions, with other results.
_NOT_ROUND_TRIP = (exp.PercentileCont, exp.PercentileDisc)

ColumnTypes = Mapping[str, str]
Lookup = Callable[[tuple[str, ...]], ColumnTypes | None]


def candidates(text: str, lookup: Lookup, code: ErrorCode) -> Iterator[str]:
    """Give a query in other words, the nearest first; nothing when there are none.

    Args:
        text: a bound query that the engine refused: names of tables are full.
        lookup: gives a table's columns, as name → DDL type, by its full name.
        code: the engine's error.
    """
    if code not in _NOT_UNDERSTOOD:
        return
    tried = {text}
    for expanded in (False, True):
        try:
            rewritten = _rewrite(text, lookup, expanded)
        except SqlglotError:
            return
        if rewritten is not None and rewritten not in tried:
            tried.add(rewritten)
            yield rewritten


def _rewrite(text: str, lookup: Lookup, expanded: bool) -> str | None:
    tree = parse_one(text, dialect="databricks")
    # QUALIFY becomes a subquery with one column more, which a star outside must not show.
    starred = tree.find(exp.Qualify) is not None or any(
        star.args.get("except_") or star.args.get("replace") for star in tree.find_all(exp.Star)
    )
    if tree.find(*_NOT_ROUND_TRIP) or (starred and not expanded):
        return None
    for step in (_group_by_all, _like_any, _sample_rows, _decode, _placement):
        tree = tree.transform(step)
    if expanded:
        tree = _qualified(tree, lookup)
    tree = tree.transform(_qualify_clause).transform(_paths, lookup)
    return _pivot(_sql(tree))


def _sql(tree: exp.Expr) -> str:
    return str(Databricks().generate(tree, normalize_functions=False))


def _qualified(tree: exp.Expr, lookup: Lookup) -> exp.Expr:
    """Expand ``* EXCEPT``, ``* REPLACE`` and aliases used beside where they are made."""
    if isinstance(tree, exp.Select):
        for projection in tree.expressions:
            if not isinstance(projection, exp.Alias | exp.Column | exp.Star):
                name = _sql(projection)
                projection.replace(exp.alias_(projection.copy(), name, quoted=True))
    schema: dict[str, Any] = {}
    for table in tree.find_all(exp.Table):
        path = tuple(part.name for part in table.parts)
        columns = lookup(path) if isinstance(table.this, exp.Identifier) else None
        if columns is None:
            continue
        level = schema
        for part in path[:-1]:
            level = level.setdefault(part, {})
        # Types do not matter for names, and not every type of Databricks is one of sqlglot's.
        level[path[-1]] = dict.fromkeys(columns, "string")
    depths = {
        len(table.parts) for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)
    }
    if len(depths) > 1:
        return tree
    return qualify_columns(
        qualify_tables(tree, dialect="databricks"),
        schema,
        expand_alias_refs=True,
        expand_stars=True,
        dialect="databricks",
    )


def _qualify_clause(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Select) and node.args.get("qualify"):
        return transforms.eliminate_qualify(node)
    return node


def _paths(node: exp.Expr, lookup: Lookup) -> exp.Expr:
    """``column:path`` as get_json_object on strings and variant_get on variants."""
    if (
        isinstance(node, exp.Cast)
        and isinstance(node.this, exp.JSONExtract)
        and _is_variant(node.this, lookup)
    ):
        extract = node.this
        kind = exp.Literal.string(node.to.sql("databricks"))
        return exp.func("variant_get", extract.this.copy(), _json_path(extract), kind, dialect="databricks")
    if not isinstance(node, exp.JSONExtract):
        return node
    if _is_variant(node, lookup):
        return exp.Anonymous(this="variant_get", expressions=[node.this.copy(), _json_path(node)])
    return exp.Anonymous(this="get_json_object", expressions=[node.this.copy(), _json_path(node)])


def _json_path(node: exp.JSONExtract) -> exp.Literal:
    path = node.expression
    return exp.Literal.string(path.sql().strip("'") if isinstance(path, exp.JSONPath) else path.name)


def _is_variant(node: exp.JSONExtract, lookup: Lookup) -> bool:
    operand = node.this
    if isinstance(operand, exp.JSONExtract):
        return _is_variant(operand, lookup)
    if isinstance(operand, exp.ParseJSON):
        return True
    if isinstance(operand, exp.Cast):
        return operand.to.is_type("variant")
    if not isinstance(operand, exp.Column):
        return False
    query = operand.find_ancestor(exp.Select)
    tables = query.root().find_all(exp.Table) if query is not None else ()
    for table in tables:
        columns = lookup(tuple(part.name for part in table.parts)) or {}
        if columns.get(operand.name.lower()) == "variant":
            return True
    return False


def _group_by_all(node: exp.Expr) -> exp.Expr:
    """GROUP BY ALL and ORDER BY ALL as lists of positions."""
    if not isinstance(node, exp.Select):
        return node
    group, order = node.args.get("group"), node.args.get("order")
    if group is not None and group.args.get("all"):
        keys = [
            position
            for position, projection in enumerate(node.expressions, start=1)
            if not any(found.find_ancestor(exp.Window) is None for found in projection.find_all(exp.AggFunc))
        ]
        node.set("group", exp.Group(expressions=[exp.Literal.number(key) for key in keys]) if keys else None)
    if order is not None and len(order.expressions) == 1 and order.expressions[0].name.upper() == "ALL":
        everything = order.expressions[0]
        positions = [everything.copy() for _ in node.expressions]
        for number, position in enumerate(positions, start=1):
            position.set("this", exp.Literal.number(number))
        node.set("order", exp.Order(expressions=positions))
    return node


def _like_any(node: exp.Expr) -> exp.Expr:
    """``x LIKE ANY (a, b)`` as a disjunction, ``LIKE ALL`` as a conjunction."""
    if not isinstance(node, exp.Like | exp.ILike) or not isinstance(node.expression, exp.Any | exp.All):
        return node
    listed = node.expression.this
    patterns = listed.expressions if isinstance(listed, exp.Tuple) else [listed.this]
    each = [type(node)(this=node.this.copy(), expression=pattern.copy()) for pattern in patterns]
    return exp.paren(exp.or_(*each) if isinstance(node.expression, exp.Any) else exp.and_(*each))


def _sample_rows(node: exp.Expr) -> exp.Expr:
    """``t TABLESAMPLE (n ROWS)`` as a subquery with a limit."""
    sample = node.args.get("sample") if isinstance(node, exp.Table) else None
    if sample is None or sample.args.get("size") is None:
        return node
    table = node.copy()
    alias = table.alias or table.name
    table.set("sample", None)
    table.set("alias", None)
    return exp.select("*").from_(table).limit(sample.args["size"].copy()).subquery(alias)


def _decode(node: exp.Expr) -> exp.Expr:
    """``decode(x, a, b, …, default)`` as a CASE; nulls are equal here."""
    if not isinstance(node, exp.DecodeCase):
        return node
    subject, *pairs = node.expressions
    case = exp.Case()
    while len(pairs) > 1:
        search, result, *pairs = pairs
        case = case.when(exp.NullSafeEQ(this=subject.copy(), expression=search.copy()), result.copy())
    return case.else_(pairs[0].copy()) if pairs else case


def _placement(node: exp.Expr) -> exp.Expr:
    """Leave out CLUSTER BY, DISTRIBUTE BY and SORT BY: they place rows in a cluster and promise no order."""
    if isinstance(node, exp.Select):
        for clause in ("cluster", "distribute", "sort"):
            node.set(clause, None)
    return node


def _pivot(text: str) -> str:
    """``PIVOT (… FOR c IN …)`` with its column in parentheses."""
    edits: list[Edit] = []
    tokens = tokens_of(text)
    inside = ""
    for index, token in enumerate(tokens):
        if token.key in ("PIVOT", "UNPIVOT"):
            inside = token.key
        if token.key == "FOR" and inside == "PIVOT" and tokens[index + 1].kind in ("word", "quoted"):
            column = tokens[index + 1]
            edits.append(Edit(column.start, column.end, f"({text[column.start : column.end]})"))
            inside = ""
    return apply(text, edits)
