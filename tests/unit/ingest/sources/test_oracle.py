"""Oracle's types, SQL and connection parameters, as far as they can be told without a server."""

from __future__ import annotations

from datetime import UTC, date, datetime

import oracledb
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import SourceError
from lakestead.ingest.sources import Request
from lakestead.ingest.sources.oracle import described, parameters, related
from lakestead.ingest.sources.oracle_types import OracleColumn, bound, reading
from lakestead.ingest.sources.settings import ServerSettings, login

DIGITS = "TO_CHAR(\"C\", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')"
TYPES = [
    (OracleColumn("C", "NUMBER", 12, 2), "decimal(12,2)", DIGITS),
    (OracleColumn("C", "NUMBER", 5, 0), "decimal(5,0)", DIGITS),
    (OracleColumn("C", "NUMBER", None, 0), "decimal(38,0)", DIGITS),  # INTEGER
    (OracleColumn("C", "NUMBER", None, None), "decimal(38,18)", DIGITS),
    (OracleColumn("C", "NUMBER", 3, -2), "decimal(5,0)", DIGITS),
    (OracleColumn("C", "NUMBER", 3, 5), "decimal(5,5)", DIGITS),
    (OracleColumn("C", "NUMBER", 38, -2), "string", DIGITS),
    (OracleColumn("C", "FLOAT", 126), "decimal(38,18)", DIGITS),
    (OracleColumn("C", "BINARY_FLOAT"), "float", '"C"'),
    (OracleColumn("C", "BINARY_DOUBLE"), "double", '"C"'),
    (OracleColumn("C", "BOOLEAN"), "boolean", '"C"'),
    (OracleColumn("C", "VARCHAR2"), "string", '"C"'),
    (OracleColumn("C", "NCLOB"), "string", '"C"'),
    (OracleColumn("C", "DATE"), "timestamp_ntz", '"C"'),
    (OracleColumn("C", "TIMESTAMP(6)"), "timestamp_ntz", '"C"'),
    (OracleColumn("C", "TIMESTAMP(6) WITH TIME ZONE"), "timestamp", 'SYS_EXTRACT_UTC("C")'),
    (OracleColumn("C", "TIMESTAMP(3) WITH LOCAL TIME ZONE"), "timestamp", 'SYS_EXTRACT_UTC("C")'),
    (OracleColumn("C", "INTERVAL DAY(2) TO SECOND(6)"), "string", 'TO_CHAR("C")'),
    (OracleColumn("C", "RAW"), "binary", '"C"'),
    (OracleColumn("C", "BLOB"), "binary", '"C"'),
    (OracleColumn("C", "JSON"), "string", 'JSON_SERIALIZE("C" RETURNING CLOB)'),
    (OracleColumn("C", "XMLTYPE"), "string", 'XMLSERIALIZE(CONTENT "C" AS CLOB)'),
    (OracleColumn("C", "ROWID"), "string", 'ROWIDTOCHAR("C")'),
]


@pytest.mark.parametrize(("column", "kind", "sql"), TYPES, ids=[f"{t[0].declared} {t[1]}" for t in TYPES])
def test_a_type_and_the_sql_that_reads_it(column: OracleColumn, kind: str, sql: str) -> None:
    made = reading(column)
    assert made is not None
    assert made.column.type.ddl == kind
    assert made.remote == sql


def test_text_of_a_time_has_its_zone() -> None:
    made = reading(OracleColumn('a"b', "TIMESTAMP(6) WITH TIME ZONE"), parse_type("string"))
    assert made is not None
    assert made.remote == 'TO_CHAR("a""b", \'YYYY-MM-DD HH24:MI:SS.FF TZR\')'


def test_a_type_without_a_form_is_refused_unless_it_is_left_out() -> None:
    columns = [OracleColumn("ID", "NUMBER", 5, 0), OracleColumn("F", "BFILE")]
    with pytest.raises(SourceError, match=r"table T: the column 'F' is of the type BFILE.*columns"):
        related(Request(table="T"), "table T", "T", columns)
    found = related(Request(table="T", columns=("ID",)), "table T", "T", columns, ("ID",))
    assert [column.name for column in found.shape.columns] == ["ID"]
    assert found.shape.primary_key == ("ID",)


def test_a_query_has_the_types_that_the_driver_tells() -> None:
    number = described("N", oracledb.DB_TYPE_NUMBER, 13, None, 12, 2, True)
    assert number == OracleColumn("N", "NUMBER", 12, 2)
    assert described("N", oracledb.DB_TYPE_NUMBER, 127, None, 0, -127, True) == OracleColumn("N", "NUMBER")
    assert (
        described("T", oracledb.DB_TYPE_TIMESTAMP_TZ, 1, None, 0, 6, False).base == "TIMESTAMP WITH TIME ZONE"
    )
    assert described("V", oracledb.DB_TYPE_VARCHAR, 1, 10, None, None, True).base == "VARCHAR2"


def test_bounds() -> None:
    moment = datetime(2020, 1, 1, 12, 30, tzinfo=UTC)
    assert bound(moment, "TIMESTAMP(6) WITH TIME ZONE") == "TIMESTAMP '2020-01-01 12:30:00.000000 +00:00'"
    assert bound(moment, "DATE") == "TIMESTAMP '2020-01-01 12:30:00.000000'"
    assert bound(date(2020, 1, 1), "DATE") == "DATE '2020-01-01'"
    assert bound(5, "NUMBER") == "5"
    assert bound("it's", "VARCHAR2") == "'it''s'"


def test_parameters_of_the_driver() -> None:
    place = login(ServerSettings.read("erp", {"url": "oracle://me:p%40ss@db/XEPDB1"}), "erp", 1521)
    assert parameters(place) == {
        "host": "db",
        "port": 1521,
        "service_name": "XEPDB1",
        "user": "me",
        "password": "p@ss",
    }
    given = ServerSettings.read("erp", {"host": "db", "options": {"sid": "XE"}})
    assert parameters(login(given, "erp", 1521))["service_name"] is None
