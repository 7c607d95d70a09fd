"""Files as a relation of the engine: a FROM clause, and for each column how to read it as a type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from lakestead.core.datatypes import (
    BINARY,
    DATE,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    VARIANT,
    Array,
    Char,
    DataType,
    Field,
    Map,
    Struct,
    Varchar,
)
from lakestead.core.names import quote, quote_name, quote_string
from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.options import Options

_NESTED = (Array, Map, Struct)
_TEXT = (Char, Varchar)


@dataclass(frozen=True, slots=True)
class Values:
    """How values of a relation's columns are read.

    Attributes:
        lenient: whether values that are not of the wanted type become null, rather than an error.
        date_format: pattern of dates, if it was given.
        timestamp_format: pattern of timestamps, if it was given.
    """

    lenient: bool = False
    date_format: str | None = None
    timestamp_format: str | None = None

    @classmethod
    def of(cls, options: Options, *, lenient: bool) -> Values:
        """Read it from options; a mode that was given decides on leniency."""
        mode = options.mode
        return cls(
            lenient=lenient if mode is None else mode != "FAILFAST",
            date_format=options.text("dateformat"),
            timestamp_format=options.text("timestampformat"),
        )

    def cast(self, text: str, kind: DataType) -> str:
        """Return an expression for text read as a type."""
        if isinstance(kind, _TEXT) or kind == STRING:
            return text
        pattern = self.date_format if kind == DATE else None
        if kind in (TIMESTAMP, TIMESTAMP_NTZ):
            pattern = self.timestamp_format
        if pattern is None:
            return self.converted(text, kind)
        function = "try_to_timestamp" if self.lenient else "to_timestamp"
        return f"CAST({function}({text}, {quote_string(pattern)}) AS {kind.sql})"

    def converted(self, expression: str, kind: DataType) -> str:
        """Return an expression for a value of another type as a type."""
        return f"{'try_cast' if self.lenient else 'CAST'}({expression} AS {engine_type(kind).sql})"


def engine_type(kind: DataType) -> DataType:
    """Return a type as the engine knows it: it has no character types with a length."""
    match kind:
        case Char() | Varchar():
            return STRING
        case Array():
            return Array(engine_type(kind.element))
        case Map():
            return Map(engine_type(kind.key), engine_type(kind.value))
        case Struct():
            return Struct(tuple(Field(one.name, engine_type(one.type)) for one in kind.fields))
        case _:
            return kind


class Column(Protocol):
    """A column of files."""

    @property
    def name(self) -> str:
        """Its name in the files."""

    @property
    def type(self) -> DataType:
        """The type that it has if none is wanted."""

    def read(self, kind: DataType, values: Values) -> str:
        """Return an expression that reads it as a type."""


Reading: TypeAlias = tuple[str, Column, DataType]
"""A column of a result: its name, the column of the files, and the type to read it as."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of text, such as CSV has.

    Attributes:
        trim: function that takes spaces away; empty for none.
    """

    name: str
    type: DataType = STRING
    trim: str = ""

    def read(self, kind: DataType, values: Values) -> str:
        """Return an expression that reads it as a type.

        Raises:
            FilesError: SCHEMA for a type that has no text.
        """
        if isinstance(kind, _NESTED) or kind == VARIANT:
            raise FilesError(
                FilesErrorKind.SCHEMA, f"Column {quote(self.name)} is text and cannot be read as {kind.sql}."
            )
        text = quote(self.name)
        return values.cast(f"{self.trim}({text})" if self.trim else text, kind)


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column of files that know their types."""

    name: str
    type: DataType

    def read(self, kind: DataType, values: Values) -> str:
        """Return an expression that reads it as a type."""
        if engine_type(kind) == engine_type(self.type):
            return quote(self.name)
        return values.converted(quote(self.name), kind)


@dataclass(frozen=True, slots=True)
class NoColumn:
    """A column that the files do not have."""

    name: str
    type: DataType

    def read(self, kind: DataType, values: Values) -> str:
        """Return null as a type."""
        return f"CAST(NULL AS {engine_type(kind).sql})"


@dataclass(frozen=True, slots=True)
class JsonColumn:
    """A member of JSON objects."""

    name: str
    type: DataType = STRING

    def read(self, kind: DataType, values: Values) -> str:
        """Return an expression that reads it as a type.

        Raises:
            FilesError: UNSUPPORTED for a name that the engine's paths cannot have.
        """
        if kind == VARIANT:
            return f"variant_get(parse_json(value), {self._path})"
        text = f"get_json_object(value, {self._path})"
        if isinstance(kind, _NESTED):
            # Values are first read as text, by the engine's JSON; then its casts know more forms of them.
            whole = f"from_json({text}, {quote_string(_as_text(kind).sql)})"
            return values.converted(whole, kind)
        return f"unbase64({text})" if kind == BINARY else values.cast(text, kind)

    @property
    def _path(self) -> str:
        if "'" not in self.name:
            return quote_string(f"$['{self.name}']")
        if any(character in self.name for character in ".[]"):
            raise FilesError(
                FilesErrorKind.UNSUPPORTED, f"The JSON member {quote(self.name)} cannot be read: rename it."
            )
        return quote_string(f"$.{self.name}")


def _as_text(kind: DataType) -> DataType:
    match kind:
        case Array():
            return Array(_as_text(kind.element))
        case Map():
            return Map(STRING, _as_text(kind.value))
        case Struct():
            return Struct(tuple(Field(one.name, _as_text(one.type)) for one in kind.fields))
        case _:
            return STRING


@dataclass(frozen=True, slots=True)
class Relation:
    """Files that the engine can read.

    Attributes:
        source: what stands behind FROM.
        columns: in order.
        values: how their values are read.
        where: which records count; empty for all.
    """

    source: str
    columns: tuple[Column, ...]
    values: Values = field(default_factory=Values)
    where: str = ""

    def column(self, name: str) -> Column | None:
        """Return a column by its name in any case."""
        return next((one for one in self.columns if one.name.lower() == name.lower()), None)

    def select(self, read: Sequence[Reading] | None = None, further: Sequence[str] = ()) -> str:
        """Return a query of the files.

        Args:
            read: the columns of the result; None is all with the names and types that they have.
            further: expressions of further columns.
        """
        chosen = [(one.name, one, one.type) for one in self.columns] if read is None else read
        expressions = [f"{one.read(kind, self.values)} AS {quote(name)}" for name, one, kind in chosen]
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {', '.join([*expressions, *further]) or 'NULL'} FROM {self.source}{where}"


def parquet_files(path: Path) -> str:
    """Return what stands behind FROM to read a Parquet file or a folder of them."""
    return quote_name("parquet", str(path))
