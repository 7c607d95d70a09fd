"""Results: their columns, and their rows page by page."""

from __future__ import annotations

import lz4.frame
import pyarrow as pa
from databricks.sql.thrift_api.TCLIService.ttypes import (
    TCacheLookupResult,
    TFetchOrientation,
    TFetchResultsReq,
    TFetchResultsResp,
    TGetResultSetMetadataReq,
    TGetResultSetMetadataResp,
    TRowSet,
    TSparkArrowBatch,
    TSparkArrowResultLink,
    TSparkRowSetType,
)

from lakestead.engine.arrow import Batch, decode, encode, schema_message
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call
from lakestead.workspace.results.arrow import batches
from lakestead.workspace.results.spool import Chunk, Spool
from lakestead.workspace.sql.statement import Result, Statement
from lakestead.workspace.thrift.handles import find_statement
from lakestead.workspace.thrift.reader import Reader
from lakestead.workspace.thrift.staging import with_link
from lakestead.workspace.thrift.status import OK
from lakestead.workspace.thrift.types import column, table_schema

# Links expire, so a client gets only as many at a time as it will soon have followed.
_LINKS_AT_A_TIME = 32
# A fetch waits this long for rows before it answers that there are none yet.
_WAIT_SECONDS = 5.0


def get_result_set_metadata(call: Call, request: TGetResultSetMetadataReq) -> TGetResultSetMetadataResp:
    """Describe the columns of a result; waits until they are known."""
    statement = find_statement(call, request.operationHandle)
    return metadata(call, statement)


def fetch_results(call: Call, request: TFetchResultsReq) -> TFetchResultsResp:
    """Give the next rows of a result, or links to them."""
    statement = find_statement(call, request.operationHandle)
    response = fetch(call, statement, request)
    if request.includeResultSetMetadata:
        response.resultSetMetadata = metadata(call, statement)
    return response


def result_of(call: Call, statement: Statement) -> Result:
    """Return a statement's result as soon as its form is known.

    Raises:
        ApiError: the statement's error when it failed or was cancelled.
    """
    statement.wait_result()
    result = statement.result
    if result is not None:
        result.spool.wait()
    if statement.error is not None:
        raise statement.error
    if result is None:
        raise _closed()
    return with_link(call, result)


def metadata(call: Call, statement: Statement) -> TGetResultSetMetadataResp:
    """Describe a result.

    Raises:
        ApiError: the statement's error when it failed or was cancelled.
    """
    result = result_of(call, statement)
    reader = call.workspace.thrift.of(statement)
    size = _first_size(result.spool)
    return TGetResultSetMetadataResp(
        status=OK,
        schema=table_schema(result.columns, reader.types),
        resultFormat=reader.form(size),
        lz4Compressed=reader.compressed(size),
        arrowSchema=schema_message(reader.types.schema(result)) if reader.arrow else None,
        cacheLookupResult=TCacheLookupResult.CACHE_INELIGIBLE,
        uncompressedBytes=result.spool.size,
        compressedBytes=result.spool.size,
        isStagingOperation=result.transfer is not None,
    )


def fetch(call: Call, statement: Statement, request: TFetchResultsReq) -> TFetchResultsResp:
    """Give the next rows.

    Raises:
        ApiError: the statement's error when it fails on the way.
    """
    result = result_of(call, statement)
    reader = call.workspace.thrift.of(statement)
    with reader.lock:
        _seek(reader, result.spool, request)
        if reader.form(_first_size(result.spool)) == TSparkRowSetType.URL_BASED_SET:
            return _links(call, statement, result, reader)
        try:
            return _inline(statement, result, reader, request)
        except FileNotFoundError:
            raise _closed() from None


def _closed() -> ApiError:
    return ApiError(ErrorCode.CANCELLED, "The operation was closed.")


def _first_size(spool: Spool) -> int:
    first = spool.chunks[:1]
    return first[0].size if first else 0


