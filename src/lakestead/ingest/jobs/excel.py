"""Jobs in a workbook: the sheet `SourceConfig`, one row for each, one column for each field."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakestead.core.config import unknown
from lakestead.core.errors import ConfigError, MissingExtra

from .entry import Declared, Entry, Finding, declare
from .job import Job

if TYPE_CHECKING:
    from openpyxl import Workbook

SHEET = "SourceConfig"

_Rows = list[tuple[Any, ...]]


def read_jobs(path: Path) -> Declared:
    """Read the jobs of a workbook.

    Raises:
        ConfigError: when the file cannot be read, or has no such sheet or no header. Mistakes in the jobs are
            findings.
        MissingExtra: when openpyxl is not installed.
    """
    values, texts = _rows(path, data_only=True), _rows(path, data_only=False)
    where = f"{path.name} {SHEET}"
    header = next((index for index, row in enumerate(values) if any(map(_given, row))), None)
    if header is None:
        raise ConfigError(f"the sheet '{SHEET}' is empty; its first row names the columns", where=str(path))
    fields, findings = _fields(values[header], f"{where}!", header + 1)
    entries = []
    for index in range(header + 1, len(values)):
        if any(map(_given, texts[index])):
            findings += _unreadable(values[index], texts[index], f"{where}!", index + 1)
            entries.append(_entry(fields, values[index], f"{where}!", index + 1))
    if not entries:
        findings.append(Finding(where, "has no jobs; each row below the header is one"))
    return declare(entries, findings)


def _rows(path: Path, *, data_only: bool) -> _Rows:
    workbook = _open(path, data_only=data_only)
    try:
        names = {name.lower(): name for name in workbook.sheetnames}
        if SHEET.lower() not in names:
            near = get_close_matches(SHEET, workbook.sheetnames, n=1, cutoff=0.5)
            hint = f"rename '{near[0]}' to it" if near else f"it has: {', '.join(workbook.sheetnames)}"
            raise ConfigError(f"has no sheet '{SHEET}'; {hint}", where=str(path))
        sheet = workbook[names[SHEET.lower()]]
        sheet.reset_dimensions()  # some writers state them wrongly
        return list(sheet.iter_rows(values_only=True))
    finally:
        workbook.close()


def _open(path: Path, *, data_only: bool) -> Workbook:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ModuleNotFoundError as error:
        raise MissingExtra("Reading jobs from a workbook", "ingest") from error
    try:
        return load_workbook(path, read_only=True, data_only=data_only)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, InvalidFileException) as error:
        raise ConfigError(f"cannot be read as a workbook (.xlsx): {error}", where=str(path)) from error


def _fields(row: Sequence[Any], where: str, number: int) -> tuple[dict[int, str], list[Finding]]:
    """Return which column holds which field, and what is wrong with the header."""
    fields: dict[int, str] = {}
    findings = []
    for index, title in enumerate(row):
        if not _given(title):
            continue
        name = re.sub(r"[\s_-]+", "_", str(title).strip().lower())
        place = f"{where}{_letters(index)}{number}"
        if name not in Job.model_fields:
            findings.append(Finding(place, unknown("column", str(title), list(Job.model_fields))))
        elif name in fields.values():
            findings.append(Finding(place, f"the column '{title}' is there twice; remove one"))
        else:
            fields[index] = name
    return fields, findings


def _entry(fields: dict[int, str], row: Sequence[Any], where: str, number: int) -> Entry:
    places = {name: f"{where}{_letters(index)}{number}" for index, name in fields.items()}
    values = {
        name: _plain(row[index])
        for index, name in fields.items()
        if index < len(row) and _given(row[index]) and not _is_error(row[index])
    }
    return Entry(values, f"{where}A{number}", places)


def _unreadable(row: Sequence[Any], text: Sequence[Any], where: str, number: int) -> Iterator[Finding]:
    """Yield cells with a formula whose value is not known or is an error."""
    for index, written in enumerate(text):
        value = row[index] if index < len(row) else None
        place = f"{where}{_letters(index)}{number}"
        if isinstance(written, str) and written.startswith("=") and value is None:
            yield Finding(
                place, f"the value of the formula {written} is not in the file; open and save it in Excel"
            )
        elif _is_error(value):
            yield Finding(place, f"the value is the error {value}; correct the formula, or write the value")


def _is_error(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"#(REF|N/A|NAME\?|VALUE|DIV/0|NULL|NUM)!?", value))


def _given(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _plain(value: Any) -> Any:
    """A workbook has no whole numbers: 3 may be 3.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _letters(index: int) -> str:
    """Return a column's letters: A is 0, AA is 26."""
    letters = ""
    while index >= 0:
        letters = chr(ord("A") + index % 26) + letters
        index = index // 26 - 1
    return letters
