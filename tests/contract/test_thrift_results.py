"""Results of the SQL connector: every type, in every form that clients ask for; small and large ones."""

from __future__ import annotations

import datetime
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from decimal import Decimal

import lz4.frame
import pyarrow as pa
import pytest
from databricks.sql.backend.types import CommandId
from databricks.sql.client import Connection, Cursor
from databricks.sql.exc import DatabaseError
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TExecuteStatementReq,
    TExecuteStatementResp,
    TFetchOrientation,
    TFetchResultsReq,
    TFetchResultsResp,
    TSparkArrowTypes,
    TSparkGetDirectResults,
    TSparkRowSetType,
    TStatusCode,
)

from lakestead.testing import Workspace

NOON = datetime.datetime(2024, 2, 29, 12, 0, 0, 500000)  # noqa: DTZ001 - it has no zone
EVERY_TYPE = """
    SELECT true AS bool, CAST(1 AS TINYINT) AS tiny, CAST(2 AS SMALLINT) AS small, 3 AS int,
           4L AS big,
           CAST(1.5 AS FLOAT) AS float, 2.5D AS double, 12.340 AS decimal, 'text' AS string,
           X'0102' AS binary,
           DATE'2024-02-29' AS date,
           TIMESTAMP'2024-02-29 12:00:00.5' AS timestamp,
           TIMESTAMP_NTZ'2024-02-29 12:00:00.5' AS ntz, NULL AS void,
           ARRAY(1, 2) AS list, MAP('k', 1.50) AS map, NAMED_STRUCT('a', 1, 'b', ARRAY('x')) AS struct,
           INTERVAL '1-2' YEAR TO MONTH AS months, INTERVAL '1 02:03:04.5' DAY TO SECOND AS days,
           parse_json('{"a": [1, "b"]}') AS variant
"""
NAMES = ["bool", "tiny", "small", "int", "big", "float", "double", "decimal", "string", "binary", "date"]
NAMES += ["timestamp", "ntz", "void", "list", "map", "struct", "months", "days", "variant"]
# What they are as text.
TEXT = {
    "decimal": "12.340",
    "date": "2024-02-29",
    "timestamp": "2024-02-29 12:00:00.5",
    "ntz": "2024-02-29 12:00:00.5",
    "list": "[1,2]",
    "map": '{"k":1.50}',
    "struct": '{"a":1,"b":["x"]}',
    "months": "1-2",
    "days": "1 02:03:04.500000000",
    "variant": '{"a":[1,"b"]}',
}
MILLION = "SELECT id, id % 7 AS seven, concat('row ', id) AS name FROM range(1000000) ORDER BY id"


@pytest.fixture
def connection(workspace_session: Workspace) -> Iterator[Connection]:
    with workspace_session.connect() as connection:
        yield connection


@pytest.fixture
def cursor(connection: Connection) -> Iterator[Cursor]:
    with connection.cursor() as cursor:
        yield cursor


def execute(connection: Connection, statement: str, **fields: object) -> TExecuteStatementResp:
    """Send ExecuteStatement as it is given, not as the connector would, and wait for its end."""
    handle = connection.session.session_id.to_thrift_handle()
    request = TExecuteStatementReq(sessionHandle=handle, statement=statement, **fields)
    answer = connection.session.backend._client.ExecuteStatement(request)
    assert answer.status.statusCode == TStatusCode.SUCCESS_STATUS, answer.status.errorMessage
    return answer


def fetch(connection: Connection, answer: TExecuteStatementResp, **fields: object) -> TFetchResultsResp:
    request = TFetchResultsReq(
        operationHandle=answer.operationHandle, includeResultSetMetadata=True, **{"maxRows": 100000, **fields}
    )
    return connection.session.backend._client.FetchResults(request)


# Types


def test_every_type_arrives_as_the_connector_reads_it(cursor: Cursor) -> None:
    row = cursor.execute(EVERY_TYPE).fetchone().asDict()
    utc = row["timestamp"].tzinfo
    assert utc is not None
    assert utc.utcoffset(NOON) == datetime.timedelta(0)
    row["list"], row["struct"] = list(row["list"]), {**row["struct"], "b": list(row["struct"]["b"])}
    assert row == {
        "bool": True,
        "tiny": 1,
        "small": 2,
        "int": 3,
        "big": 4,
        "float": 1.5,
        "double": 2.5,
        "decimal": Decimal("12.340"),
        "string": "text",
        "binary": b"\x01\x02",
        "date": NOON.date(),
        "timestamp": NOON.replace(tzinfo=utc),
        "ntz": NOON,
        "void": None,
        "list": [1, 2],
        "map": [("k", Decimal("1.50"))],
        "struct": {"a": 1, "b": ["x"]},
        "months": TEXT["months"],
        "days": TEXT["days"],
        "variant": TEXT["variant"],
    }


def test_timestamps_are_told_in_the_sessions_time_zone(cursor: Cursor) -> None:
    cursor.execute("SET TIME ZONE 'Asia/Tokyo'")
    (row,) = (
        cursor.execute("SELECT TIMESTAMP'2024-02-29 12:00:00' AS t, ARRAY(t) AS list")
        .fetchall_arrow()
        .to_pylist()
    )
    for moment in (row["t"], *row["list"]):
        assert moment.isoformat() == "2024-02-29T12:00:00+09:00"


