"""Functions that the engine cannot know: of the session, its principal, and SQL functions of the metastore.

Calls are replaced in the text: a session function by its value, a SQL function by its body with the
arguments put in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lakestead.core.names import quote, quote_name, quote_string
from lakestead.workspace.access import Access
from lakestead.workspace.catalog.lookup import find, metastore
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.grammar.lexer import Token
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.text import Edit, apply, tokens_of
from lakestead.workspace.store.objects import Kind, Securable

# A function that calls itself, directly or through others, would never end.
_MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a text: the parts of its name, its span, and the spans of its arguments."""

    name: tuple[str, ...]
    start: int
    end: int
    arguments: tuple[tuple[int, int], ...]


def calls(text: str) -> list[Call]:
    """Return the function calls of a text, outermost first."""
    tokens = tokens_of(text)
    found: list[Call] = []
    for index, token in enumerate(tokens):
        if token.key != "(" or index == 0:
            continue
        first = _name_start(tokens, index - 1)
        if first is None:
            continue
        end, arguments = _arguments(tokens, index)
        name = tuple(_plain(text, one) for one in tokens[first:index:2])
        found.append(Call(name, tokens[first].start, end, arguments))
    return found


def _name_start(tokens: Sequence[Token], last: int) -> int | None:
    """Return the index of the first token of a dotted name that ends at ``last``."""
    if tokens[last].kind not in ("word", "quoted"):
        return None
    first = last
    while first >= 2 and tokens[first - 1].key == "." and tokens[first - 2].kind in ("word", "quoted"):
        first -= 2
    return first


