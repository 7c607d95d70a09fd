"""`%(name)s` parameters as the service's own `:name`: values are bound, never put into the text."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from databricks.sql.parameters import native

# What is no code to SQL: strings (raw ones end at the first quote), quoted names, comments to a line's end.
_TOKEN = re.compile(
    r"""(?<![\w])[rR](?:'[^']*'|"[^"]*")"""
    r"""|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|--[^\n]*"""
    r"""|(?P<comment>/\*)|(?P<percent>%%)|%\((?P<name>[^)]*)\)s""",
    re.DOTALL,
)
_CONNECTORS_MARKER = re.compile(r"%\((\w+)\)s")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_BIGINT = 2**63


def translate(query: str, params: Mapping[str, Any] | None) -> tuple[str, list[Any] | None]:
    """Return a query with `:name` for each `%(name)s`, and its parameters for `databricks.sql`.

    Strings, quoted names and comments mean what they mean; elsewhere `%%` is a percent sign. `:name` may be
    used, too. Without parameters the query is not touched.

    Args:
        query: the text.
        params: values by name: None, bool, int, float, Decimal, str, bytes, date, time, datetime (with a zone
            TIMESTAMP, without TIMESTAMP_NTZ), UUID, and lists and dicts of them.

    Raises:
        ValueError: a parameter has no value, or a name that is none; or a text cannot be sent.
        TypeError: a value cannot be bound.
    """
    if not params:
        return query, None
    parts: list[str] = []
    position = 0
    while match := _TOKEN.search(query, position):
        parts.append(query[position : match.start()])
        position = match.end()
        if match["name"] is not None:
            parts.append(_marker(match["name"], params))
        elif match["percent"]:
            parts.append("%")
        elif match["comment"]:
            position = _comment_end(query, position)
            parts.append(query[match.start() : position])
        else:
            parts.append(_shielded(match.group()))
    parts.append(query[position:])
    return "".join(parts), [bound(name, value) for name, value in params.items()]


def _shielded(text: str) -> str:
    """Return a string or quoted name that the connector leaves as it is.

    It makes `:name` of every `%(name)s` in the text of a statement, wherever that stands.

    Raises:
        ValueError: there is no other way to write it.
    """
    if not _CONNECTORS_MARKER.search(text) or text.startswith("--"):
        return text
    if text[0] not in "'\"":
        raise ValueError(
            f"{text} has a marker of parameters, which cannot be sent: bind it as a parameter itself"
        )
    return _CONNECTORS_MARKER.sub(r"%\\u0028\1)s", text)


def code(query: str) -> str:
    """Return a query with its strings, quoted names and comments blanked: what is left is code."""
    parts: list[str] = []
    position = 0
    while match := _TOKEN.search(query, position):
        parts.append(query[position : match.start()])
        position = _comment_end(query, match.end()) if match["comment"] else match.end()
        parts.append(" ")
    parts.append(query[position:])
    return "".join(parts)


def _comment_end(query: str, position: int) -> int:
    """Return where a comment ends whose `/*` is before a position; comments nest."""
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(query, position)):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return len(query) if depth else position


def _marker(name: str, params: Mapping[str, Any]) -> str:
    if name not in params:
        raise ValueError(f"the query's parameter '{name}' has no value; given are {', '.join(params)}")
    # There are no parameters of type BINARY.
    return f"unhex(:{name})" if isinstance(params[name], bytes | bytearray) else f":{name}"


def bound(name: str, value: Any) -> Any:
    """Return a value as a parameter of `databricks.sql`.

    Args:
        name: letters, digits and underscores.
        value: see `translate`.

    Raises:
        ValueError: the name is none, or a decimal has no finite value.
        TypeError: the value's type cannot be bound.
    """
    if not _NAME.match(name):
        raise ValueError(f"'{name}' cannot name a parameter: use letters, digits and underscores")
    value = _plain(value)
    for kind, make in _MAKERS.items():
        if isinstance(value, kind):
            return make(name, value)
    raise TypeError(f"the parameter '{name}' is a {type(value).__name__}, which cannot be bound")


def _plain(value: Any) -> Any:
    """Return numpy's scalars as Python's own."""
    return value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value


def _integer(name: str, value: int) -> Any:
    if -_BIGINT <= value < _BIGINT:
        return native.dbsql_parameter_from_int(value, name)
    return native.DecimalParameter(Decimal(value), name)


def _decimal(name: str, value: Decimal) -> Any:
    if not value.is_finite():
        raise ValueError(f"the parameter '{name}' is {value}, and DECIMAL has no such value")
    # Without an exponent, from whose text the connector would count the digits wrongly.
    return native.DecimalParameter(Decimal(format(value, "f")), name)


def _datetime(name: str, value: dt.datetime) -> Any:
    if value.tzinfo is None:
        return native.TimestampNTZParameter(value, name)
    return native.TimestampParameter(value.astimezone(dt.UTC), name)


def _text(name: str, value: Any) -> Any:
    return native.StringParameter(str(value), name)


def _inner(value: Any) -> Any:
    """Return what an array or a map holds in forms that the connector binds."""
    value = _plain(value)
    if isinstance(value, Mapping):
        return {key: _inner(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_inner(one) for one in value]
    if isinstance(value, bytes | bytearray):
        raise TypeError("bytes in a list or dict cannot be bound: there are no parameters of type BINARY")
    return str(value) if isinstance(value, uuid.UUID | dt.time) else value


# In this order: a bool is an int, a datetime is a date.
_MAKERS: dict[Any, Callable[[str, Any], Any]] = {
    type(None): lambda name, _: native.VoidParameter(None, name),
    bool: lambda name, value: native.BooleanParameter(value, name),
    int: _integer,
    float: lambda name, value: native.DoubleParameter(value, name),
    Decimal: _decimal,
    str: lambda name, value: native.StringParameter(value, name),
    bytes | bytearray: lambda name, value: native.StringParameter(bytes(value).hex(), name),
    dt.datetime: _datetime,
    dt.date: lambda name, value: native.DateParameter(value, name),
    dt.time | uuid.UUID: _text,
    Mapping: lambda name, value: native.MapParameter(_inner(value), name),
    list | tuple | set | frozenset: lambda name, value: native.ArrayParameter(_inner(value), name),
}
