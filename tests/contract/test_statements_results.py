"""Limits, chunks, links and formats of results by the Statement Execution API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import requests
from databricks.sdk.errors import InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.sql import Disposition, ExternalLink, Format, StatementResponse, StatementState

from lakestead.testing import Workspace

# Some megabytes: more than one chunk, and less than may come in an answer.
LARGE = "SELECT id, repeat('x', 100) AS filler FROM range(60000) ORDER BY id"
EXTERNAL = Disposition.EXTERNAL_LINKS


def run(workspace: Workspace, statement: str, **options: Any) -> StatementResponse:
    api = workspace.client().statement_execution
    return api.execute_statement(statement, workspace.warehouse_id, wait_timeout="50s", **options)


def links(workspace: Workspace, response: StatementResponse) -> Iterator[ExternalLink]:
    """Follow the links of a result from chunk to chunk."""
    api = workspace.client().statement_execution
    assert response.statement_id
    result = response.result
    while result is not None and result.external_links:
        (link,) = result.external_links
        yield link
        following = link.next_chunk_index
        result = (
            None if following is None else api.get_statement_result_chunk_n(response.statement_id, following)
        )


def download(link: ExternalLink) -> bytes:
    assert link.external_link
    response = requests.get(link.external_link, timeout=30)
    response.raise_for_status()
    return response.content


def test_a_large_result_comes_in_chunks(workspace_session: Workspace) -> None:
    response = run(workspace_session, LARGE)
    assert response.manifest is not None
    assert response.manifest.chunks is not None
    assert len(response.manifest.chunks) == response.manifest.total_chunk_count > 1  # type: ignore[operator]
    api = workspace_session.client().statement_execution
    ids, result = [], response.result
    while result is not None:
        assert result.row_offset == len(ids)
        ids += [int(row[0]) for row in result.data_array or []]
        if result.next_chunk_index is None:
            break
        assert result.next_chunk_internal_link == (
            f"/api/2.0/sql/statements/{response.statement_id}/result/chunks/{result.next_chunk_index}"
            f"?row_offset={len(ids)}"
        )
        result = api.get_statement_result_chunk_n(response.statement_id or "", result.next_chunk_index)
    assert ids == list(range(60000))


def test_the_internal_link_leads_to_the_next_chunk(workspace_session: Workspace) -> None:
    response = run(workspace_session, LARGE)
    assert response.result is not None
    link = response.result.next_chunk_internal_link
    answer = workspace_session.client().api_client.do("GET", link)
    assert answer["chunk_index"] == 1


def test_arrow_streams_by_links(workspace_session: Workspace) -> None:
    response = run(workspace_session, LARGE, disposition=EXTERNAL, format=Format.ARROW_STREAM)
    assert response.manifest is not None
    assert response.manifest.format is Format.ARROW_STREAM
    tables = []
    for link in links(workspace_session, response):
        table = pa.ipc.open_stream(download(link)).read_all()
        assert table.num_rows == link.row_count
        tables.append(table)
    assert len(tables) == response.manifest.total_chunk_count
    whole = pa.concat_tables(tables)
    assert whole["id"].to_pylist() == list(range(60000))
    assert whole.num_rows == response.manifest.total_row_count


def test_json_and_csv_by_links(workspace_session: Workspace) -> None:
    expected = [str(number) for number in range(60000)]
    response = run(workspace_session, LARGE, disposition=EXTERNAL, format=Format.JSON_ARRAY)
    parts = [json.loads(download(link)) for link in links(workspace_session, response)]
    assert len(parts) > 1
    assert [row[0] for part in parts for row in part] == expected
    response = run(workspace_session, LARGE, disposition=EXTERNAL, format=Format.CSV)
    lines = b"".join(download(link) for link in links(workspace_session, response)).decode().splitlines()
    assert lines[0] == "id,filler"
    assert [line.split(",")[0] for line in lines[1:]] == expected


def test_links_say_when_they_expire(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT 1", disposition=EXTERNAL)
    (link,) = links(workspace_session, response)
    assert link.expiration
    assert link.expiration.endswith("Z")


def test_a_changed_link_is_refused(workspace_session: Workspace) -> None:
    response = run(workspace_session, LARGE, disposition=EXTERNAL)
    first = next(links(workspace_session, response)).external_link or ""
    assert requests.get(first.replace("/0?", "/1?"), timeout=30).status_code == 403
    assert requests.get(first.split("?", maxsplit=1)[0], timeout=30).status_code == 403


def test_a_row_limit_cuts_and_says_so(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT id FROM range(10) ORDER BY id", row_limit=3)
    assert response.manifest is not None
    assert response.manifest.truncated is True
    assert response.result is not None
    assert response.result.data_array == [["0"], ["1"], ["2"]]


def test_a_row_limit_that_cuts_nothing_says_so(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT id FROM range(3)", row_limit=3)
    assert response.manifest is not None
    assert response.manifest.truncated is not True
    assert response.manifest.total_row_count == 3


def test_a_byte_limit_cuts_and_says_so(workspace_session: Workspace) -> None:
    response = run(workspace_session, LARGE, byte_limit=1_000_000)
    assert response.manifest is not None
    assert response.manifest.truncated is True
    assert 0 < (response.manifest.total_row_count or 0) < 60000


def test_what_is_too_large_for_an_answer_fails(workspace_session: Workspace) -> None:
    response = run(workspace_session, "SELECT repeat('x', 1000) FROM range(40000)")
    assert response.status is not None
    assert response.status.state is StatementState.FAILED
    assert response.status.error is not None
    assert response.status.error.message is not None
    assert "Inline byte limit exceeded" in response.status.error.message
    assert "26214400 bytes" in response.status.error.message


@pytest.mark.parametrize("form", [Format.CSV, Format.ARROW_STREAM])
def test_answers_are_json(workspace_session: Workspace, form: Format) -> None:
    with pytest.raises(InvalidParameterValue, match=f"format={form.value} needs disposition=EXTERNAL_LINKS"):
        run(workspace_session, "SELECT 1", disposition=Disposition.INLINE, format=form)


@pytest.mark.parametrize("index", ["1", "-1", "99999999999"])
def test_a_chunk_that_is_not_there(workspace_session: Workspace, index: str) -> None:
    response = run(workspace_session, "SELECT 1")
    with pytest.raises(InvalidParameterValue, match="has no chunk"):
        workspace_session.client().statement_execution.get_statement_result_chunk_n(
            response.statement_id or "", int(index)
        )


def test_a_closed_statement_has_no_chunks_and_its_links_are_dead(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    response = run(workspace_session, LARGE, disposition=EXTERNAL)
    url = next(links(workspace_session, response)).external_link or ""
    client.api_client.do("DELETE", f"/api/2.0/sql/statements/{response.statement_id}")
    closed = client.statement_execution.get_statement(response.statement_id or "")
    assert closed.status is not None
    assert closed.status.state is StatementState.CLOSED
    with pytest.raises(Exception, match="is CLOSED"):
        client.statement_execution.get_statement_result_chunk_n(response.statement_id or "", 0)
    assert requests.get(url, timeout=30).status_code == 404


def test_links_are_not_for_the_token_holder_alone(workspace_session: Workspace) -> None:
    """As cloud storage does, the link refuses nothing but what it was not made for."""
    response = run(workspace_session, "SELECT 1", disposition=EXTERNAL)
    (link,) = links(workspace_session, response)
    assert json.loads(download(link)) == [["1"]]
    with pytest.raises((NotFound, PermissionDenied)):
        workspace_session.client().api_client.do("GET", "/results/nothing/0")
