"""Links under which clients download the chunks of large results, as they would from cloud storage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from starlette.responses import Response

from lakestead.engine.arrow import END_OF_STREAM, schema_message
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.results.arrow import ArrowTypes
from lakestead.workspace.results.rows import csv_rows, json_rows
from lakestead.workspace.results.spool import Chunk
from lakestead.workspace.signing import LIFETIME_MS, Signer
from lakestead.workspace.sql.statement import Result, State, Statement
from lakestead.workspace.store.base import now_ms


@dataclass(frozen=True, slots=True)
class Format:
    """How a chunk is written.

    Attributes:
        media_type: of the body.
        render: returns the body of a chunk; its last argument is what the link gives after the format's name.
    """

    media_type: str
    render: Callable[[Result, Chunk, str], bytes]


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


# A link names its format, with options after a colon if it has any.
FORMATS: dict[str, Format] = {
    "arrow": Format("application/vnd.apache.arrow.stream", arrow_stream),
    "json": Format("application/json", lambda result, chunk, _: json_rows(result, chunk)),
    "csv": Format("text/csv", lambda result, chunk, _: csv_rows(result, chunk)),
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
    written = FORMATS[name]
    try:
        return Response(written.render(result, chunk, options), media_type=written.media_type)
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
