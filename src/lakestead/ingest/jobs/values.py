"""The kinds of values that a job's fields have, as a person writes them in a cell or in YAML."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from math import isfinite
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, Field, FiniteFloat, InstanceOf, PlainSerializer

from lakestead.core.datatypes import DataType, TypeSyntaxError, parse_type
from lakestead.core.names import InvalidName, canonical

_UNITS = {
    "s": 1, "sec": 1, "second": 1,
    "m": 60, "min": 60, "minute": 60,
    "h": 3600, "hour": 3600,
    "d": 86400, "day": 86400,
    "w": 604800, "week": 604800,
}  # fmt: skip
_SWITCHES = dict.fromkeys(("y", "yes", "true", "1"), True) | dict.fromkeys(("n", "no", "false", "0"), False)
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?", re.IGNORECASE)


def one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    """Return a check that a value is one of some words, in any case; it gives the word as it is listed."""

    def check(value: Any) -> str:
        given = str(value).strip()
        for choice in choices:
            if given.lower() == choice.lower():
                return choice
        near = get_close_matches(given.lower(), [choice.lower() for choice in choices], n=1)
        hint = next((f"; did you mean '{choice}'?" for choice in choices if choice.lower() in near), "")
        raise ValueError(f"must be {', '.join(choices[:-1])} or {choices[-1]}{hint}")

    return check


def _names(value: Any) -> Any:
    """A cell's `a, b` is the list of a and b."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _mapping(value: Any) -> Any:
    """A cell's `a: x; b: y`, or a JSON object, is the mapping that YAML has."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"is not valid JSON: {error.msg} at character {error.pos + 1}") from None
    pairs = [part.partition(":") for part in value.split(";") if part.strip()]
    if not all(key.strip() and text.strip() for key, _, text in pairs):
        raise ValueError('must be pairs like \'a: x; b: y\', or a JSON object like {"a": "x; y"}')
    return {key.strip(): text.strip() for key, _, text in pairs}


def _options(value: Any) -> Any:
    """In a cell's pairs `true` and `5` are what they are in YAML; what is no JSON value is a text."""
    pairs = _mapping(value)
    if not isinstance(value, str) or value.lstrip().startswith("{"):
        return pairs
    return {key: _scalar(text) for key, text in pairs.items()}


def _scalar(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str)  # NaN is not JSON
    except ValueError:
        return text


def switch(value: Any) -> bool:
    """Return what a cell's Y or N, or YAML's true or false, means.

    Raises:
        ValueError: when it is neither.
    """
    word = str(value).strip().lower()
    if word not in _SWITCHES:
        raise ValueError("must be Y or N")
    return _SWITCHES[word]


def _named_or_mapping(value: Any) -> Any:
    return _mapping(value) if isinstance(value, str) and value.lstrip().startswith("{") else value


def _type(value: Any) -> Any:
    try:
        return parse_type(value) if isinstance(value, str) else value
    except TypeSyntaxError as error:
        raise ValueError(str(error)) from None


def _catalog_name(value: Any) -> Any:
    try:
        return canonical(value.strip()) if isinstance(value, str) else value
    except InvalidName as error:
        raise ValueError(str(error)) from None


def parse_lag(value: Any) -> Any:
    """Return a lag as a duration, or as a number for watermarks that are numbers.

    Args:
        value: such as `2 days`, `1h 30m`, `500`, or what a spreadsheet's duration is.

    Raises:
        ValueError: when it is neither, or is negative.
    """
    if isinstance(value, datetime.time):  # a spreadsheet's 01:30 is a time of day
        value = datetime.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    if isinstance(value, float) and isfinite(value):
        value = int(value) if value.is_integer() else Decimal(str(value))
    if isinstance(value, str):
        value = _lag_of_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, datetime.timedelta | int | Decimal):
        raise ValueError("must be a duration such as '2 days' or '1h 30m', or a number")
    negative = value < datetime.timedelta() if isinstance(value, datetime.timedelta) else value < 0
    if negative:
        raise ValueError("must not be negative: it says how far back to read again")
    return value


def _lag_of_text(text: str) -> datetime.timedelta | int | Decimal | None:
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Decimal(text) if "." in text else int(text)
    parts = _PART.findall(text)
    known = all(_unit(unit) in _UNITS for _, unit in parts)
    if not parts or not known or _PART.sub("", text).strip():
        return None
    try:
        return datetime.timedelta(seconds=sum(float(count) * _UNITS[_unit(unit)] for count, unit in parts))
    except OverflowError:  # longer than time
        return None


def _unit(text: str) -> str:
    lower = text.lower()
    return lower.removesuffix("s") if len(lower) > 1 else lower


Switch: TypeAlias = Annotated[bool, BeforeValidator(switch)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
Name: TypeAlias = Annotated[str, BeforeValidator(_catalog_name)]
Names: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(_names)]
Texts: TypeAlias = Annotated[dict[str, str], BeforeValidator(_mapping)]
Options: TypeAlias = Annotated[dict[str, Any], BeforeValidator(_options)]
NamedOptions: TypeAlias = Annotated[Text | dict[str, Any], BeforeValidator(_named_or_mapping)]
SqlType: TypeAlias = Annotated[
    InstanceOf[DataType], BeforeValidator(_type), PlainSerializer(lambda kind: kind.sql, str)
]
Types: TypeAlias = Annotated[dict[str, SqlType], BeforeValidator(_mapping)]
Lag: TypeAlias = Annotated[datetime.timedelta | int | Decimal, BeforeValidator(parse_lag)]
Watermark: TypeAlias = datetime.datetime | datetime.date | int | Decimal | FiniteFloat | Text
"""As it is written; it gets the watermark column's type when that is known."""

_LoadType = Literal["FULL", "INCREMENTAL"]
_Strategy = Literal["replace", "append", "merge", "delete+insert", "scd2", "mirror"]
_FileFormat = Literal["parquet", "csv", "jsonl", "excel"]
_IncrementalBy = Literal["modified", "name", "folder_date"]
_DestinationType = Literal["databricks", "filesystem"]
_TargetFormat = Literal["parquet", "delta"]
_Evolution = Literal["evolve", "freeze", "discard_value", "discard_row"]
_Reconcile = Literal["none", "count", "hash"]

LoadType: TypeAlias = Annotated[_LoadType, BeforeValidator(one_of(get_args(_LoadType)))]
Strategy: TypeAlias = Annotated[_Strategy, BeforeValidator(one_of(get_args(_Strategy)))]
FileFormat: TypeAlias = Annotated[_FileFormat, BeforeValidator(one_of(get_args(_FileFormat)))]
IncrementalBy: TypeAlias = Annotated[_IncrementalBy, BeforeValidator(one_of(get_args(_IncrementalBy)))]
DestinationType: TypeAlias = Annotated[_DestinationType, BeforeValidator(one_of(get_args(_DestinationType)))]
TargetFormat: TypeAlias = Annotated[_TargetFormat, BeforeValidator(one_of(get_args(_TargetFormat)))]
Evolution: TypeAlias = Annotated[_Evolution, BeforeValidator(one_of(get_args(_Evolution)))]
Reconcile: TypeAlias = Annotated[_Reconcile, BeforeValidator(one_of(get_args(_Reconcile)))]
