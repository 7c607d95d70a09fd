"""Progress of a run: a line for each step that is done, a spinner for the one under way."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.status import Status

from lakestead.run import Step


class Progress:
    """Tells of steps as they go (a `lakestead.run.Reporter`).

    If the run fails, the step that was under way is named before the error's message.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._title = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is not None and self._title:
            self._console.print(f"✗ {self._title}", style="red", markup=False)

    def started(self, title: str) -> None:
        """Show the step that begins."""
        self._title = title
        if self._status is None:
            self._status = self._console.status(title)
            self._status.start()
        else:
            self._status.update(title)

    def finished(self, step: Step) -> None:
        """Leave a line for the step that is done."""
        self._title = ""
        rows = "" if step.rows is None else f"{step.rows:,} rows"
        self._console.print(f"✓ {step.title:<44} {rows:>16} {step.seconds:8.2f} s", markup=False)

    def failed(self, title: str) -> None:
        """Leave a line for the step that failed."""
        self._title = ""
        self._console.print(f"✗ {title}", style="red", markup=False)

    def close(self) -> None:
        """End the spinner."""
        if self._status is not None:
            self._status.stop()
            self._status = None
