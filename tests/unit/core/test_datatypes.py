from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core import datatypes as dt
from lakestead.core.datatypes import Array, Char, Decimal, Field, Interval, Map, Struct, Varchar, parse_type

# text, ddl, sql, Unity Catalog name
TEXTS = [
    ("BOOLEAN", "boolean", "BOOLEAN", "BOOLEAN"),
    ("byte", "tinyint", "TINYINT", "BYTE"),
    ("TINYINT", "tinyint", "TINYINT", "BYTE"),
    ("short", "smallint", "SMALLINT", "SHORT"),
    ("Integer", "int", "INT", "INT"),
    ("LONG", "bigint", "BIGINT", "LONG"),
    ("real", "float", "FLOAT", "FLOAT"),
    ("double", "double", "DOUBLE", "DOUBLE"),
    ("decimal", "decimal(10,0)", "DECIMAL(10,0)", "DECIMAL"),
    ("dec(5)", "decimal(5,0)", "DECIMAL(5,0)", "DECIMAL"),
    (" NUMERIC ( 38 , 18 ) ", "decimal(38,18)", "DECIMAL(38,18)", "DECIMAL"),
    ("string", "string", "STRING", "STRING"),
    ("STRING COLLATE UTF8_BINARY", "string", "STRING", "STRING"),
    ("CHAR(3)", "char(3)", "CHAR(3)", "CHAR"),
    ("character(3)", "char(3)", "CHAR(3)", "CHAR"),
    ("varchar(255)", "varchar(255)", "VARCHAR(255)", "STRING"),
    ("binary", "binary", "BINARY", "BINARY"),
    ("date", "date", "DATE", "DATE"),
    ("timestamp_ltz", "timestamp", "TIMESTAMP", "TIMESTAMP"),
    ("timestamp_ntz", "timestamp_ntz", "TIMESTAMP_NTZ", "TIMESTAMP_NTZ"),
    ("interval", "interval", "INTERVAL", "INTERVAL"),
    ("INTERVAL YEAR TO MONTH", "interval year to month", "INTERVAL YEAR TO MONTH", "INTERVAL"),
    ("interval hour", "interval hour", "INTERVAL HOUR", "INTERVAL"),
    ("interval day to second", "interval day to second", "INTERVAL DAY TO SECOND", "INTERVAL"),
    ("variant", "variant", "VARIANT", "VARIANT"),
    ("void", "void", "VOID", "NULL"),
    ("ARRAY<INT>", "array<int>", "ARRAY<INT>", "ARRAY"),
    ("map<string, array<long>>", "map<string,array<bigint>>", "MAP<STRING, ARRAY<BIGINT>>", "MAP"),
    ("struct<>", "struct<>", "STRUCT<>", "STRUCT"),
    (
        "STRUCT<a: INT NOT NULL COMMENT 'it\\'s', `b c` struct<d:string>>",
        "struct<a:int,`b c`:struct<d:string>>",
        "STRUCT<a: INT NOT NULL COMMENT 'it\\'s', `b c`: STRUCT<d: STRING>>",
        "STRUCT",
    ),
]


@pytest.mark.parametrize(("text", "ddl", "sql", "uc_name"), TEXTS)
def test_text_forms(text: str, ddl: str, sql: str, uc_name: str) -> None:
    parsed = parse_type(text)
    assert (parsed.ddl, parsed.sql, parsed.uc_name) == (ddl, sql, uc_name)


def test_struct_fields_keep_nullability_and_comment() -> None:
    assert parse_type('struct<a: int not null comment "x", b string>') == Struct(
        (Field("a", dt.INT, nullable=False, comment="x"), Field("b", dt.STRING))
    )


@pytest.mark.parametrize(
    ("text", "position", "detail"),
    [
        ("", 0, "unexpected end"),
        ("intt", 0, "unknown type 'intt'"),
        ("int int", 4, "unexpected 'int'"),
        ("array<int", 9, "unexpected end"),
        ("array<struct<a:nope>>", 15, "unknown type 'nope'"),
        ("decimal(39,2)", 8, "precision must be from 1 to 38"),
        ("decimal(3,4)", 8, "scale 4 is greater than precision 3"),
        ("varchar", 7, "unexpected end"),
        ("varchar(0)", 8, "length must be at least 1"),
        ("varchar(x)", 8, "unexpected 'x'"),
        ("geometry", 0, "type geometry is not supported"),
        ("object", 0, "type object is not supported"),
        ("string collate unicode", 15, "collation unicode is not supported"),
        ("interval month to year", 9, "larger unit to a smaller"),
        ("interval year to day", 9, "larger unit to a smaller"),
        ("struct<a:int,A:int>", 7, "two fields have the same name"),
        ("int;", 3, "unexpected ';'"),
        ("array<" * 200 + "int" + ">" * 200, 600, "nested more than 100 levels"),
    ],
)
def test_fault_names_its_place(text: str, position: int, detail: str) -> None:
    with pytest.raises(dt.TypeSyntaxError, match=detail) as caught:
        parse_type(text)
    assert caught.value.position == position


