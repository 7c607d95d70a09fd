"""Columns as arrays that can be sorted and counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakestead.core.datatypes import UnsupportedType, from_arrow
from lakestead.engine.profiles.source import Source

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_DAY = 86_400.0


class Kind(StrEnum):
    """What can be said of a column's values."""

    NUMERIC = "numeric"
    TEMPORAL = "temporal"
    CATEGORICAL = "categorical"
    OPAQUE = "opaque"


def kind_of(type_: pa.DataType) -> Kind:
    """Return the kind of a type; values of the opaque ones are counted, no more."""
    values = _values(type_)
    if pa.types.is_integer(values) or pa.types.is_floating(values) or pa.types.is_decimal(values):
        return Kind.NUMERIC
    if pa.types.is_date(values) or pa.types.is_timestamp(values):
        return Kind.TEMPORAL
    if pa.types.is_boolean(values) or is_text(values) or is_binary(values):
        return Kind.CATEGORICAL
    return Kind.OPAQUE


def is_text(type_: pa.DataType) -> bool:
    """Return whether values are strings."""
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    )


def is_binary(type_: pa.DataType) -> bool:
    """Return whether values are bytes."""
    return bool(
        pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
        or pa.types.is_binary_view(type_)
        or pa.types.is_fixed_size_binary(type_)
    )


def type_text(type_: pa.DataType) -> str:
    """Return the name of a type as SQL has it; what SQL has no name for keeps Arrow's."""
    try:
        return from_arrow(type_).ddl
    except UnsupportedType:
        return str(type_)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values that can be sorted.

    Attributes:
        values: one for each row; those of nulls mean nothing.
        valid: which are not null; None when all are.
        scale: what a value is to be multiplied with: a timestamp is in epoch seconds.
    """

    values: NDArray[Any]
    valid: NDArray[np.bool_] | None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Codes:
    """Values that can be counted.

    Attributes:
        values: one for each row, a position in the dictionary; -1 is null.
        dictionary: the different values.
    """

    values: NDArray[np.int32]
    dictionary: pa.Array


class TooWide(Exception):
    """A column's different values take more memory than they may."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a source.

    Attributes:
        source: where they are.
        positions: theirs, ascending; None for all.
    """

    source: Source
    positions: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return self.source.rows if self.positions is None else len(self.positions)

    def type_of(self, name: str) -> pa.DataType:
        """Return the type of a column's values."""
        return _values(self.source.schema.field(name).type)

    def pieces(self, name: str) -> Iterator[pa.Array]:
        """Yield a column's values, contiguous piece by piece."""
        start = 0
        for piece in self.source.column(name):
            for chunk in piece.chunks if isinstance(piece, pa.ChunkedArray) else [piece]:
                end = start + len(chunk)
                if self.positions is None:
                    yield chunk
                else:
                    first, last = np.searchsorted(self.positions, [start, end])
                    if first < last:
                        yield chunk.take(pa.array(self.positions[first:last] - start))
                start = end

    def numbers(self, name: str) -> Numbers:
        """Return a column of numbers, dates or timestamps."""
        stored, scale = _stored(self.type_of(name))
        values: NDArray[Any] = np.empty(len(self), stored.to_pandas_dtype())
        valid: NDArray[np.bool_] | None = None
        start = 0
        for chunk in self.pieces(name):
            end = start + len(chunk)
            if chunk.null_count:
                valid = np.ones(len(self), np.bool_) if valid is None else valid
                valid[start:end] = chunk.is_valid().to_numpy(zero_copy_only=False)
            values[start:end] = as_numpy(chunk, stored)
            start = end
        return Numbers(values, valid, scale)

    def codes(self, name: str, most_bytes: int | None = None) -> Codes:
        """Return a column of strings, bytes or booleans; any other as the text of its values.

        Raises:
            TooWide: its pieces have different values of more than so many bytes.
        """
        return encoded(self.pieces(name), self.type_of(name), most_bytes)

    def valid(self, name: str) -> NDArray[np.bool_] | None:
        """Return which values of a column are not null; None when all are."""
        pieces = list(self.pieces(name))
        if not any(piece.null_count for piece in pieces):
            return None
        return np.concatenate([piece.is_valid().to_numpy(zero_copy_only=False) for piece in pieces])


def as_numpy(values: pa.Array, stored: pa.DataType) -> NDArray[Any]:
    """Return values as an array of a type that numpy has; nulls become anything."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_temporal(values.type):
        values = values.view(stored)
    elif values.type != stored:
        values = values.cast(stored)
    if values.null_count:
        values = values.fill_null(0)
    result: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return result


def encoded(pieces: Iterable[pa.Array], type_: pa.DataType, most_bytes: int | None = None) -> Codes:
    """Return values as positions in a dictionary of the different ones.

    Raises:
        TooWide: the pieces have different values of more than so many bytes.
    """
    if pa.types.is_boolean(type_):
        pieces = list(pieces)
        flags = [as_numpy(piece, pa.uint8()).astype(np.int32) for piece in pieces]
        for flag, piece in zip(flags, pieces, strict=True):
            if piece.null_count:
                flag[piece.is_null().to_numpy(zero_copy_only=False)] = -1
        return Codes(_joined(flags), pa.array([False, True]))
    text = pa.binary() if is_binary(type_) else pa.string()
    chunks: list[pa.DictionaryArray] = []
    held = 0
    for piece in pieces:
        chunks.append(_dictionary(piece, text))
        held += chunks[-1].dictionary.nbytes
        if most_bytes is not None and held > most_bytes:
            raise TooWide
    column = pa.chunked_array(chunks, pa.dictionary(pa.int32(), text)).unify_dictionaries()
    dictionary = column.chunk(0).dictionary if column.num_chunks else pa.array([], text)
    return Codes(_joined([_indices(chunk) for chunk in column.chunks]), dictionary)


def texts(values: pa.Array) -> list[str]:
    """Return values of a dictionary as text; of bytes, what is no UTF-8 is replaced."""
    if is_binary(values.type):
        return [one.decode(errors="replace") for one in values.to_pylist()]
    result: list[str] = values.cast(pa.string()).to_pylist()
    return result


def _dictionary(piece: pa.Array, text: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(piece.type):
        piece = (piece if piece.type == text else pc.cast(piece, text)).dictionary_encode()
    return piece.cast(pa.dictionary(pa.int32(), text))


def _indices(chunk: pa.DictionaryArray) -> NDArray[np.int32]:
    indices = chunk.indices.fill_null(-1) if chunk.null_count else chunk.indices
    result: NDArray[np.int32] = indices.to_numpy(zero_copy_only=False)
    return result


def _joined(arrays: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int32)


def _values(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _stored(type_: pa.DataType) -> tuple[pa.DataType, float]:
    """Return the type that values are sorted in, and what turns one into a number of the metrics."""
    if pa.types.is_date32(type_):
        return pa.int32(), _DAY
    if pa.types.is_date64(type_):
        return pa.int64(), _SECONDS["ms"]
    if pa.types.is_timestamp(type_):
        return pa.int64(), _SECONDS[type_.unit]
    if pa.types.is_decimal(type_) or pa.types.is_float16(type_):
        return pa.float64(), 1.0
    return type_, 1.0
