"""What checks of a setup say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


class Status(StrEnum):
    """What a check says."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """What one check says.

    Args:
        name: what is checked.
        status: whether it is well.
        message: what was found.
        remedy: what to do; empty if nothing is to be done.
    """

    name: str
    status: Status
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What all checks say.

    Args:
        checks: in the order in which they were made.
    """

    checks: Sequence[Check]

    @property
    def is_valid(self) -> bool:
        """Whether nothing failed; warnings are allowed."""
        return not self.errors

    @property
    def errors(self) -> list[Check]:
        """What failed."""
        return [check for check in self.checks if check.status is Status.FAILED]

    @property
    def warnings(self) -> list[Check]:
        """What works less than it could."""
        return [check for check in self.checks if check.status is Status.WARNING]


_SIGNS = {
    Status.PASSED: "[green]✓[/]",
    Status.WARNING: "[yellow]![/]",
    Status.FAILED: "[red]✗[/]",
    Status.SKIPPED: "[dim]–[/]",
}


def print_validation_result(result: ValidationResult, console: Console | None = None) -> None:
    """Print a line for each check, and what to do where something is to be done.

    Args:
        result: of `validate_setup`.
        console: where to print; standard output if not given.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for check in result.checks:
        remedy = f"\n[dim]→ {escape(check.remedy)}[/]" if check.remedy else ""
        table.add_row(_SIGNS[check.status], check.name, escape(check.message) + remedy)
    shown = console or Console(highlight=False)
    shown.print(table)
    failed, warned = len(result.errors), len(result.warnings)
    shown.print(f"\n{_number(failed, 'check')} failed, {_number(warned, 'warning')}")


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
