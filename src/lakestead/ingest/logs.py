"""Log files: one for each source and run, one of errors for each source and day; no secret in any."""

from __future__ import annotations

import contextvars
import datetime as dt
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakestead.ingest.secrets import Redactor
from lakestead.ingest.secrets.redaction import RedactingFilter

ROOT = "lakestead.ingest"
_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_part: contextvars.ContextVar[str] = contextvars.ContextVar("part", default="ingest")


@contextmanager
def about(part: str) -> Iterator[None]:
    """Have what is logged meanwhile, by this thread, go to the files of a source or destination."""
    token = _part.set(part)
    try:
        yield
    finally:
        _part.reset(token)


class LogFiles(logging.Handler):
    """Writes what `lakestead.ingest` logs to files, as `about` says which.

    Args:
        folder: gets `{part}_{YYYYMMDD_HHMMSS}.log` and `errors/{part}_errors_{YYYYMMDD}.log`.
        started: when the run began, UTC.
        redactor: masks secrets.
    """

    def __init__(self, folder: Path, started: dt.datetime, redactor: Redactor) -> None:
        super().__init__()
        self._folder = folder
        self._started = started
        self._files: dict[str, tuple[logging.Handler, logging.Handler]] = {}
        self._opening = threading.Lock()
        self.addFilter(RedactingFilter(redactor))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        every, errors = self._of(_part.get())
        every.emit(record)
        if record.levelno >= logging.ERROR:
            errors.emit(record)

    def close(self) -> None:
        """Close all files."""
        for handlers in self._files.values():
            for handler in handlers:
                handler.close()
        super().close()

    def _of(self, part: str) -> tuple[logging.Handler, logging.Handler]:
        name = re.sub(r"[^\w.-]", "_", part)
        with self._opening:
            if name not in self._files:
                (self._folder / "errors").mkdir(parents=True, exist_ok=True)
                paths = (
                    self._folder / f"{name}_{self._started:%Y%m%d_%H%M%S}.log",
                    self._folder / "errors" / f"{name}_errors_{self._started:%Y%m%d}.log",
                )
                every, errors = (logging.FileHandler(path, delay=True, encoding="utf-8") for path in paths)
                for handler in (every, errors):
                    handler.setFormatter(logging.Formatter(_FORMAT))
                self._files[name] = (every, errors)
            return self._files[name]


@contextmanager
def log_files(folder: Path, started: dt.datetime, redactor: Redactor) -> Iterator[None]:
    """Write what `lakestead.ingest` logs to files meanwhile; see `LogFiles`."""
    logger = logging.getLogger(ROOT)
    handler = LogFiles(folder, started, redactor)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if level == logging.NOTSET else min(level, logging.INFO))
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()
