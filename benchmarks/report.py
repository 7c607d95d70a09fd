"""Results as a table in the terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.harness import Figure, Group
from benchmarks.machine import machine, versions

_START, _END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
_TITLE = re.compile(r"\| \*\*(.+)\*\* \| \| \| \|")
_HEADINGS = ("", "Measured", "Beside the first", "Goal")


def show(groups: Sequence[Group], console: Console) -> None:
    """Print results."""
    for group in groups:
        table = Table(title=group.title, title_justify="left", title_style="bold")
        for heading in _HEADINGS:
            table.add_column(heading, justify="left" if not heading else "right")
        for cells in _lines(group):
            table.add_row(*cells)
        console.print(table)


def markdown(groups: Sequence[Group]) -> str:
    """Return results as one Markdown table, with the machine below."""
    return _document({group.title: _rows(group) for group in groups})


def _rows(group: Group) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in _lines(group)]


def _document(groups: Mapping[str, Sequence[str]]) -> str:
    lines = [f"| {' | '.join(_HEADINGS)} |", "|---|--:|--:|--:|"]
    for title, rows in groups.items():
        lines += [f"| **{title}** | | | |", *rows]
    packages = ", ".join(f"{name} {number}" for name, number in versions().items())
    return "\n".join([*lines, "", f"{machine()}; {packages}."])


def save(groups: Sequence[Group], file: Path, *, quick: bool) -> None:
    """Write results as JSON."""
    content = {
        "machine": machine(),
        "versions": versions(),
        "quick": quick,
        "groups": [{**asdict(group), "met": [figure.met for figure in group.figures]} for group in groups],
    }
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def update(document: Path, groups: Sequence[Group]) -> None:
    """Put results between the markers of a document; what it has of others stays.

    Raises:
        ValueError: the document has no markers.
    """
    text = document.read_text(encoding="utf-8")
    before, start, rest = text.partition(_START)
    there, end, after = rest.partition(_END)
    if not (start and end):
        raise ValueError(f"{document} has no {_START} … {_END}")
    rows: dict[str, list[str]] = {}
    for line in there.splitlines():
        title = _TITLE.fullmatch(line)
        if title:
            rows[title[1]] = []
        elif rows and line.startswith("|"):
            rows[list(rows)[-1]].append(line)
    rows |= {group.title: _rows(group) for group in groups}
    document.write_text(f"{before}{_START}\n{_document(rows)}\n{_END}{after}", encoding="utf-8")


def _lines(group: Group) -> Iterator[tuple[str, str, str, str]]:
    for figure in group.figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}×"
        yield _subject(figure), _value(figure), ratio, _goal(figure)


def _subject(figure: Figure) -> str:
    return f"{figure.subject} ({figure.note})" if figure.note else figure.subject


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    digits = 0 if figure.value >= 100 or float(figure.value).is_integer() else 2
    return f"{figure.value:,.{digits}f} {figure.unit}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    mark = {True: " ✓", False: " ✗", None: ""}[figure.met]
    return figure.goal.text(figure.unit) + mark
