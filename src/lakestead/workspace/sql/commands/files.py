"""PUT, GET, REMOVE and LIST on volumes; the client itself carries the bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from lakestead.engine.arrow import stream
from lakestead.workspace.access import Access
from lakestead.workspace.files import paths, service
from lakestead.workspace.files.service import Entry, VolumePath
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.statement import FileTransfer


def put(ctx: Context, command: ast.PutFile) -> Outcome:
    """Let the client carry a file into a volume."""
    return _carried(FileTransfer("PUT", command.local, _at(ctx, command.remote).name, command.overwrite))


def get(ctx: Context, command: ast.GetFile) -> Outcome:
    """Let the client carry a file out of a volume.

    Raises:
        ApiError: FILE_NOT_FOUND.
    """
    at = _at(ctx, command.remote)
    at.place.status()
    return _carried(FileTransfer("GET", command.local, at.name))


def remove(ctx: Context, command: ast.RemoveFile) -> Outcome:
    """Let the client delete a file, or an empty folder, of a volume.

    Raises:
        ApiError: FILE_NOT_FOUND.
    """
    at = _at(ctx, command.remote)
    at.place.status()
    return _carried(FileTransfer("REMOVE", None, at.name))


def list_files(ctx: Context, command: ast.ListFiles) -> Outcome:
    """Carry out LIST.

    Raises:
        ApiError: FILE_NOT_FOUND.
    """
    at = _at(ctx, command.remote)
    found: list[tuple[str, str, int, int]] = []
    for entry in _entries(ctx, at, command.recursive):
        if command.limit is not None and len(found) == command.limit:
            break
        ending = "/" if entry.is_directory else ""
        found.append((entry.path + ending, entry.name + ending, entry.size, entry.modified))
    columns = [("path", "string"), ("name", "string"), ("size", "bigint"), ("modification_time", "bigint")]
    return rows(columns, found)


def _entries(ctx: Context, at: VolumePath, recursive: bool) -> Iterator[Entry]:
    found = at.place.status()
    if not found.is_directory:
        yield found
        return
    for entry in at.place.entries(at.place.names()):
        if entry.is_directory and recursive:
            yield from _entries(ctx, _at(ctx, entry.path), recursive)
        else:
            yield entry


def _at(ctx: Context, path: str) -> VolumePath:
    with ctx.store.read() as tx:
        return service.resolve(tx, ctx.storage, path)


def _carried(transfer: FileTransfer) -> Outcome:
    nothing = stream(pa.table({}))
    return Outcome((), nothing, is_query=False, transfer=transfer)


def _reads(_ctx: Context, command: ast.GetFile | ast.ListFiles) -> Iterable[Access]:
    return [paths.read_access(command.remote)]


def _writes(_ctx: Context, command: ast.PutFile | ast.RemoveFile) -> Iterable[Access]:
    return [paths.write_access(command.remote)]


VERBS: dict[type, Verb] = {
    ast.PutFile: Verb(_writes, put, "PUT"),
    ast.GetFile: Verb(_reads, get, "GET"),
    ast.RemoveFile: Verb(_writes, remove, "REMOVE"),
    ast.ListFiles: Verb(_reads, list_files, "LIST"),
}
