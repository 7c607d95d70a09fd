"""From a source to staged files: extracted, looked at, uploaded and deleted one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lakestead.ingest.loading.windows import Progress
from lakestead.ingest.sources.source import Cursor, Request, Source

Put = Callable[[Path, str], None]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an extraction gave.

    Attributes:
        files: names of the staged files.
        rejects: names of the staged files of what the source could not read as rows.
        rows: in all of the former.
        size: bytes of all of the former.
        cursor: how far the source was read; None if no row told.
    """

    files: tuple[str, ...]
    rejects: tuple[str, ...]
    rows: int
    size: int
    cursor: Cursor | None


def extract(
    source: Source,
    request: Request,
    put: Put,
    put_rejects: Put,
    watermark: str | None,
    advanced: Callable[[int, int], None],
) -> Extraction:
    """Extract rows and stage their files; a file is uploaded while the next is being written.

    Args:
        source: the source.
        request: what is wanted of it.
        put: stages a file under a name.
        put_rejects: stages a file of rejects.
        watermark: the watermark column as the source names it; None if there is none, or it is of the files.
        advanced: is told the rows and bytes of each file that is staged.

    Raises:
        SourceError: when the source fails.
    """
    progress = Progress(watermark)
    files: list[str] = []
    rejects: list[str] = []
    rows = size = 0

    def upload(stage: Put, path: Path, name: str) -> None:
        stage(path, name)
        path.unlink()

    with (
        tempfile.TemporaryDirectory(prefix="lakestead-ingest-") as folder,
        ThreadPoolExecutor(1, "upload") as uploader,
    ):
        pending: Future[None] | None = None
        for staged in source.extract(request, Path(folder)):
            stage, names = (put_rejects, rejects) if staged.rejected else (put, files)
            if not staged.rejected:
                progress.passed(staged)
                length = staged.path.stat().st_size if staged.rows else 0
                rows, size = rows + staged.rows, size + length
                advanced(staged.rows, length)
            if staged.rows:
                names.append(f"{len(names):05}.parquet")
                if pending is not None:
                    pending.result()
                pending = uploader.submit(upload, stage, staged.path, names[-1])
        if pending is not None:
            pending.result()
    return Extraction(tuple(files), tuple(rejects), rows, size, progress.cursor)
