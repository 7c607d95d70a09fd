"""SQL that refuses a value where a cast would change it, with words that say which column and value.

What a database or DuckDB raises has these words between two marks, so that they can be found in its message.
"""

from __future__ import annotations

import re

from lakestead.core import datatypes as types
from lakestead.core.datatypes import DataType, Decimal

from .duck_types import duck_type, literal

_MARK = "~~"
_REFUSED = re.compile(f"{_MARK}(.*?){_MARK}", re.DOTALL)
_TEXT = (types.STRING, types.VARIANT)


def refusal(column: str, value: str, target: str) -> str:
    """Return an expression of standard SQL for the words that refuse a value.

    Args:
        column: the name, for the words.
        value: an expression that gives the value as text.
        target: the type that cannot hold it.
    """
    # In two parts, so that a message that shows the statement does not look like a refusal.
    before = f"{literal(_MARK[:1])} || " + literal(f"{_MARK[1:]}column '{column}': the value ")
    hint = f"take the column in a type that holds all its values, such as types: {{{column}: string}}"
    return f"{before} || {value} || {literal(f' cannot be taken as {target}; {hint}{_MARK}')}"


def refused(message: str) -> str | None:
    """Return the words with which a value was refused, if that is what an error message says."""
    found = _REFUSED.search(message)
    return found.group(1) if found else None


def converted(column: str, value: str, arriving: DataType, target: DataType) -> str:
    """Return DuckDB's expression for a value in another type, which raises where the value would be changed.

    Args:
        column: the name, for the words.
        value: DuckDB's expression.
        arriving: the value's type.
        target: the type wanted.
    """
    if arriving == target or target in _TEXT or target.has_length:
        return value if arriving == target else f"CAST({value} AS VARCHAR)"
    kind = duck_type(target)
    cast = f"TRY_CAST({value} AS {kind})"
    if arriving != types.STRING:
        # There and back again: a digit, a time of day or a fraction that is lost is seen.
        same = f"TRY_CAST({cast} AS {duck_type(arriving)}) IS NOT DISTINCT FROM {value}"
    elif isinstance(target, Decimal):
        # A text with more digits behind the point than the type has would be rounded.
        more = rf"[.][0-9]{{{target.scale}}}[0-9]*[1-9]"
        same = f"{cast} IS NOT NULL AND NOT regexp_matches({value}, '{more}') OR {value} IS NULL"
    else:
        same = f"{cast} IS NOT NULL OR {value} IS NULL"
    words = refusal(column, f"CAST({value} AS VARCHAR)", target.ddl)
    return f"CASE WHEN {same} THEN {cast} ELSE error({words}) END"