@given(st.text(alphabet="abintsrucmpdel<>(),:`' 01", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        parsed = parse_type(text)
    except dt.TypeSyntaxError:
        return
    assert parse_type(parsed.sql) == parsed


PRIMITIVES = st.sampled_from(
    [
        *(dt.BOOLEAN, dt.BYTE, dt.SHORT, dt.INT, dt.LONG, dt.FLOAT, dt.DOUBLE, dt.STRING, dt.BINARY),
        *(dt.DATE, dt.TIMESTAMP, dt.TIMESTAMP_NTZ, dt.VARIANT, dt.VOID, dt.CALENDAR_INTERVAL),
    ]
)
INTERVALS = st.sampled_from(
    [
        *(Interval("year", "year"), Interval("year", "month"), Interval("month", "month")),
        *(Interval("day", "second"), Interval("hour", "minute"), Interval("second", "second")),
    ]
)
DECIMALS = st.integers(1, 38).flatmap(lambda p: st.builds(Decimal, st.just(p), st.integers(0, p)))
LENGTHS = st.integers(1, 1000)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


def _structs(types: st.SearchStrategy[dt.DataType]) -> st.SearchStrategy[Struct]:
    fields = st.builds(Field, NAMES, types, st.booleans(), st.none() | st.text(max_size=8))
    unique = st.lists(fields, max_size=4, unique_by=lambda field: field.name.lower())
    return unique.map(lambda some: Struct(tuple(some)))


def _nested(types: st.SearchStrategy[dt.DataType]) -> st.SearchStrategy[dt.DataType]:
    return (
        st.builds(Array, types, st.booleans()) | st.builds(Map, types, types, st.booleans()) | _structs(types)
    )


STORED = st.recursive(PRIMITIVES | DECIMALS | st.builds(Char, LENGTHS) | st.builds(Varchar, LENGTHS), _nested)
FIELDS = st.builds(Field, NAMES, STORED | INTERVALS, st.booleans(), st.none() | st.text(max_size=8))


def _without_nullability(kind: dt.DataType, *, fields_too: bool) -> dt.DataType:
    """The type as SQL text can say it: elements are nullable, and in ddl fields are so without comment."""
    if isinstance(kind, Array):
        return Array(_without_nullability(kind.element, fields_too=fields_too))
    if isinstance(kind, Map):
        key = _without_nullability(kind.key, fields_too=fields_too)
        return Map(key, _without_nullability(kind.value, fields_too=fields_too))
    if isinstance(kind, Struct):
        return Struct(
            tuple(
                Field(
                    field.name,
                    _without_nullability(field.type, fields_too=fields_too),
                    True if fields_too else field.nullable,
                    None if fields_too else field.comment,
                )
                for field in kind.fields
            )
        )
    return kind


@given(STORED | INTERVALS)
def test_sql_text_round_trip(kind: dt.DataType) -> None:
    assert parse_type(kind.sql) == _without_nullability(kind, fields_too=False)


@given(STORED | INTERVALS)
def test_ddl_round_trip(kind: dt.DataType) -> None:
    plain = _without_nullability(kind, fields_too=True)
    assert parse_type(kind.ddl) == plain
    assert plain.ddl == kind.ddl


@given(FIELDS)
def test_delta_round_trip(field: Field) -> None:
    assert dt.field_from_delta(json.loads(json.dumps(field.to_delta()))) == field


# Arrow has no column of nulls only that must not be null.
@given(FIELDS.filter(lambda field: "void" not in field.type.ddl))
def test_arrow_round_trip(field: Field) -> None:
    schema = pa.schema([field.to_arrow()])
    copied = pa.ipc.read_schema(schema.serialize())
    assert dt.field_from_arrow(copied.field(0)) == field


def test_delta_schema_as_spark_writes_it() -> None:
    stored = {
        "name": "tags",
        "type": {"type": "array", "elementType": "string", "containsNull": True},
        "nullable": False,
        "metadata": {"comment": "labels", "__CHAR_VARCHAR_TYPE_STRING": "array<varchar(5)>"},
    }
    field = Field("tags", Array(Varchar(5)), nullable=False, comment="labels")
    assert dt.field_from_delta(stored) == field
    assert field.to_delta() == stored


def test_lengths_of_a_struct_do_not_hide_its_nullability() -> None:
    stored = {
        "type": "struct",
        "fields": [{"name": "a", "type": "string", "nullable": False, "metadata": {"comment": "x"}}],
    }
    metadata = {"__CHAR_VARCHAR_TYPE_STRING": "struct<a:char(2)>"}
    assert dt.from_delta(stored, metadata) == Struct((Field("a", Char(2), nullable=False, comment="x"),))


@pytest.mark.parametrize(
    "stored",
    [
        "geometry",
        "varchar(3)",
        "",
        {"type": "udt"},
        {"type": "array", "elementType": "integer"},
        {"type": "struct", "fields": [{"name": "a"}]},
        {"type": "map", "keyType": "string", "valueType": "nope", "valueContainsNull": True},
    ],
)
def test_delta_type_without_an_equal(stored: str | dict[str, object]) -> None:
    with pytest.raises(dt.UnsupportedType):
        dt.from_delta(stored)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pa.large_string(), dt.STRING),
        (pa.string_view(), dt.STRING),
        (pa.large_binary(), dt.BINARY),
        (pa.binary(16), dt.BINARY),
        (pa.dictionary(pa.int8(), pa.large_string()), dt.STRING),
        (pa.run_end_encoded(pa.int32(), pa.float32()), dt.FLOAT),
        (pa.uuid(), dt.BINARY),
        (pa.uint8(), dt.SHORT),
        (pa.uint16(), dt.INT),
        (pa.uint32(), dt.LONG),
        (pa.uint64(), Decimal(20, 0)),
        (pa.float16(), dt.FLOAT),
        (pa.date64(), dt.DATE),
        (pa.timestamp("ns", "Europe/Berlin"), dt.TIMESTAMP),
        (pa.timestamp("ms"), dt.TIMESTAMP_NTZ),
        (pa.decimal256(38, 3), Decimal(38, 3)),
        (pa.null(), dt.VOID),
        (pa.duration("s"), Interval("day", "second")),
        (pa.month_day_nano_interval(), dt.CALENDAR_INTERVAL),
        (pa.large_list(pa.int8()), Array(dt.BYTE)),
        (pa.list_(pa.int8(), 3), Array(dt.BYTE)),
        (pa.map_(pa.string(), pa.large_string()), Map(dt.STRING, dt.STRING)),
        (
            pa.struct([pa.field("value", pa.binary(), False), pa.field("metadata", pa.binary(), False)]),
            dt.VARIANT,
        ),
        (
            pa.struct([pa.field("value", pa.binary()), pa.field("metadata", pa.binary())]),
            Struct((Field("value", dt.BINARY), Field("metadata", dt.BINARY))),
        ),
    ],
)
def test_arrow_types(kind: pa.DataType, expected: dt.DataType) -> None:
    assert dt.from_arrow(kind) == expected


