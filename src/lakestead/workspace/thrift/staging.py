"""PUT, GET and REMOVE of files in volumes: the client carries them itself, by a link that is the result."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from lakestead.core.datatypes import STRING
from lakestead.engine.arrow import encode
from lakestead.workspace.files.links import file_link
from lakestead.workspace.http import Call
from lakestead.workspace.results.spool import Spool
from lakestead.workspace.sql.statement import Column, FileTransfer, Result

_METHODS = {"PUT": "PUT", "GET": "GET", "REMOVE": "DELETE"}


def with_link(call: Call, result: Result) -> Result:
    """Return a result as it is or, when the client has a file to carry, with the row that tells it how."""
    if result.transfer is None:
        return result
    row = _row(call, result.transfer)
    schema = pa.schema([(name, pa.string()) for name in row])
    spool = Spool(schema, call.workspace.storage.results / "staging")
    spool.write([encode(pa.Table.from_pylist([row], schema))])
    return replace(result, columns=tuple(Column(name, STRING) for name in row), spool=spool)


def _row(call: Call, transfer: FileTransfer) -> dict[str, str | None]:
    method = _METHODS[transfer.operation]
    return {
        "operation": transfer.operation,
        "presignedUrl": file_link(call, method, transfer.path, overwrite=transfer.overwrite),
        "headers": "{}",
        "localFile": transfer.local_file,
    }