def test_descriptions_name_the_types(cursor: Cursor) -> None:
    cursor.execute(EVERY_TYPE)
    described = {column[0]: column[1] for column in cursor.description}
    assert list(described) == NAMES
    assert " ".join(described.values()) == (
        "boolean tinyint smallint int bigint float double decimal string binary date timestamp timestamp "
        "null array map struct string string variant"
    )
    assert next(column[4:6] for column in cursor.description if column[0] == "decimal") == (5, 3)


def test_a_client_may_read_everything_but_arrows_own_scalars_as_text(workspace_session: Workspace) -> None:
    options = ("complex_types", "decimals", "timestamps")
    with (
        workspace_session.connect(**{f"_use_arrow_native_{one}": False for one in options}) as connection,
        connection.cursor() as cursor,
    ):
        table = cursor.execute(EVERY_TYPE).fetchall_arrow()
    (row,) = table.to_pylist()
    assert {name: row[name] for name in TEXT if name not in ("decimal", "date")} == {
        name: text for name, text in TEXT.items() if name not in ("decimal", "date")
    }
    assert table.schema.field("list").metadata[b"Spark:DataType:SqlName"] == b"ARRAY<INT>"


def test_intervals_come_in_arrow_when_a_client_reads_them_so(connection: Connection) -> None:
    answer = execute(
        connection,
        "SELECT INTERVAL '1 02:03:04.5' DAY TO SECOND AS days",
        canReadArrowResult=True,
        useArrowNativeTypes=TSparkArrowTypes(intervalTypesAsArrow=True),
    )
    page = fetch(connection, answer)
    table = read(page)
    assert table.column("days").to_pylist() == [datetime.timedelta(days=1, seconds=7384, microseconds=500000)]


def test_a_client_without_arrow_reads_columns_of_values(connection: Connection) -> None:
    answer = execute(connection, EVERY_TYPE)
    page = fetch(connection, answer)
    assert page.resultSetMetadata.resultFormat == TSparkRowSetType.COLUMN_BASED_SET
    assert page.resultSetMetadata.arrowSchema is None
    values = {}
    for name, column in zip(NAMES, page.results.columns, strict=True):
        ((kind, content),) = ((kind, one) for kind, one in vars(column).items() if one is not None)
        null = bool(content.nulls and content.nulls[0] & 1)
        values[name] = (kind, None if null else content.values[0])
    assert values == {
        "bool": ("boolVal", True),
        "tiny": ("byteVal", 1),
        "small": ("i16Val", 2),
        "int": ("i32Val", 3),
        "big": ("i64Val", 4),
        "float": ("doubleVal", 1.5),
        "double": ("doubleVal", 2.5),
        "string": ("stringVal", "text"),
        "binary": ("binaryVal", b"\x01\x02"),
        "void": ("stringVal", None),
        **{name: ("stringVal", text) for name, text in TEXT.items()},
    }


