"""Queries: what their columns are made of, found in one walk over the parsed text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from lakestead.workspace.sql.session import TemporaryView
from lakestead.workspace.system.lineage import nodes, reshaped
from lakestead.workspace.system.lineage.model import NONE, Dataset, Origins, Relation
from lakestead.workspace.system.lineage.rows import Output, Rows, Scope, named_as, united
from lakestead.workspace.system.lineage.trace import Function, Trace

# Functions that make rows of a value; without an alias, how many columns they give depends on its type.
_GENERATORS = (exp.Explode, exp.ExplodeOuter, exp.Posexplode, exp.PosexplodeOuter, exp.Inline, exp.Stack)
# What of a SELECT is read for its columns; in the rest only queries matter.
_READ = frozenset({"with_", "from_", "joins", "laterals", "expressions"})


@dataclass(slots=True)
class Cte:
    """A common table expression, and those that it sees itself."""

    node: exp.CTE
    known: Mapping[str, Cte]
    recursive: bool
    rows: Rows | None = None


Ctes = Mapping[str, Cte]


def parse(text: str) -> Any:
    """Return a query or expression as a tree.

    Raises:
        SqlglotError: it does not parse.
    """
    return sqlglot.parse_one(text, dialect="databricks")


@dataclass(slots=True)
class Reader:
    """Reads the queries of one statement.

    Args:
        trace: what its names mean.

    Attributes:
        reads: the tables, views and paths that it reads, in the order in which they were met.
    """

    trace: Trace
    reads: dict[Dataset, None] = field(default_factory=dict)

    def text(self, query: str) -> Rows:
        """Return what a query in text gives.

        Raises:
            SqlglotError: it does not parse.
        """
        tree = parse(query)
        if not isinstance(tree, exp.Query | exp.Values):
            raise ParseError("this is not a query")
        return self.query(tree, {}, None)

    def query(self, node: Any, ctes: Ctes, outer: Scope | None) -> Rows:
        """Return what a query gives.

        Args:
            node: SELECT, a set operation, VALUES, or one of them in parentheses.
            ctes: the common table expressions that it sees.
            outer: the names of the query around it.
        """
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, ctes, outer)
        ctes = self._with(node, ctes)
        if isinstance(node, exp.Select):
            return self._select(node, ctes, outer)
        return self._relation(node, ctes, Scope(outer)).star

    # WITH and set operations

    def _with(self, node: Any, ctes: Ctes) -> Ctes:
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        known = dict(ctes)
        for one in clause.expressions:
            made = Cte(one, dict(known), bool(clause.recursive))
            known[one.alias.lower()] = made
        return known

    def _cte(self, cte: Cte) -> Rows:
        if cte.rows is not None:
            return cte.rows
        body, names = cte.node.this, nodes.names(cte.node)
        if not (cte.recursive and isinstance(body, exp.SetOperation)):
            cte.rows = self.query(body, cte.known, None).renamed(names)
            return cte.rows
        known = {**cte.known, cte.node.alias.lower(): cte}
        cte.rows = self.query(body.this, known, None).renamed(names)
        while True:
            found = self.query(body, known, None).renamed(names)
            if found.outputs == cte.rows.outputs:
                return found
            cte.rows = found

    def _set_operation(self, node: Any, ctes: Ctes, outer: Scope | None) -> Rows:
        # Long unions lean to the left: down that side without recursion.
        steps = []
        while isinstance(node, exp.SetOperation):
            ctes = self._with(node, ctes)
            steps.append((node, ctes))
            node = node.this
        rows = self.query(node, ctes, outer)
        for step, known in reversed(steps):
            right = self.query(step.expression, known, outer)
            # Rows of INTERSECT and EXCEPT are those of the left side.
            if isinstance(step, exp.Union):
                rows = united(rows, named_as(rows, right) if step.args.get("by_name") else right)
        return rows

    # SELECT

    def _select(self, node: Any, ctes: Ctes, outer: Scope | None) -> Rows:
        scope = Scope(outer)
        source = node.args.get("from_")
        if source is not None:
            scope = self._relation(source.this, ctes, scope)
        self._joins(node, ctes, scope)
        for lateral in node.args.get("laterals") or ():
            self._add(scope, self._relation(lateral, ctes, scope))
        for window in node.args.get("windows") or ():
            scope.windows[window.name.lower()] = self._parts(window, scope, ctes, but=window.this)
        rows = Rows()
        for projection in node.expressions:
            rows = rows.beside(self._projection(projection, scope, ctes))
        for key, value in node.args.items():
            if key not in _READ and value:
                self._queries(value, scope, ctes)
        return rows

    def _projection(self, node: Any, scope: Scope, ctes: Ctes) -> Rows:
        star = nodes.star(node)
        if star is not None:
            return self._starred(node, star, scope, ctes)
        if isinstance(node, exp.Aliases):
            origins = self.origins(node.this, scope, ctes)
            return Rows(tuple(Output(one.name.lower(), origins) for one in node.expressions))
        if isinstance(node, _GENERATORS):
            return Rows(rest=(self.origins(node, scope, ctes),))
        if isinstance(node, exp.Alias):
            name, value = node.alias.lower(), node.this
            origins = self.origins(value, scope, ctes)
            scope.aliases.setdefault(name, origins)
            return Rows((Output(name, origins),))
        return Rows((Output(nodes.implicit_name(node), self.origins(node, scope, ctes)),))

    def _starred(self, node: Any, star: Any, scope: Scope, ctes: Ctes) -> Rows:
        rows = self._all(node, scope)
        left_out = {one.name.lower() for one in star.args.get("except_") or ()}
        replaced = {
            one.alias.lower(): self.origins(one.this, scope, ctes) for one in star.args.get("replace") or ()
        }
        outputs = (Output(one.name, replaced.get(one.name or "", one.origins)) for one in rows.outputs)
        return Rows(tuple(outputs), rows.rest).without(left_out)

    def _all(self, node: Any, scope: Scope) -> Rows:
        """Return what a star stands for: all, those of a relation, or the fields of a column."""
        if isinstance(node, exp.Star):
            return scope.star
        parts = nodes.path(node)[:-1]
        rows = scope.relation(parts)
        return rows if rows is not None else Rows(rest=(scope.column(parts),))

    # FROM

    def _relation(self, node: Any, ctes: Ctes, scope: Scope) -> Scope:
        """Return what stands in FROM or JOIN, as a scope; ``scope`` has what stands before it."""
        qualifier: tuple[str, ...] = (node.alias.lower(),) if node.alias else ()
        inner: Scope | None = None
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            parts = tuple(part.name for part in node.parts)
            rows = self._table(parts, ctes)
            qualifier = qualifier or tuple(part.lower() for part in self.trace.full_name(parts))
        elif isinstance(node, exp.Table | exp.Lateral) and not isinstance(node.this, exp.Subquery):
            rows = self._table_function(node, scope, ctes)
        elif isinstance(node, exp.Values):
            rows = self._values(node, scope, ctes)
        elif isinstance(node.this, exp.Query):
            # Only LATERAL sees what stands before it.
            rows = self.query(node.this, ctes, scope if isinstance(node, exp.Lateral) else scope.outer)
        else:
            inner = self._relation(node.this, ctes, scope)
            rows = inner.star
        for pivot in node.args.get("pivots") or ():
            rows, inner = self._reshaped(pivot, rows, qualifier, ctes), None
            qualifier = (pivot.alias.lower(),) if pivot.alias else qualifier
        rows = rows.renamed(nodes.names(node))
        if inner is not None and not node.alias:
            found = inner
        else:
            found = Scope(scope.outer, [(qualifier, rows)], rows)
        if not isinstance(node, exp.Subquery) or inner is not None or node.args.get("joins"):
            self._joins(node, ctes, found)
        return found

    def _table(self, parts: tuple[str, ...], ctes: Ctes) -> Rows:
        if len(parts) == 1:
            name = parts[0].lower()
            if name in ctes:
                return self._cte(ctes[name])
            view = self.trace.views.get(name)
            if view is not None:
                return self._view(view)
        relation = self.trace.relation(parts)
        # What is not in the trace, such as information_schema, has no lineage.
        return Rows(rest=(NONE,)) if relation is None else self._read(relation)

    def _view(self, view: TemporaryView) -> Rows:
        rows, names = self.text(view.definition), [name.lower() for name, _ in view.columns]
        if not rows.rest and len(rows.outputs) == len(names):
            return rows.renamed(names)
        # Its tables have other columns by now: it has those that it had.
        pairs = zip(names, view.query_columns, strict=True)
        return Rows(tuple(Output(name, rows.column(chosen.lower()) or NONE) for name, chosen in pairs))

    def _read(self, relation: Relation) -> Rows:
        self.reads[relation.dataset] = None
        return Rows.of(relation)

    def _values(self, node: Any, scope: Scope, ctes: Ctes) -> Rows:
        first = node.expressions[0]
        places = range(len(first.expressions) if isinstance(first, exp.Tuple) else 1)
        columns = [NONE for _ in places]
        for row in node.expressions:
            values = row.expressions if isinstance(row, exp.Tuple) else [row]
            made = [self.origins(value, scope, ctes) for value in values]
            columns = [one | other for one, other in zip(columns, made, strict=False)]
        return Rows(tuple(Output(f"col{place + 1}", columns[place]) for place in places))

    def _table_function(self, node: Any, scope: Scope, ctes: Ctes) -> Rows:
        call = node.this
        if call.name.lower() == "read_files" and call.expressions:
            path = Dataset("PATH", (call.expressions[0].name,))
            return self._read(Relation(path, None))
        parts = tuple(part.name for part in node.parts) if isinstance(node, exp.Table) else (call.name,)
        function = self.trace.function(parts) if isinstance(call, exp.Anonymous) else None
        if function is not None and function.columns is not None:
            body = parse(function.body)
            return self.query(body, {}, self._arguments(function, call, scope, ctes)).renamed(
                function.columns
            )
        return Rows(rest=(self._parts(call, scope, ctes),))

    def _reshaped(self, pivot: Any, rows: Rows, qualifier: tuple[str, ...], ctes: Ctes) -> Rows:
        scope = Scope(None, [(qualifier, rows)], rows)
        return reshaped.reshaped(pivot, rows, lambda node: self.origins(node, scope, ctes))

    def _joins(self, node: Any, ctes: Ctes, scope: Scope) -> None:
        for join in node.args.get("joins") or ():
            right = self._relation(join.this, ctes, scope)
            if join.kind in ("SEMI", "ANTI"):
                both = Scope(scope.outer, [*scope.named, *right.named], scope.star.beside(right.star))
                self._queries(join.args.get("on"), both, ctes)
                continue
            using = [one.name.lower() for one in join.args.get("using") or ()]
            if join.method == "NATURAL":
                there = {one.name for one in right.star.outputs}
                using = [one.name for one in scope.star.outputs if one.name and one.name in there]
            self._add(scope, right, using, join.side)
            self._queries(join.args.get("on"), scope, ctes)

    def _add(self, scope: Scope, right: Scope, using: Sequence[str] = (), side: str = "") -> None:
        """Join a relation to those that a scope has."""
        merged = {name: _merged(scope, right, name, side) for name in using}
        joined = Rows(tuple(Output(name, origins) for name, origins in merged.items()))
        scope.star = joined.beside(scope.star.without(using)).beside(right.star.without(using))
        scope.merged.update({**right.merged, **merged})
        scope.named.extend(right.named)

    # Expressions

    def origins(self, node: Any, scope: Scope, ctes: Ctes) -> Origins:
        """Return the columns that an expression mentions; of a scalar subquery, those of its column."""
        found: set[Any] = set()
        pending = [node]
        while pending:
            one = pending.pop()
            if isinstance(one, exp.Column):
                found |= self._all(one, scope).all() if nodes.star(one) else scope.column(nodes.path(one))
            elif isinstance(one, exp.Query):
                found |= self.query(one, ctes, scope).all()
            elif isinstance(one, exp.Exists | exp.Any | exp.All) and isinstance(one.this, exp.Query):
                self.query(one.this, ctes, scope)
            elif isinstance(one, exp.In) and one.args.get("query") is not None:
                self.query(one.args["query"], ctes, scope)
                pending.append(one.this)
            elif isinstance(one, exp.Star):
                found |= scope.star.all()
            elif not (isinstance(one, exp.Count) and isinstance(one.this, exp.Star)):
                if isinstance(one, exp.Window) and one.alias:
                    found |= scope.windows.get(one.alias.lower(), NONE)
                function = self._called(one)
                if function is None:
                    pending.extend(one.iter_expressions())
                else:
                    found |= self._result(function, one, scope, ctes)
        return frozenset(found)

    def _called(self, node: Any) -> Function | None:
        """Return the SQL function that a node calls."""
        if not self.trace.functions:
            return None
        if isinstance(node, exp.Anonymous):
            return self.trace.function((node.name,))
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
            return self.trace.function(tuple(part.name for part in node.parts))
        return None

    def _result(self, function: Function, node: Any, scope: Scope, ctes: Ctes) -> Origins:
        call = node.expression if isinstance(node, exp.Dot) else node
        return self.origins(parse(function.body), self._arguments(function, call, scope, ctes), {})

    def _arguments(self, function: Function, call: Any, scope: Scope, ctes: Ctes) -> Scope:
        """Return the scope of a function's body: its parameters, made of a call's arguments."""
        values: dict[str, Origins] = dict.fromkeys(function.parameters, NONE)
        for place, argument in enumerate(call.expressions):
            if isinstance(argument, exp.Kwarg):
                values[argument.this.name.lower()] = self.origins(argument.expression, scope, ctes)
            elif place < len(function.parameters):
                values[function.parameters[place]] = self.origins(argument, scope, ctes)
        rows = Rows(tuple(Output(name, origins) for name, origins in values.items()))
        return Scope(None, [((call.name.lower(),), rows)], rows)

    def _parts(self, node: Any, scope: Scope, ctes: Ctes, but: Any = None) -> Origins:
        """Return the columns that the parts of a node mention."""
        parts = (one for one in node.iter_expressions() if one is not but)
        return frozenset().union(*(self.origins(one, scope, ctes) for one in parts))

    def _queries(self, value: Any, scope: Scope, ctes: Ctes) -> None:
        """Read the queries inside a clause, for the tables that they read."""
        pending = list(value) if isinstance(value, list) else [value]
        while pending:
            one = pending.pop()
            if isinstance(one, exp.Query):
                self.query(one, ctes, scope)
            elif isinstance(one, exp.Expr):
                pending.extend(one.iter_expressions())


def _merged(scope: Scope, right: Scope, name: str, side: str) -> Origins:
    """Return what a column of USING is made of: of the side whose rows are all there."""
    one, other = scope.column((name,)), right.star.column(name) or NONE
    return one | other if side == "FULL" else other if side == "RIGHT" else one
