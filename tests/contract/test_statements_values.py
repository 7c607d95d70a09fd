"""Values and schemas as the Statement Execution API writes them, seen by the SDK."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import requests
from databricks.sdk.service.sql import Disposition, Format, StatementResponse, StatementState

from lakestead.testing import Workspace

# (expression, the value as text)
VALUES = [
    ("true", "true"),
    ("cast(-128 as tinyint)", "-128"),
    ("cast(32767 as smallint)", "32767"),
    ("42", "42"),
    ("9223372036854775807", "9223372036854775807"),
    ("cast(1.50 as decimal(10,2))", "1.50"),
    ("cast('0.0000001' as decimal(10,7))", "0.0000001"),
    (
        "cast('12345678901234567890123456789012345678' as decimal(38,0))",
        "12345678901234567890123456789012345678",
    ),
    ("1.0D", "1.0"),
    ("12345678.5D", "1.23456785E7"),
    ("1.0E10D", "1.0E10"),
    ("1.0E-5D", "1.0E-5"),
    ("0.001D", "0.001"),
    ("cast('NaN' as double)", "NaN"),
    ("cast('-Infinity' as double)", "-Infinity"),
    ("cast(0.1 as float)", "0.1"),
    ("'it\\'s \"text\" \\\\ é\\n'", 'it\'s "text" \\ é\n'),
    ("''", ""),
    ("x'0aff'", "Cv8="),
    ("date'2024-02-29'", "2024-02-29"),
    ("timestamp'2024-05-01 12:00:00'", "2024-05-01T12:00:00.000Z"),
    ("timestamp'2024-05-01 12:00:00.123456'", "2024-05-01T12:00:00.123456Z"),
    ("timestamp_ntz'2024-05-01 12:00:00.5'", "2024-05-01T12:00:00.500"),
    ("array(1, null, 3)", '["1",null,"3"]'),
    ("cast(array() as array<int>)", "[]"),
    ("map('a', array(1.5D))", '{"a":["1.5"]}'),
    ("map(1, 'one', 2, 'two')", '{"1":"one","2":"two"}'),
    ("named_struct('a', 1, 'b c', 'x\"y', 'd', cast(null as int))", '{"a":"1","b c":"x\\"y","d":null}'),
    ("array(named_struct('t', timestamp'2024-05-01 12:00:00'))", '[{"t":"2024-05-01T12:00:00.000Z"}]'),
    ('parse_json(\'{"a": [1, null, "x"]}\')', '{"a":[1,null,"x"]}'),
]


def run(workspace: Workspace, statement: str, **options: Any) -> StatementResponse:
    api = workspace.client().statement_execution
    response = api.execute_statement(statement, workspace.warehouse_id, wait_timeout="50s", **options)
    assert response.status is not None
    assert response.status.state is StatementState.SUCCEEDED, response.status
    return response


def rows(response: StatementResponse) -> list[list[str]]:
    assert response.result is not None
    return response.result.data_array or []


def test_values_are_text_in_databricks_spelling(workspace_session: Workspace) -> None:
    expressions = ", ".join(f"{expression} AS c{place}" for place, (expression, _) in enumerate(VALUES))
    response = run(workspace_session, f"SELECT {expressions}")
    got = dict(zip([expression for expression, _ in VALUES], rows(response)[0], strict=True))
    assert got == dict(VALUES)


@pytest.mark.parametrize("expression", [expression for expression, _ in VALUES])
def test_null_is_null_whatever_its_type(workspace_session: Workspace, expression: str) -> None:
    response = run(workspace_session, f"SELECT if(id = 0, {expression}, null) FROM range(2) ORDER BY id")
    assert rows(response)[1] == [None]


def test_the_documented_example(workspace_session: Workspace) -> None:
    statement = "SELECT concat('id-', id) AS strCol, id AS intCol, null AS nullCol FROM range(3) ORDER BY id"
    response = run(workspace_session, statement)
    assert rows(response) == [["id-0", "0", None], ["id-1", "1", None], ["id-2", "2", None]]


def test_the_manifest_describes_the_columns(workspace_session: Workspace) -> None:
    response = run(
        workspace_session,
        "SELECT 1 AS i, cast(1 AS bigint) AS l, 1.25 AS d, array(1) AS a, 's' AS s",
    )
    assert response.manifest is not None
    assert response.manifest.schema is not None
    assert response.manifest.schema.column_count == 5
    assert [column.as_dict() for column in response.manifest.schema.columns or []] == [
        {"name": "i", "position": 0, "type_name": "INT", "type_text": "INT"},
        {"name": "l", "position": 1, "type_name": "LONG", "type_text": "BIGINT"},
        {
            "name": "d",
            "position": 2,
            "type_name": "DECIMAL",
            "type_text": "DECIMAL(3,2)",
            "type_precision": 3,
            "type_scale": 2,
        },
        {"name": "a", "position": 3, "type_name": "ARRAY", "type_text": "ARRAY<INT>"},
        {"name": "s", "position": 4, "type_name": "STRING", "type_text": "STRING"},
    ]


def test_columns_may_have_one_name(workspace_session: Workspace) -> None:
    assert rows(run(workspace_session, "SELECT 1 AS a, 'x' AS a")) == [["1", "x"]]


def test_an_empty_result_has_columns_and_no_chunk(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT id FROM range(0)")
    assert response.manifest is not None
    assert (response.manifest.total_row_count, response.manifest.total_chunk_count) == (0, 0)
    assert not response.manifest.chunks
    assert rows(response) == []


@pytest.mark.parametrize("form", [Format.JSON_ARRAY, Format.CSV])
def test_links_give_the_same_text_as_answers(workspace_session: Workspace, form: Format) -> None:
    expressions = ", ".join(f"{expression} AS `c,{place}`" for place, (expression, _) in enumerate(VALUES))
    response = run(
        workspace_session, f"SELECT {expressions}", disposition=Disposition.EXTERNAL_LINKS, format=form
    )
    assert response.result is not None
    assert response.result.external_links
    url = response.result.external_links[0].external_link
    assert url
    body = requests.get(url, timeout=30)
    body.raise_for_status()
    if form is Format.JSON_ARRAY:
        assert json.loads(body.text) == [[text for _, text in VALUES]]
        return
    names, values = csv.reader(io.StringIO(body.content.decode(), newline=""))
    assert names == [f"c,{place}" for place in range(len(VALUES))]
    assert values == [text for _, text in VALUES]


def test_csv_writes_null_as_null(workspace_session: Workspace) -> None:
    statement = "SELECT concat('id-', id) AS strCol, id AS intCol, null AS nullCol FROM range(2) ORDER BY id"
    response = run(workspace_session, statement, disposition=Disposition.EXTERNAL_LINKS, format=Format.CSV)
    assert response.result is not None
    assert response.result.external_links
    text = requests.get(response.result.external_links[0].external_link or "", timeout=30).text
    assert text.splitlines() == ["strCol,intCol,nullCol", "id-0,0,null", "id-1,1,null"]
