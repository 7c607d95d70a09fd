"""Which files are new: by the time they were written, by their names, or by the date of their folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from lakestead.core.errors import ConfigError, SourceError
from lakestead.ingest.sources.source import Cursor, Window

from .found import Found

MODIFIED, NAME, FOLDER_DATE = "_file_modified", "_file_name", "_folder_date"
"""The columns that a window over files may have."""

# What a letter of strptime stands for in a path.
_LETTERS = {"%Y": r"(?P<Y>\d{4})", "%m": r"(?P<m>\d{1,2})", "%d": r"(?P<d>\d{1,2})", "%H": r"(?P<H>\d{1,2})"}
_USUAL = (
    r"(?:^|/)(?:[^/=]+=)?(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})/",
    r"(?:^|/)(?:year=|y=)?(?P<Y>\d{4})/(?:month=|m=)?(?P<m>\d{1,2})/(?:day=|d=)?(?P<d>\d{1,2})/",
    r"(?:^|/)(?:[^/=]+=)?(?P<Y>\d{4})(?P<m>\d{2})(?P<d>\d{2})/",
)
_LETTER = re.compile(r"(%[A-Za-z])")


@dataclass(frozen=True)
class Order:
    """An order of files in which new ones come last.

    Attributes:
        column: the window's column that it goes by.
        position: a file's place in the order.
        read: turns a bound of a window into such a place.
    """

    column: str
    position: Callable[[Found], Any]
    read: Callable[[Any], Any]

    def sorted(self, files: Iterable[Found]) -> list[Found]:
        """Return files in this order."""
        return sorted(files, key=lambda file: (self.position(file), file.url))

    def within(self, files: Iterable[Found], window: Window | None) -> list[Found]:
        """Return the files of a window, in order."""
        if window is None or window.column != self.column:
            return self.sorted(files)
        lower, upper = self.read(window.lower), self.read(window.upper)
        seen = set(window.seen)
        return self.sorted(
            file
            for file in files
            if file.url not in seen
            and (lower is None or self.position(file) >= lower)
            and (upper is None or self.position(file) < upper)
        )

    def cursor(self, done: Sequence[Found], known: Iterable[Found], window: Window | None) -> Cursor | None:
        """Return the cursor after some files.

        Args:
            done: the files that were read by now, in order.
            known: all files that are there.
            window: what they were read by; its `seen` files stay seen as far as its lag reaches.
        """
        if window is None or window.column != self.column or not done:
            return None
        names = {file.url for file in done} | set(window.seen)
        read = [file for file in self.sorted(known) if file.url in names]
        value = self.position(read[-1])
        if window.lower is not None:
            value = max(value, self.read(window.lower))
        reach = value - self._lag(window.lag) if window.lag is not None else value
        return Cursor(value, tuple(file.url for file in read if self.position(file) >= reach))

    def _lag(self, lag: Any) -> timedelta:
        if self.column == NAME or not isinstance(lag, timedelta):
            raise ConfigError(
                "lag: files that go by their times or dates have a lag such as '2 days'; names none"
            )
        return lag


def order(column: str | None, folder_date: str | None) -> Order:
    """Return the order of a window's column; by time if it is none of files."""
    if column == NAME:
        return Order(NAME, lambda file: file.url, lambda bound: bound)
    if column == FOLDER_DATE:
        patterns = [_pattern(folder_date)] if folder_date else [re.compile(text) for text in _USUAL]
        hours = folder_date is not None and "%H" in folder_date
        return Order(FOLDER_DATE, lambda file: _folder_date(file, patterns), _time if hours else _day)
    return Order(MODIFIED, lambda file: file.entry.modified, _time)


def _pattern(text: str) -> re.Pattern[str]:
    unknown = [part for part in _LETTER.findall(text) if part not in _LETTERS]
    if unknown or "%Y" not in text:
        raise ConfigError(f"folder_date: '{text}' needs %Y and may have %m, %d and %H, as in 'dt=%Y-%m-%d'")
    parts = [_LETTERS.get(part) or re.escape(part) for part in _LETTER.split(text)]
    return re.compile("".join(parts))


def _folder_date(file: Found, patterns: Sequence[re.Pattern[str]]) -> date:
    for pattern in patterns:
        found = pattern.search(file.url)
        if found is None:
            continue
        parts = {name: int(value) for name, value in found.groupdict().items()}
        try:
            day = date(parts["Y"], parts.get("m", 1), parts.get("d", 1))
        except ValueError:
            continue
        return datetime(day.year, day.month, day.day, parts["H"], tzinfo=UTC) if "H" in parts else day
    raise SourceError(
        f"{file.url}: no date in the path; say how it is written, as in folder_date: 'dt=%Y-%m-%d'"
    )


def _day(bound: Any) -> Any:
    bound = datetime.fromisoformat(bound) if isinstance(bound, str) else bound
    return bound.date() if isinstance(bound, datetime) else bound


def _time(bound: Any) -> Any:
    if isinstance(bound, str):
        bound = datetime.fromisoformat(bound)
    elif isinstance(bound, date) and not isinstance(bound, datetime):
        bound = datetime.combine(bound, time())
    return bound.replace(tzinfo=UTC) if isinstance(bound, datetime) and bound.tzinfo is None else bound
