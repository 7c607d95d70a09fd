"""The audit log: one line of JSON for each operation, in one file a day, kept for as long as was said."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from lakestead.telemetry.operations import Operation

_FILE = re.compile(r"audit-(\d{4}-\d\d-\d\d)\.jsonl\Z")

logger = logging.getLogger("lakestead.telemetry")


class AuditLog:
    """Writes operations down. Many threads and processes may write.

    Every line is appended at once, in one piece. Days are those of UTC.

    Args:
        folder: where the files are; made if it is not there.
        days: how long they are kept; None for ever.
    """

    def __init__(self, folder: Path, days: int | None) -> None:
        self._folder = folder
        self._days = days
        self._writing = threading.Lock()
        self._day: dt.date | None = None
        self._file: IO[bytes] | None = None

    def write(self, operation: Operation, now: int) -> None:
        """Append an operation.

        Args:
            operation: has ended.
            now: nanoseconds since 1970.
        """
        at = dt.datetime.fromtimestamp(now / 1e9, dt.UTC)
        record = {
            "time": at.isoformat(timespec="microseconds"),
            "name": operation.name,
            "seconds": operation.seconds,
            "trace_id": operation.trace_id,
            "span_id": operation.span_id,
            "attributes": operation.attributes,
        }
        line = json.dumps(record, ensure_ascii=False, default=str).encode() + b"\n"
        with self._writing:
            self._today(at.date()).write(line)

    def close(self) -> None:
        """Close the file."""
        with self._writing:
            if self._file is not None:
                self._file.close()
            self._file = self._day = None

    def _today(self, day: dt.date) -> IO[bytes]:
        if self._file is None or day != self._day:
            if self._file is not None:
                self._file.close()
            self._folder.mkdir(parents=True, exist_ok=True)
            # Unbuffered and appending: lines of several processes do not mix.
            self._file = (self._folder / f"audit-{day}.jsonl").open("ab", buffering=0)
            self._day = day
            self._forget(day)
        return self._file

    def _forget(self, today: dt.date) -> None:
        """Delete what has been kept for long enough."""
        if self._days is None:
            return
        oldest = today - dt.timedelta(days=self._days)
        for path in self._folder.iterdir():
            found = _FILE.match(path.name)
            if found and dt.date.fromisoformat(found.group(1)) < oldest:
                path.unlink(missing_ok=True)
                logger.info("deleted %s: it was kept for %d days", path.name, self._days)
