"""Variants as JSON text, from their binary form (the Variant encoding of Apache Parquet)."""

from __future__ import annotations

import base64
import json
import struct
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - some variants have no time zone
_INTEGERS = {3: "<b", 4: "<h", 5: "<i", 6: "<q"}
_DECIMALS = {8: 4, 9: 8, 10: 16}


def variant_json(value: Mapping[str, bytes]) -> str:
    """Return a variant as JSON.

    Args:
        value: its ``value`` and ``metadata``.
    """
    return _write(value["value"], 0, _names(value["metadata"]))


def _unsigned(data: bytes, start: int, width: int) -> int:
    return int.from_bytes(data[start : start + width], "little")


def _names(metadata: bytes) -> list[str]:
    """Return the dictionary of field names."""
    width = (metadata[0] >> 6) + 1
    count = _unsigned(metadata, 1, width)
    ends = [_unsigned(metadata, 1 + width * (1 + index), width) for index in range(count + 1)]
    base = 1 + width * (count + 2)
    return [metadata[base + ends[i] : base + ends[i + 1]].decode() for i in range(count)]


def _write(data: bytes, at: int, names: list[str]) -> str:
    header, kind = data[at] >> 2, data[at] & 3
    if kind == 0:
        return _primitive(data, at + 1, header)
    if kind == 1:
        return _string(data[at + 1 : at + 1 + header])
    return _object(data, at, header, names) if kind == 2 else _array(data, at, header, names)


def _object(data: bytes, at: int, header: int, names: list[str]) -> str:
    offset_width, id_width = (header & 3) + 1, (header >> 2 & 3) + 1
    count_width = 4 if header & 16 else 1
    count = _unsigned(data, at + 1, count_width)
    ids = at + 1 + count_width
    offsets = ids + id_width * count
    base = offsets + offset_width * (count + 1)
    fields = (
        f"{_string(names[_unsigned(data, ids + id_width * i, id_width)].encode())}:"
        f"{_write(data, base + _unsigned(data, offsets + offset_width * i, offset_width), names)}"
        for i in range(count)
    )
    return "{" + ",".join(fields) + "}"


def _array(data: bytes, at: int, header: int, names: list[str]) -> str:
    width = (header & 3) + 1
    count_width = 4 if header & 4 else 1
    count = _unsigned(data, at + 1, count_width)
    offsets = at + 1 + count_width
    base = offsets + width * (count + 1)
    items = (_write(data, base + _unsigned(data, offsets + width * i, width), names) for i in range(count))
    return "[" + ",".join(items) + "]"


def _string(value: bytes) -> str:
    return json.dumps(value.decode(), ensure_ascii=False)


def _primitive(data: bytes, at: int, kind: int) -> str:
    if kind < 3:
        return ("null", "true", "false")[kind]
    if kind in _INTEGERS:
        return str(struct.unpack_from(_INTEGERS[kind], data, at)[0])
    if kind in _DECIMALS:
        digits = int.from_bytes(data[at + 1 : at + 1 + _DECIMALS[kind]], "little", signed=True)
        return format(Decimal(digits).scaleb(-data[at]), "f")
    if kind in (7, 14):
        number: float = struct.unpack_from("<d" if kind == 7 else "<f", data, at)[0]
        return json.dumps(number if abs(number) != float("inf") and number == number else str(number))
    if kind in (15, 16):
        content = data[at + 4 : at + 4 + _unsigned(data, at, 4)]
        return _string(base64.b64encode(content) if kind == 15 else content)
    return json.dumps(_moment(data, at, kind))


def _moment(data: bytes, at: int, kind: int) -> str:
    """Return a date, a timestamp or a UUID as text."""
    if kind == 20:
        return str(uuid.UUID(bytes=data[at : at + 16]))
    if kind == 11:
        return str(date(1970, 1, 1) + timedelta(days=struct.unpack_from("<i", data, at)[0]))
    count: int = struct.unpack_from("<q", data, at)[0]
    moment = _EPOCH + timedelta(microseconds=count if kind in (12, 13, 17) else count // 1000)
    zoned = moment.replace(tzinfo=UTC) if kind in (12, 18) else moment
    return zoned.isoformat(sep=" ")
