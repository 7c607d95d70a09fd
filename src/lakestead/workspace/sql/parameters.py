"""Values of parameters: whether their text is one of their type, told by the parameter's name."""

from __future__ import annotations

import re

from lakestead.core.datatypes import (
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    SHORT,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    DataType,
    Decimal,
)
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.statement import Parameter

_BITS: dict[DataType, int] = {BYTE: 8, SHORT: 16, INT: 32, LONG: 64}
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_DATE = r"[+-]?\d{4,7}(-\d{1,2}(-\d{1,2}([ T].*)?)?)?"
_FORMS: dict[DataType, re.Pattern[str]] = {
    BOOLEAN: re.compile(r"(?i)t|true|y|yes|1|f|false|n|no|0"),
    FLOAT: re.compile(rf"(?i){_NUMBER}[fd]?|[+-]?inf(inity)?|nan"),
    DOUBLE: re.compile(rf"(?i){_NUMBER}[fd]?|[+-]?inf(inity)?|nan"),
    DATE: re.compile(_DATE),
    TIMESTAMP: re.compile(_DATE),
    TIMESTAMP_NTZ: re.compile(_DATE),
}
_DECIMAL = re.compile(_NUMBER)
_WHOLE = re.compile(r"[+-]?\d+")


def check(parameter: Parameter, kind: DataType) -> None:
    """Check that the value of a parameter can be one of its type.

    Args:
        parameter: has a value.
        kind: its type.

    Raises:
        ApiError: CAST_INVALID_INPUT or CAST_OVERFLOW, with the parameter's name.
    """
    text = (parameter.value or "").strip()
    bits = _BITS.get(kind)
    form = _WHOLE if bits else _DECIMAL if isinstance(kind, Decimal) else _FORMS.get(kind)
    if form is not None and not form.fullmatch(text):
        raise _refused(parameter, kind, ErrorCode.CAST_INVALID_INPUT, "because it is malformed")
    if bits and not -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1):
        raise _refused(parameter, kind, ErrorCode.CAST_OVERFLOW, "due to an overflow")


def _refused(parameter: Parameter, kind: DataType, code: ErrorCode, why: str) -> ApiError:
    name = f"'{parameter.name}'" if parameter.name else "without a name"
    return ApiError(
        code, f"Parameter {name}: the value '{parameter.value}' cannot be cast to \"{kind.sql}\" {why}."
    )