def _arguments(tokens: Sequence[Token], opening: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    depth, start = 0, tokens[opening].end
    arguments: list[tuple[int, int]] = []
    for index in range(opening, len(tokens)):
        token = tokens[index]
        if token.key in ("(", "[", "{"):
            depth += 1
        elif token.key in (")", "]", "}"):
            depth -= 1
            if depth == 0:
                if index > opening + 1:
                    arguments.append((start, token.start))
                return token.end, tuple(arguments)
        elif token.key == "," and depth == 1:
            arguments.append((start, token.start))
            start = token.end
    raise ApiError(
        ErrorCode.SYNTAX_ERROR, "Syntax error at or near end of input: a parenthesis is not closed."
    )


def _plain(text: str, token: Token) -> str:
    raw = text[token.start : token.end]
    return raw[1:-1].replace("``", "`") if token.kind == "quoted" else raw


def expand(text: str, session: SqlSession, tx: Session) -> tuple[str, list[Access]]:
    """Replace the calls of session functions and of SQL functions in a text.

    Args:
        text: a query or expression.
        session: whose values the session functions give.
        tx: an open transaction, for the functions of the metastore.

    Returns:
        The text, and what the principal needs to call the functions.

    Raises:
        ApiError: a function was called with wrong arguments, or calls itself.
    """
    accesses: list[Access] = []
    for _ in range(_MAX_DEPTH):
        edit = next(
            filter(None, (_replacement(text, call, session, tx, accesses) for call in calls(text))), None
        )
        if edit is None:
            return text, accesses
        text = apply(text, [edit])
    raise ApiError(
        ErrorCode.INVALID_STATEMENT, "A SQL function calls itself, or calls are nested too deeply."
    )


def _replacement(
    text: str, call: Call, session: SqlSession, tx: Session, accesses: list[Access]
) -> Edit | None:
    if len(call.name) == 1:
        value = _SESSION_FUNCTIONS.get(call.name[0].lower())
        if value is not None:
            arguments = [text[start:end].strip() for start, end in call.arguments]
            name = f" AS {quote(text[call.start : call.end])}" if _is_column(text, call) else ""
            return Edit(call.start, call.end, value(session, tx, arguments) + name)
    if len(call.name) > 3:
        return None
    missing = 3 - len(call.name)
    path = tuple(part.lower() for part in (*(session.catalog, session.schema)[:missing], *call.name))
    function = find(tx, Kind.FUNCTION, path)
    if function is None:
        return None
    accesses.append(Access("EXECUTE", Kind.FUNCTION, path))
    return Edit(call.start, call.end, _body(text, call, function))


def _is_column(text: str, call: Call) -> bool:
    """Return whether a call is a whole column of a SELECT list, without a name of its own."""
    tokens = tokens_of(text)
    first = next(index for index, token in enumerate(tokens) if token.start == call.start)
    following = next(token for token in tokens if token.start >= call.end)
    if following.kind != "end" and following.key not in (",", ")", "FROM", "WHERE", "UNION", ";", "LIMIT"):
        return False
    if tokens[first - 1].key not in (",", "SELECT", "DISTINCT"):
        return False
    depth = 0
    for token in reversed(tokens[:first]):
        depth += (token.key in (")", "]", "}")) - (token.key in ("(", "[", "{"))
        if depth < 0:
            return False
        if depth == 0 and token.key in _CLAUSES:
            return token.key == "SELECT"
    return False


_CLAUSES = {"SELECT", "FROM", "WHERE", "BY", "VALUES", "SET", "HAVING", "USING", "ON"}


def _body(text: str, call: Call, function: Securable) -> str:
    """Return a function's body with the arguments of a call in the places of its parameters."""
    parameters: list[dict[str, Any]] = function.spec["parameters"]
    values: dict[str, str] = {}
    for index, (start, end) in enumerate(call.arguments):
        name, value = _named(text[start:end])
        if name is None and index >= len(parameters):
            break
        values[name or parameters[index]["name"].lower()] = value
    known = [one["name"].lower() for one in parameters]
    for one in parameters:
        if one["name"].lower() not in values and one.get("default") is not None:
            values[one["name"].lower()] = one["default"]
    if set(values) != set(known) or len(call.arguments) > len(parameters):
        raise ApiError(
            ErrorCode.WRONG_ARGUMENTS,
            f"The {quote_name(*function.path)} requires {len(parameters)} parameters but the actual "
            f"number is {len(call.arguments)}.",
        )
    types = {one["name"].lower(): one["type"] for one in parameters}
    body: str = function.spec["body"]
    tokens = tokens_of(body)
    edits = []
    for index, token in enumerate(tokens):
        name = _plain(body, token).lower() if token.kind in ("word", "quoted") else ""
        qualified = index > 0 and tokens[index - 1].key == "."
        called = index + 1 < len(tokens) and tokens[index + 1].key in ("(", ".")
        if name in values and not qualified and not called:
            edits.append(Edit(token.start, token.end, f"CAST({values[name]} AS {types[name]})"))
    inlined = apply(body, edits)
    if function.spec.get("returns_table") is not None:
        columns = ", ".join(quote(one["name"]) for one in function.spec["returns_table"])
        # No function has a space in its name: the alias and its columns are not taken for another call.
        return f"(SELECT * FROM ({inlined}) AS {quote(function.name + ' rows')}({columns}))"
    return f"CAST(({inlined}) AS {function.spec['returns']})"


def _named(argument: str) -> tuple[str | None, str]:
    """Return the name (in lower case) and value of an argument that may be written ``name => value``."""
    tokens = tokens_of(argument)
    if len(tokens) > 2 and tokens[1].key == "=>":
        return _plain(argument, tokens[0]).lower(), argument[tokens[1].end :].strip()
    return None, argument.strip()


def _string(pick: Callable[[SqlSession, Session], str]) -> Callable[[SqlSession, Session, list[str]], str]:
    return lambda session, tx, _: quote_string(pick(session, tx))


def _is_member(session: SqlSession, _: Session, arguments: list[str]) -> str:
    """``is_account_group_member('g')`` as an expression over the principal's groups."""
    if len(arguments) != 1:
        raise ApiError(ErrorCode.WRONG_ARGUMENTS, "The group membership functions take one parameter.")
    groups = ", ".join(quote_string(group) for group in sorted(session.principal.groups))
    return f"(({arguments[0]}) IN ({groups}))"


_SESSION_FUNCTIONS: dict[str, Callable[[SqlSession, Session, list[str]], str]] = {
    "current_catalog": _string(lambda session, _: session.catalog),
    "current_database": _string(lambda session, _: session.schema),
    "current_schema": _string(lambda session, _: session.schema),
    "current_metastore": _string(lambda _, tx: f"local:lakestead:{metastore(tx).id}"),
    "is_member": _is_member,
    "is_account_group_member": _is_member,
}