def test_arrow_field_metadata() -> None:
    months = {b"SAIL::spark::interval": b'{"unit":"yearMonth","startField":"year","endField":"year"}'}
    assert dt.from_arrow(pa.month_day_nano_interval(), months) == Interval("year", "year")
    variant = {b"ARROW:extension:name": b"arrow.parquet.variant"}
    storage = pa.struct([pa.field("metadata", pa.binary()), pa.field("value", pa.binary())])
    assert dt.from_arrow(storage, variant) == dt.VARIANT
    assert dt.from_arrow(pa.string(), {b"__CHAR_VARCHAR_TYPE_STRING": b"char(4)"}) == Char(4)


@pytest.mark.parametrize(
    "kind", [pa.time32("s"), pa.time64("us"), pa.decimal256(50, 2), pa.decimal128(5, -2)]
)
def test_arrow_type_without_an_equal(kind: pa.DataType) -> None:
    with pytest.raises(dt.UnsupportedType, match=r"Arrow type"):
        dt.from_arrow(kind)


@pytest.mark.parametrize(
    "metadata",
    [b"", b"[]", b"{}", b'{"startField": "century", "endField": "year"}', b'{"startField": "day"}'],
)
def test_malformed_interval_metadata(metadata: bytes) -> None:
    with pytest.raises(dt.UnsupportedType, match="malformed"):
        dt.from_arrow(pa.duration("us"), {b"SAIL::spark::interval": metadata})
