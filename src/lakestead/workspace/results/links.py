"""Links under which clients download the chunks of large results, as they would from cloud storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from weakref import WeakValueDictionary

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from lakestead.engine.arrow import END_OF_STREAM, schema_message
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.results.arrow import ArrowTypes
from lakestead.workspace.results.rows import csv_rows, json_rows
from lakestead.workspace.results.spool import Chunk
from lakestead.workspace.signing import LIFETIME_MS, Signer
from lakestead.workspace.sql.statement import Result, State, Statement
from lakestead.workspace.store.base import now_ms

_ARROW = "application/vnd.apache.arrow.stream"
_PART_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Link:
    """A link to one chunk.

    Attributes:
        url: where it is; needs no token.
        expires_at: milliseconds since the epoch.
    """

    url: str
    expires_at: int


def arrow_stream(result: Result, chunk: Chunk, options: str) -> bytes:
    """Return a chunk as a whole Arrow IPC stream; the options are the code of :class:`ArrowTypes`."""
    types = ArrowTypes.of_code(options)
    parts = (schema_message(types.schema(result)), types.batch(result, chunk).data, END_OF_STREAM)
    return b"".join(parts)


class _PassedOn(StreamingResponse):
    """A chunk as it is stored, in parts: many downloads at a time take little memory.

    Its file is closed even when nobody reads the answer.
    """

    def __init__(self, opening: bytes, messages: BinaryIO, size: int) -> None:
        headers = {"content-length": str(len(opening) + size + len(END_OF_STREAM))}
        super().__init__(_parts(opening, messages), headers=headers, media_type=_ARROW)
        self._messages = messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._messages.close()


def _parts(opening: bytes, messages: BinaryIO) -> Iterator[bytes]:
    yield opening
    while part := messages.read(_PART_BYTES):
        yield part
    yield END_OF_STREAM


def _arrow(result: Result, chunk: Chunk, options: str) -> Response:
    types = ArrowTypes.of_code(options)
    if types.passes(result):
        return _PassedOn(schema_message(types.schema(result)), chunk.open(), chunk.size)
    return Response(arrow_stream(result, chunk, options), media_type=_ARROW)


# A link names its format, with options after a colon if it has any.
FORMATS: dict[str, Callable[[Result, Chunk, str], Response]] = {
    "arrow": _arrow,
    "json": lambda result, chunk, _: Response(json_rows(result, chunk), media_type="application/json"),
    "csv": lambda result, chunk, _: Response(csv_rows(result, chunk), media_type="text/csv"),
}


class ResultLinks:
    """Makes links to chunks, and finds what they lead to; a link dies with its statement.

    Args:
        url: where the workspace is served.
        signer: signs the links.
    """

    def __init__(self, url: str, signer: Signer) -> None:
        self._url = url
        self._signer = signer
        self._statements: WeakValueDictionary[str, Statement] = WeakValueDictionary()

    def issue(self, statement: Statement, index: int, form: str = "arrow") -> Link:
        """Return a link to a chunk of a statement's result.

        Args:
            statement: whose result.
            index: number of the chunk.
            form: a key of :data:`FORMATS`, with its options after a colon.
        """
        self._statements[statement.id] = statement
        expires_at = now_ms() + LIFETIME_MS
        path = self._signer.sign("GET", f"/results/{statement.id}/{index}", {"format": form}, expires_at)
        return Link(self._url + path, expires_at)

    def find(self, statement_id: str, index: int) -> tuple[Result, Chunk]:
        """Return the chunk of a link.

        Raises:
            ApiError: NOT_FOUND when the statement was closed or its result has no such chunk; the statement's
                error when it failed on the way.
        """
        statement = self._statements.get(statement_id)
        result = None if statement is None or statement.state is State.CLOSED else statement.result
        chunk = None if result is None else result.spool.chunk(index)
        if result is None or chunk is None:
            raise ApiError(ErrorCode.NOT_FOUND, f"Chunk {index} of statement {statement_id} is not there.")
        return result, chunk


def serve(call: Call) -> Response:
    """Answer with the chunk of a link."""
    call.workspace.signer.check("GET", call.request.scope["path"], call.query)
    result, chunk = call.workspace.result_links.find(call.path["statement_id"], int(call.path["index"]))
    name, _, options = call.query["format"].partition(":")
    try:
        return FORMATS[name](result, chunk, options)
    except FileNotFoundError:
        # The statement was closed while its chunk was on the way.
        raise ApiError(ErrorCode.NOT_FOUND, "The statement was closed.") from None


ROUTES = [
    Route(
        "GET",
        "/results/{statement_id}/{index:int}",
        serve,
        witness="databricks-sql-connector: fetchall",
        public=True,
    )
]
