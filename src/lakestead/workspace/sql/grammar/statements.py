"""One statement: whether it is a query, DML or a command, and which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import get_args

from .alter import read_alter
from .ast import Command, Dml, DmlKind, Query, Unsupported
from .copy import read_copy, read_get, read_list, read_put, read_remove
from .create import read_create, read_replace
from .describe import read_describe
from .errors import SqlSyntaxError, UnsupportedSyntax
from .grants import read_grant, read_revoke
from .lexer import Token, scan, skip_blank
from .maintenance import (
    read_analyze,
    read_cache,
    read_clear,
    read_msck,
    read_optimize,
    read_refresh,
    read_repair,
    read_restore,
    read_uncache,
    read_vacuum,
)
from .objects import read_comment, read_drop
from .reader import Reader
from .session import raw_reset, raw_set, read_reset, read_set, read_unset, read_use
from .show import read_show
from .tables import read_truncate
from .unserved import STATEMENTS

_WORD = re.compile(r"\w+")
_QUERY_WORDS = frozenset({"SELECT", "VALUES", "TABLE", "EXPLAIN"})
_DML_WORDS: Mapping[str, DmlKind] = {kind: kind for kind in get_args(DmlKind)}
_NONE: Mapping[str, str] = MappingProxyType({})

_COMMANDS: Mapping[str, Callable[[Reader], Command]] = {
    "ALTER": read_alter,
    "ANALYZE": read_analyze,
    "CACHE": read_cache,
    "CLEAR": read_clear,
    "COMMENT": read_comment,
    "COPY": read_copy,
    "CREATE": read_create,
    "DESC": read_describe,
    "DESCRIBE": read_describe,
    "DROP": read_drop,
    "GET": read_get,
    "GRANT": read_grant,
    "LIST": read_list,
    "MSCK": read_msck,
    "OPTIMIZE": read_optimize,
    "PUT": read_put,
    "REFRESH": read_refresh,
    "REMOVE": read_remove,
    "REPAIR": read_repair,
    "REPLACE": read_replace,
    "RESET": read_reset,
    "RESTORE": read_restore,
    "REVOKE": read_revoke,
    "SET": read_set,
    "SHOW": read_show,
    "TRUNCATE": read_truncate,
    "UNCACHE": read_uncache,
    "UNSET": read_unset,
    "USE": read_use,
    "VACUUM": read_vacuum,
}
_RAW = {"SET": raw_set, "RESET": raw_reset}


def parse(
    text: str, parameters: Mapping[str, str] = _NONE, positional: Sequence[str] = ()
) -> Command | Query | Dml:
    """Read one statement.

    A query or DML statement is recognised by its leading words and returned as it stands, without a look at
    the rest. A command is read wholly.

    Args:
        text: one statement; comments and semicolons behind it do no harm.
        parameters: values of the ``:name`` markers that stand for a string or in an IDENTIFIER clause.
        positional: the same for ``?`` markers, in their order in the text.

    Raises:
        SqlSyntaxError: when the text is not one statement of Databricks SQL, or a marker has no value.
    """
    start = skip_blank(text, 0)
    found = _WORD.match(text, start)
    word = found.group().upper() if found else text[start : start + 1]
    if word in _QUERY_WORDS or word == "(":
        return Query(text)
    if word in _DML_WORDS:
        return Dml(_DML_WORDS[word], text)
    if word in ("WITH", "FROM"):
        return _parse_prefixed(text, word)
    if word in STATEMENTS:
        return Unsupported(STATEMENTS[word])
    if found and word in _COMMANDS:
        return _parse_command(text, word, found.end(), parameters, positional)
    if not word or word == ";":
        detail = "Syntax error, unexpected empty statement."
        raise SqlSyntaxError(text, start, detail, "PARSE_EMPTY_STATEMENT", "42617")
    near = text[start : found.end()] if found else word
    raise SqlSyntaxError(text, start, f"Syntax error at or near '{near[:60]}'.")


def _parse_command(
    text: str, word: str, start: int, parameters: Mapping[str, str], positional: Sequence[str]
) -> Command:
    raw = _RAW[word](text, start) if word in _RAW else None
    if raw is not None:
        return raw
    reader = Reader(text, parameters, positional)
    reader.advance()
    try:
        command = _COMMANDS[word](reader)
    except UnsupportedSyntax as refusal:
        return Unsupported(refusal.feature)
    reader.end()
    return command


def _parse_prefixed(text: str, word: str) -> Query | Dml:
    """Classify WITH … and FROM … by their main verb."""
    verb = _verb_behind_with(scan(text)) if word == "WITH" else _insert_behind_from(scan(text))
    return Dml(_DML_WORDS[verb], text) if verb in _DML_WORDS else Query(text)


def _verb_behind_with(tokens: Iterator[Token]) -> str:
    """The first word behind the common table expressions: it follows a bracket and continues no list."""
    depth = 0
    for token, follower in pairwise(tokens):
        depth += {"(": 1, ")": -1}.get(token.key, 0)
        if token.key == ")" and depth == 0 and follower.key not in (",", "AS", "MAX"):
            return follower.key
    return ""


def _insert_behind_from(tokens: Iterator[Token]) -> str:
    """INSERT if the statement is a multiple insert (FROM t INSERT INTO …), else ""."""
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.key, 0)
        if token.key == "INSERT" and depth == 0:
            return "INSERT"
    return ""
