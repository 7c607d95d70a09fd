"""The workbook: the sheet of jobs, and one that explains its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.core.errors import MissingExtra
from lakestead.ingest.jobs.excel import SHEET

from .examples import EXAMPLES
from .fields import Described, described

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ROWS = 1000  # so many rows have drop-downs


def write_workbook(path: Path) -> None:
    """Write the template.

    Raises:
        MissingExtra: when openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
    except ModuleNotFoundError as error:
        raise MissingExtra("Writing a workbook", "ingest") from error
    workbook = Workbook()
    jobs = workbook.active
    assert jobs is not None
    jobs.title = SHEET
    fields = described()
    _jobs(jobs, fields)
    _explanations(workbook.create_sheet("Columns"), fields)
    workbook.save(path)


def _jobs(sheet: Worksheet, fields: Sequence[Described]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet.append([field.name for field in fields])
    for example in EXAMPLES:
        sheet.append([example.get(field.name) for field in fields])
    _head(sheet)
    sheet.freeze_panes = "D2"
    for number, field in enumerate(fields, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(len(field.name) + 4, 14)
        note = Comment(_note(field), "lakestead", width=320, height=120)
        sheet.cell(row=1, column=number).comment = note
        if field.choices:
            # An installed package may bring further kinds of sources.
            strict = field.name != "source_type"
            choice = DataValidation("list", formula1=f'"{",".join(field.choices)}"', allow_blank=True)
            choice.showErrorMessage = strict
            choice.error = f"one of: {', '.join(field.choices)}"
            choice.add(f"{letter}2:{letter}{_ROWS}")
            sheet.add_data_validation(choice)


def _explanations(sheet: Worksheet, fields: Sequence[Described]) -> None:
    from openpyxl.styles import Alignment

    sheet.append(["column", "needed", "meaning", "values", "if empty"])
    for field in fields:
        needed = "yes" if field.required else ""
        sheet.append([field.name, needed, field.about, ", ".join(field.choices), field.default])
    _head(sheet)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDE", (20, 8, 90, 60, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _head(sheet: Worksheet) -> None:
    from openpyxl.styles import Font, PatternFill

    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E78")


def _note(field: Described) -> str:
    choices = f"\nOne of: {', '.join(field.choices)}." if field.choices else ""
    default = f"\nIf empty: {field.default}." if field.default else ""
    return f"{field.about}{choices}{default}" + ("\nNeeded." if field.required else "")
