"""SCIM filters such as ``userName eq "x" and active eq true``, and what else a list asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.scim.resources import Json, ScimBody

_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "co": lambda left, right: right in left,
    "sw": lambda left, right: left.startswith(right),
    "ew": lambda left, right: left.endswith(right),
}
_TERM = re.compile(
    r"\s*(?P<attribute>[A-Za-z$.]+)\s+(?:(?P<present>pr)\b|"
    r'(?P<operator>\w+)\s+(?P<value>"(?:[^"\\]|\\.)*"|true|false|\d+))\s*',
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(r"(and|or)\b", re.IGNORECASE)
# SCIM gives up to so many at once.
MAX_COUNT = 10_000


class Listed(ScimBody):
    """Query parameters of a list."""

    filter: str | None = None
    attributes: str | None = None
    excluded_attributes: str | None = None
    start_index: int = Field(default=1, ge=0)
    count: int = Field(default=MAX_COUNT, ge=0)
    sort_by: str | None = None
    sort_order: Literal["ascending", "descending"] = "ascending"


def matcher(text: str) -> Callable[[Json], bool]:
    """Return the condition that a filter states.

    Args:
        text: comparisons (eq, ne, co, sw, ew, pr) joined by ``and`` and ``or``; ``and`` binds closer.

    Raises:
        ApiError: INVALID_REQUEST for anything else.
    """
    alternatives: list[list[Callable[[Json], bool]]] = [[]]
    position = 0
    while True:
        term = _TERM.match(text, position)
        if term is None:
            raise _malformed(text)
        alternatives[-1].append(_condition(term, text))
        position = term.end()
        if position == len(text):
            return lambda form: any(all(test(form) for test in tests) for tests in alternatives)
        joined = _CONJUNCTION.match(text, position)
        if joined is None:
            raise _malformed(text)
        if joined.group().lower() == "or":
            alternatives.append([])
        position = joined.end()


def selected(form: Json, asked: Listed) -> Json:
    """Return only the attributes that a client asked for; it always gets ``id`` and ``schemas``."""
    wanted, unwanted = _names(asked.attributes), _names(asked.excluded_attributes)
    return {
        key: value
        for key, value in form.items()
        if key in ("id", "schemas") or ((not wanted or key.lower() in wanted) and key.lower() not in unwanted)
    }


def value_of(form: Json, attribute: str) -> list[str]:
    """Return the values of an attribute such as ``userName`` or ``emails.value``, as text to compare."""
    found: list[Any] = [form]
    for part in attribute.lower().split("."):
        inner = [
            value
            for one in found
            if isinstance(one, dict)
            for key, value in one.items()
            if key.lower() == part
        ]
        found = [item for value in inner for item in (value if isinstance(value, list) else [value])]
    return [_text(one.get("value") if isinstance(one, dict) else one) for one in found]


def _condition(term: re.Match[str], text: str) -> Callable[[Json], bool]:
    attribute = term["attribute"]
    if attribute.lower().split(".")[0] in ("groups", "members"):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Filtering by {attribute} is not supported.")
    if term["present"]:
        return lambda form: bool(value_of(form, attribute))
    compare = _COMPARISONS.get(term["operator"].lower())
    if compare is None:
        raise _malformed(text)
    try:
        wanted = _text(json.loads(term["value"].lower()))
    except ValueError:
        raise _malformed(text) from None
    if compare is _COMPARISONS["ne"]:
        return lambda form: wanted not in value_of(form, attribute)
    return lambda form: any(compare(value, wanted) for value in value_of(form, attribute))


def _text(value: Any) -> str:
    """Return a value for comparison, which is without regard to case."""
    return json.dumps(value) if isinstance(value, bool) else str(value).lower()


def _names(attributes: str | None) -> set[str]:
    return {one.strip().split(".")[0].lower() for one in (attributes or "").split(",") if one.strip()}


def _malformed(text: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REQUEST, f"Given filter operator is not supported: {text[:200]}")