def _seek(reader: Reader, spool: Spool, request: TFetchResultsReq) -> None:
    """Set the reader to where the client wants to go on."""
    orientation = request.orientation or TFetchOrientation.FETCH_NEXT
    if orientation not in (TFetchOrientation.FETCH_NEXT, TFetchOrientation.FETCH_FIRST):
        name = TFetchOrientation._VALUES_TO_NAMES.get(orientation, orientation)
        raise ApiError(ErrorCode.NOT_IMPLEMENTED, f"Fetch orientation {name} is not supported.")
    row = 0 if orientation == TFetchOrientation.FETCH_FIRST else request.startRowOffset
    if row is None or row == reader.row:
        return
    known = spool.chunks
    if not 0 <= row <= spool.rows:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"Row {row} is not in the part of the result that is there."
        )
    reader.row = row
    reader.chunk = sum(chunk.row_offset + chunk.rows <= row for chunk in known)


def _next_chunk(statement: Statement, reader: Reader, spool: Spool) -> Chunk | None:
    """Return the next chunk, or None when there is none yet or any more."""
    try:
        return spool.chunk(reader.chunk, _WAIT_SECONDS)
    except ApiError:
        if statement.state.terminal:
            raise
        return None


def _links(call: Call, statement: Statement, result: Result, reader: Reader) -> TFetchResultsResp:
    spool = result.spool
    links = []
    if _next_chunk(statement, reader, spool) is not None:
        options = f"arrow:{reader.types.code}"
        for chunk in spool.chunks[reader.chunk : reader.chunk + _LINKS_AT_A_TIME]:
            link = call.workspace.result_links.issue(statement, chunk.index, options)
            links.append(
                TSparkArrowResultLink(
                    fileLink=link.url,
                    expiryTime=link.expires_at,
                    startRowOffset=chunk.row_offset,
                    rowCount=chunk.rows,
                    bytesNum=chunk.size,
                )
            )
            reader.chunk, reader.row = chunk.index + 1, chunk.row_offset + chunk.rows
    start = links[0].startRowOffset if links else reader.row
    rows = TRowSet(startRowOffset=start, rows=[], resultLinks=links)
    return TFetchResultsResp(status=OK, hasMoreRows=_more(reader, spool), results=rows)


def _inline(
    statement: Statement, result: Result, reader: Reader, request: TFetchResultsReq
) -> TFetchResultsResp:
    spool = result.spool
    start = reader.row
    chunk = _next_chunk(statement, reader, spool)
    rows = TRowSet(startRowOffset=start, rows=[])
    if chunk is None:
        rows.arrowBatches = [] if reader.arrow else None
        rows.columns = None if reader.arrow else _columns(result, None, 0, 0)
        return TFetchResultsResp(status=OK, hasMoreRows=_more(reader, spool), results=rows)
    offset = start - chunk.row_offset
    count = _page(chunk, chunk.rows - offset, request)
    if reader.arrow:
        batch = _slice(result, reader, chunk, offset, count)
        data = lz4.frame.compress(batch.data) if reader.compressed(_first_size(spool)) else batch.data
        rows.arrowBatches = [TSparkArrowBatch(batch=data, rowCount=batch.rows)]
    else:
        rows.columns = _columns(result, chunk, offset, count)
    reader.row += count
    if reader.row == chunk.row_offset + chunk.rows:
        reader.chunk += 1
    return TFetchResultsResp(status=OK, hasMoreRows=_more(reader, spool), results=rows)


def _page(chunk: Chunk, rows: int, request: TFetchResultsReq) -> int:
    """Return how many of the rows the client takes at once; always one at least."""
    if request.maxRows is not None and request.maxRows > 0:
        rows = min(rows, request.maxRows)
    if request.maxBytes is not None and 0 < request.maxBytes < chunk.size:
        rows = min(rows, chunk.rows * request.maxBytes // chunk.size)
    return max(rows, 1)


def _slice(result: Result, reader: Reader, chunk: Chunk, offset: int, count: int) -> Batch:
    batch = reader.types.batch(result, chunk)
    if count == chunk.rows:
        return batch
    schema = reader.types.schema(result)
    return encode(pa.Table.from_batches(decode(schema, batch), schema).slice(offset, count).combine_chunks())


def _columns(result: Result, chunk: Chunk | None, offset: int, count: int) -> list[object]:
    if chunk is None:
        return [column(pa.array([], pa.null()), one.type) for one in result.columns]
    whole = pa.Table.from_batches(batches(result, chunk)).slice(offset, count).combine_chunks()
    return [
        column(values.chunk(0), one.type) for values, one in zip(whole.columns, result.columns, strict=True)
    ]


def _more(reader: Reader, spool: Spool) -> bool:
    return not (spool.finished and reader.row >= spool.rows)
