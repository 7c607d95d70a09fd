"""What the Statement Execution API answers."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from lakestead.core.datatypes import Decimal, Interval
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call
from lakestead.workspace.results.arrow import ArrowTypes
from lakestead.workspace.results.links import arrow_stream
from lakestead.workspace.results.rows import json_rows
from lakestead.workspace.results.spool import Chunk
from lakestead.workspace.sql.statement import Column, Result, State, Statement
from lakestead.workspace.statements.requests import Disposition, Format
from lakestead.workspace.thrift.staging import with_link

# Clients that take both get a result in the answer itself when it has one chunk of at most so many bytes.
_MAX_ATTACHMENT_BYTES = 5 * 1024 * 1024
_ARROW = ArrowTypes().code
_LINK_FORMS: dict[Format, str] = {"ARROW_STREAM": f"arrow:{_ARROW}", "JSON_ARRAY": "json", "CSV": "csv"}
# Codes that the API has for why a statement failed; all others are BAD_REQUEST.
_ERROR_CODES = {ErrorCode.INTERNAL: "INTERNAL_ERROR", ErrorCode.TIMED_OUT: "DEADLINE_EXCEEDED"}


@dataclass(frozen=True, slots=True)
class Submission:
    """A statement, and how its client wants the result.

    Attributes:
        statement: the statement.
        disposition: in the answer, or by links.
        format: how rows are written.
    """

    statement: Statement
    disposition: Disposition
    format: Format

    @property
    def inline(self) -> bool:
        """Whether the rows come in the answer."""
        return self.disposition == "INLINE"


def answer(call: Call, submission: Submission) -> Response:
    """Return how a statement stands, with the first chunk of its result when it has succeeded."""
    statement = submission.statement
    state, result = _outcome(call, statement)
    body: dict[str, Any] = {"statement_id": statement.id, "status": _status(statement, state)}
    if result is None:
        return _render(body)
    body["manifest"] = _manifest(submission, result)
    chunk = result.spool.chunk(0)
    if chunk is None:
        return _render({**body, "result": {}})
    content, rows = _chunk(call, submission, result, chunk)
    return _render({**body, "result": content}, rows)


def chunk_answer(call: Call, submission: Submission, index: int) -> Response:
    """Return one chunk of a result.

    Raises:
        ApiError: INVALID_STATE unless the statement has succeeded and is not closed; INVALID_REQUEST when
            there is no such chunk.
    """
    statement = submission.statement
    state, result = _outcome(call, statement)
    if result is None:
        raise ApiError(
            ErrorCode.INVALID_STATE, f"The statement {statement.id} is {state}: only SUCCEEDED has a result."
        )
    chunk = result.spool.chunk(index) if index >= 0 else None
    if chunk is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"The result of {statement.id} has no chunk {index}.")
    content, rows = _chunk(call, submission, result, chunk)
    return _render(content, rows)


def _outcome(call: Call, statement: Statement) -> tuple[State, Result | None]:
    """Return where a statement stands, and its result once all of it is there."""
    state, result = statement.state, statement.result
    return state, with_link(call, result) if state is State.SUCCEEDED and result is not None else None


def _status(statement: Statement, state: State) -> dict[str, Any]:
    error = statement.error
    if error is None or state not in (State.FAILED, State.CANCELED):
        return {"state": state}
    code = _ERROR_CODES.get(error.code, "BAD_REQUEST") if state is State.FAILED else "CANCELLED"
    return {
        "state": state,
        "error": {"error_code": code, "message": error.sql_message},
        "sql_state": error.code.sqlstate,
    }


def _manifest(submission: Submission, result: Result) -> dict[str, Any]:
    schema: dict[str, Any] = {"column_count": len(result.columns)}
    if result.columns:
        schema["columns"] = [_column(column, position) for position, column in enumerate(result.columns)]
    chunks = result.spool.chunks
    manifest: dict[str, Any] = {
        "format": submission.format,
        "schema": schema,
        "total_chunk_count": len(chunks),
        "total_row_count": result.spool.rows,
        "truncated": submission.statement.truncated,
    }
    if chunks:
        manifest["chunks"] = [_place(submission, chunk) for chunk in chunks]
    if not submission.inline:
        manifest["total_byte_count"] = result.spool.size
    if submission.format == "ARROW_STREAM":
        manifest["result_compression"] = "NONE"
    if result.transfer is not None:
        manifest["is_volume_operation"] = True
    return manifest


def _column(column: Column, position: int) -> dict[str, Any]:
    kind = column.type
    described: dict[str, Any] = {
        "name": column.name,
        "type_text": kind.sql,
        "type_name": kind.uc_name,
        "position": position,
    }
    if isinstance(kind, Decimal):
        described |= {"type_precision": kind.precision, "type_scale": kind.scale}
    if isinstance(kind, Interval):
        described["type_interval_type"] = kind.sql.removeprefix("INTERVAL ")
    return described


def _place(submission: Submission, chunk: Chunk) -> dict[str, Any]:
    place = {"chunk_index": chunk.index, "row_offset": chunk.row_offset, "row_count": chunk.rows}
    return place if submission.inline else {**place, "byte_count": chunk.size}


def _chunk(
    call: Call, submission: Submission, result: Result, chunk: Chunk
) -> tuple[dict[str, Any], bytes | None]:
    """Return a chunk as the API describes it, and its rows when they come inline."""
    statement = submission.statement
    place = _place(submission, chunk)
    following = chunk.index + 1
    if following < len(result.spool.chunks):
        place["next_chunk_index"] = following
        place["next_chunk_internal_link"] = (
            f"/api/2.0/sql/statements/{statement.id}/result/chunks/{following}"
            f"?row_offset={chunk.row_offset + chunk.rows}"
        )
    if submission.inline:
        return place, json_rows(result, chunk)
    if _is_attached(submission, result):
        if submission.format == "JSON_ARRAY":
            return place, json_rows(result, chunk)
        data = arrow_stream(result, chunk, _ARROW)
        return {**place, "attachment": base64.b64encode(data).decode()}, None
    link = call.workspace.result_links.issue(statement, chunk.index, _LINK_FORMS[submission.format])
    expiration = datetime.fromtimestamp(link.expires_at / 1000, UTC)
    text = expiration.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"external_links": [{**place, "external_link": link.url, "expiration": text}]}, None


def _is_attached(submission: Submission, result: Result) -> bool:
    """Return whether the whole result comes in the answer although its client takes links."""
    if result.transfer is not None:
        return True
    hybrid = submission.disposition == "INLINE_OR_EXTERNAL_LINKS"
    return hybrid and len(result.spool.chunks) == 1 and result.spool.size <= _MAX_ATTACHMENT_BYTES


def _render(body: dict[str, Any], rows: bytes | None = None) -> Response:
    """Return a body as JSON; rows, which are JSON already, go to the end of its ``result``, or of itself."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    if rows is None:
        return Response(text, media_type="application/json")
    depth = 2 if "result" in body else 1
    content = text[:-depth].encode() + b',"data_array":' + rows + b"}" * depth
    return Response(content, media_type="application/json")
