"""Changing SQL text in place: what is rewritten is edited, everything else stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakestead.core.datatypes import parse_type
from lakestead.core.names import InvalidName, quote_name, quote_string, split_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.grammar.errors import SqlSyntaxError
from lakestead.workspace.sql.grammar.lexer import Token, string_value, tokenize
from lakestead.workspace.sql.parameters import check
from lakestead.workspace.sql.statement import Parameter


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of ``text[start:end]``."""

    start: int
    end: int
    replacement: str


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with all edits made; they must not overlap."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda one: one.start):
        parts += [text[position : edit.start], edit.replacement]
        position = edit.end
    return "".join([*parts, text[position:]])


def tokens_of(text: str) -> list[Token]:
    """Return the text's tokens.

    Raises:
        ApiError: SYNTAX_ERROR at a character that starts no token.
    """
    try:
        return tokenize(text)
    except SqlSyntaxError as error:
        raise syntax_error(error) from None


def syntax_error(error: SqlSyntaxError) -> ApiError:
    """Return the statement error for a text that does not parse."""
    return ApiError(
        ErrorCode.SYNTAX_ERROR,
        f"{error.detail} (line {error.line}, pos {error.column})",
        condition=error.condition,
        sqlstate=error.sqlstate,
    )


def normalise(text: str, parameters: Sequence[Parameter]) -> str:
    """Put parameters in as literals, and resolve IDENTIFIER('…') and ``t@v1``.

    Values become typed literals at the places of their markers, so they can never be read as SQL.

    Args:
        text: a statement.
        parameters: values for its ``:name`` or ``?`` markers.

    Raises:
        ApiError: UNBOUND_PARAMETER for a marker without a value; INVALID_REQUEST for a value
        without a marker of its kind or
            one that is not of its type.
    """
    if "--" in text or "/*" in text:
        text = blanked(text)
    if not (parameters or "@" in text or "?" in text or ":" in text or "identifier" in text.lower()):
        return text
    tokens = tokens_of(text)
    named = {one.name: one for one in parameters if one.name is not None}
    unnamed = [one for one in parameters if one.name is None]
    edits: list[Edit] = []
    used = 0
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else token
        if token.key == "?":
            if used >= len(unnamed):
                raise ApiError(ErrorCode.UNBOUND_PARAMETER, f"Found the unbound parameter: _{used + 1}.")
            edits.append(Edit(token.start, token.end, literal(unnamed[used])))
            used += 1
        elif token.key == ":" and is_marker(text, tokens, index):
            name = text[following.start : following.end]
            if following.kind == "quoted":
                name = name[1:-1].replace("``", "`")
            if name not in named:
                raise ApiError(ErrorCode.UNBOUND_PARAMETER, f"Found the unbound parameter: {name}.")
            edits.append(Edit(token.start, following.end, literal(named[name])))
        elif token.key == "@" and following.kind == "word" and index > 0:
            edits.append(_time_travel(text, token, following))
    if used < len(unnamed):
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"{len(unnamed)} unnamed parameters were given; the statement has {used}.",
        )
    text = apply(text, edits)
    return _identifiers(text) if "identifier" in text.lower() else text


def blanked(text: str) -> str:
    """Return the text with spaces for its comments, every other character in its place.

    Who reads the text after us (the analysis, the engine) then cannot disagree with us on where a
    comment ends.
    """
    parts: list[str] = []
    position = 0
    for token in tokens_of(text):
        parts.append(_BLANK.sub(" ", text[position : token.start]))
        parts.append(text[token.start : token.end])
        position = token.end
    return "".join(parts)


_BLANK = re.compile(r"[^\n]")


# What comes before, and after, TABLE and a name where these are a query.
_BEFORE_QUERY = ("(", "UNION", "INTERSECT", "EXCEPT", "MINUS", "ALL", "DISTINCT")
_AFTER_QUERY = (")", "UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT", "|>", "")