def test_nulls_are_marked_in_columns_of_values(connection: Connection) -> None:
    statement = "SELECT IF(id % 3 = 0, NULL, id) AS id FROM range(20) ORDER BY range.id"
    column = fetch(connection, execute(connection, statement)).results.columns[0].i64Val
    assert [place for place in range(20) if column.nulls[place // 8] >> place % 8 & 1] == list(
        range(0, 20, 3)
    )
    assert column.values[19] == 19


def test_columns_of_the_same_name_stay_apart(cursor: Cursor) -> None:
    assert cursor.execute("SELECT 1 AS a, 'x' AS a").fetchall() == [(1, "x")]


def test_a_result_without_rows_has_its_columns(cursor: Cursor) -> None:
    cursor.execute("SELECT id, 'x' AS name FROM range(0)")
    assert [column[:2] for column in cursor.description] == [("id", "bigint"), ("name", "string")]
    assert cursor.fetchall() == []


# Pages


def test_a_small_result_is_in_the_first_answer_and_closes_its_operation(connection: Connection) -> None:
    answer = execute(
        connection,
        "SELECT 1",
        canReadArrowResult=True,
        getDirectResults=TSparkGetDirectResults(maxRows=10, maxBytes=10000),
    )
    direct = answer.directResults
    assert direct.resultSet.hasMoreRows is False
    assert direct.closeOperation.status.statusCode == TStatusCode.SUCCESS_STATUS
    assert fetch(connection, answer).status.statusCode == TStatusCode.INVALID_HANDLE_STATUS


@pytest.mark.parametrize("arrow", [True, False])
def test_rows_come_in_pages_of_the_size_asked_for(connection: Connection, arrow: bool) -> None:
    answer = execute(connection, "SELECT id FROM range(10) ORDER BY id", canReadArrowResult=arrow)
    pages = []
    more = True
    while more:
        page = fetch(connection, answer, maxRows=4)
        pages.append((page.results.startRowOffset, read(page).column(0).to_pylist()))
        more = page.hasMoreRows
    assert pages == [(0, [0, 1, 2, 3]), (4, [4, 5, 6, 7]), (8, [8, 9])]


def test_a_client_may_go_back_to_a_row(connection: Connection) -> None:
    answer = execute(connection, "SELECT id FROM range(10) ORDER BY id", canReadArrowResult=True)
    fetch(connection, answer)
    first = fetch(connection, answer, orientation=TFetchOrientation.FETCH_FIRST, maxRows=2)
    assert read(first).column(0).to_pylist() == [0, 1]
    again = fetch(connection, answer, startRowOffset=8)
    assert read(again).column(0).to_pylist() == [8, 9]
    beyond = fetch(connection, answer, startRowOffset=11)
    assert beyond.status.statusCode == TStatusCode.ERROR_STATUS


def test_pages_are_no_larger_than_asked_for(connection: Connection) -> None:
    answer = execute(connection, "SELECT id FROM range(1000) ORDER BY id", canReadArrowResult=True)
    page = fetch(connection, answer, maxBytes=1000)
    assert 0 < page.results.arrowBatches[0].rowCount < 1000
    assert page.hasMoreRows is True


def test_large_batches_inside_answers_are_compressed_when_the_client_reads_that(
    connection: Connection,
) -> None:
    statement = "SELECT 'the same' AS text FROM range(50000)"
    plain = fetch(connection, execute(connection, statement, canReadArrowResult=True))
    packed = fetch(
        connection, execute(connection, statement, canReadArrowResult=True, canDecompressLZ4Result=True)
    )
    assert plain.resultSetMetadata.lz4Compressed is False
    assert packed.resultSetMetadata.lz4Compressed is True
    assert read(packed).equals(read(plain))
    assert len(packed.results.arrowBatches[0].batch) < len(plain.results.arrowBatches[0].batch) / 4


# Large results


@pytest.mark.parametrize("cloud_fetch", [True, False])
def test_a_large_result_arrives_whole_and_in_order(workspace_session: Workspace, cloud_fetch: bool) -> None:
    with workspace_session.connect(use_cloud_fetch=cloud_fetch) as connection, connection.cursor() as cursor:
        table = cursor.execute(MILLION).fetchall_arrow()
    assert table.num_rows == 1_000_000
    assert table.column("id").to_pylist() == list(range(1_000_000))
    assert table.column("name")[999_999].as_py() == "row 999999"


def test_a_large_result_may_be_read_in_parts(cursor: Cursor) -> None:
    cursor.execute(MILLION)
    assert [row.id for row in cursor.fetchmany(3)] == [0, 1, 2]
    assert cursor.fetchmany_arrow(500_000).num_rows == 500_000
    assert cursor.fetchone().id == 500_003


def test_text_for_complex_types_goes_through_links_too(workspace_session: Workspace) -> None:
    with (
        workspace_session.connect(_use_arrow_native_complex_types=False) as connection,
        connection.cursor() as cursor,
    ):
        statement = "SELECT id, ARRAY(id, id + 1) AS pair FROM range(200000) ORDER BY id"
        table = cursor.execute(statement).fetchall_arrow()
    assert table.num_rows == 200_000
    assert json.loads(table.column("pair")[199_999].as_py()) == [199_999, 200_000]


def test_links_need_no_token_and_die_with_the_operation(connection: Connection, cursor: Cursor) -> None:
    answer = execute(connection, MILLION, canReadArrowResult=True, canDownloadResult=True)
    page = fetch(connection, answer)
    assert page.resultSetMetadata.resultFormat == TSparkRowSetType.URL_BASED_SET
    link = page.results.resultLinks[0]
    with urllib.request.urlopen(link.fileLink) as response:
        table = pa.ipc.open_stream(response.read()).read_all()
    assert table.num_rows == link.rowCount
    assert link.startRowOffset == 0

    changed = link.fileLink.replace("/0?", "/1?")
    assert status_of(changed) == 403
    connection.session.backend.close_command(command(answer))
    assert status_of(link.fileLink) == 404


def test_an_error_in_the_middle_of_a_large_result_is_an_error(cursor: Cursor) -> None:
    statement = """
        SELECT id, repeat('x', 100) AS text, assert_true(id < 900000) AS checked FROM range(0, 1000000, 1, 1)
    """
    with pytest.raises(DatabaseError, match="SQLSTATE"):
        cursor.execute(statement).fetchall_arrow()


def read(page: TFetchResultsResp) -> pa.Table:
    """Return the rows of a page, whatever its form."""
    if page.results.columns is not None:
        values = [next(one for one in vars(column).values() if one) for column in page.results.columns]
        return pa.table({str(place): one.values for place, one in enumerate(values)})
    data = page.resultSetMetadata.arrowSchema
    for batch in page.results.arrowBatches:
        compressed = page.resultSetMetadata.lz4Compressed
        data += lz4.frame.decompress(batch.batch) if compressed else batch.batch
    return pa.ipc.open_stream(data).read_all()


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def command(answer: TExecuteStatementResp) -> CommandId:
    return CommandId.from_thrift_handle(answer.operationHandle)
