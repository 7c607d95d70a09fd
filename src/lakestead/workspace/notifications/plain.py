"""HTML as plain text, for those who show no HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Elements that begin and end a line, and those whose content nobody reads.
_LINES = frozenset({"p", "div", "ul", "ol", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
_SILENT = frozenset({"script", "style"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._silent = 0
        self._cells = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        self._silent += tag in _SILENT
        if tag in _LINES or tag == "br":
            self._end_line(always=tag == "br")
        if tag == "li":
            self.text += "- "
        elif tag == "tr":
            self._cells = 0
        elif tag in ("td", "th"):
            self.text += " | " if self._cells else ""
            self._cells += 1

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag in _LINES:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data

    def _end_line(self, *, always: bool = False) -> None:
        if always or (self.text and not self.text.endswith("\n")):
            self.text += "\n"


def plain(html: str) -> str:
    """Return what HTML says, line by line; text without any element stays as it is."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", reader.text).strip()