def spelt_out(text: str) -> str:
    """Return a query with ``SELECT * FROM t`` for every ``TABLE t`` in it."""
    if "table" not in text.lower():
        return text
    tokens = tokens_of(text)
    edits: list[Edit] = []
    for index, token in enumerate(tokens):
        if token.key != "TABLE" or (index and tokens[index - 1].key not in _BEFORE_QUERY):
            continue
        end = index + 1
        while tokens[end].kind in ("word", "quoted") and tokens[end + 1].key == ".":
            end += 2
        # Names in backticks have no key, as the end has none.
        named = tokens[end].kind in ("word", "quoted")
        if named and tokens[end + 1].key in _AFTER_QUERY and tokens[end + 1].kind != "quoted":
            edits.append(Edit(token.start, token.end, "SELECT * FROM"))
    return apply(text, edits)


def is_marker(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Return whether the colon at ``index`` starts a ``:name`` marker, not a path such as ``col:field``."""
    colon, following = tokens[index], tokens[index + 1]
    if following.kind not in ("word", "quoted") or following.start != colon.end:
        return False
    if text[following.start].isdigit():
        return False
    if index == 0:
        return True
    before = tokens[index - 1]
    operand = before.kind in ("word", "quoted", "string") or before.key in (")", "]")
    return not (operand and before.end == colon.start)


def literal(parameter: Parameter) -> str:
    """Return a bound value as a SQL literal of its type.

    Raises:
        ApiError: INVALID_REQUEST when the type is not one; CAST_INVALID_INPUT when the value is not of it.
    """
    if parameter.type.upper() in ("ARRAY", "MAP"):
        return f"{parameter.type.lower()}({', '.join(map(literal, parameter.arguments))})"
    try:
        kind = parse_type(parameter.type)
    except ValueError as error:
        name = f"'{parameter.name}'" if parameter.name else "without a name"
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Parameter {name}: {error}") from None
    if parameter.value is None or kind.ddl == "void":
        return "NULL" if kind.ddl == "void" else f"CAST(NULL AS {kind.sql})"
    if kind.ddl == "string":
        return quote_string(parameter.value)
    check(parameter, kind)
    if kind.ddl in _WHOLE and _is_whole(parameter.value):
        return f"CAST({parameter.value.strip()} AS {kind.sql})"
    return f"CAST({quote_string(parameter.value)} AS {kind.sql})"


_WHOLE = {"tinyint", "smallint", "int", "bigint"}


def _is_whole(value: str) -> bool:
    digits = value.strip().removeprefix("-")
    return digits.isascii() and digits.isdigit()


def _time_travel(text: str, at: Token, following: Token) -> Edit:
    """``t@v5`` and ``t@20250131000000000`` as VERSION and TIMESTAMP AS OF."""
    word = text[following.start : following.end]
    if word[0] in "vV" and word[1:].isdigit():
        return Edit(at.start, following.end, f" VERSION AS OF {word[1:]}")
    raise ApiError(ErrorCode.SYNTAX_ERROR, f"Syntax error at or near '@{word}'.")


def _identifiers(text: str) -> str:
    tokens = tokens_of(text)
    edits: list[Edit] = []
    for index, token in enumerate(tokens[:-3]):
        opening, value, closing = tokens[index + 1 : index + 4]
        if (token.key, opening.key, value.kind, closing.key) != ("IDENTIFIER", "(", "string", ")"):
            continue
        try:
            parts = split_name(string_value(text[value.start : value.end]))
        except InvalidName as error:
            raise ApiError(ErrorCode.INVALID_NAME, f"{error}.") from None
        edits.append(Edit(token.start, closing.end, quote_name(*parts)))
    return apply(text, edits)


def parameter_values(parameters: Sequence[Parameter]) -> Mapping[str, str]:
    """Return the named string values, for names in commands given by IDENTIFIER(:name)."""
    return {one.name: one.value for one in parameters if one.name is not None and one.value is not None}
