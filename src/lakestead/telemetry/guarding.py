"""Policies and budgets that are asked before a statement is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lakestead.core.errors import PolicyError
from lakestead.core.guards import Attempt, Guard, Outcome, Verdict
from lakestead.telemetry import attributes as names
from lakestead.telemetry.instruments import Instruments
from lakestead.telemetry.operations import Operation

# Guards send statements themselves, to find out what they have to know; those are not judged.
_judging: ContextVar[bool] = ContextVar("lakestead_judging", default=False)


class Guards:
    """The guards of a program. Many threads may ask and change them.

    Args:
        instruments: count what they say.
    """

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._changing = threading.Lock()
        self._installed: tuple[Guard, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._installed)

    def install(self, guard: Guard) -> None:
        """Ask a guard from now on; once, however often it is installed."""
        with self._changing:
            if guard not in self._installed:
                self._installed = (*self._installed, guard)

    def remove(self, guard: Guard) -> None:
        """Ask it no more."""
        with self._changing:
            self._installed = tuple(one for one in self._installed if one != guard)

    def ask(self, attempt: Attempt, operation: Operation) -> None:
        """Ask all guards of a statement, and have its span and the metrics show what they say.

        Raises:
            PolicyError: one of them says that it must not be sent.
        """
        if not self._installed or _judging.get():
            return
        with _asking():
            verdicts = [verdict for guard in self._installed for verdict in guard.judge(attempt)]
        broken = [verdict for verdict in verdicts if verdict.outcome is not Outcome.PASSED]
        worst = max(
            (verdict.outcome for verdict in verdicts), key=list(Outcome).index, default=Outcome.PASSED
        )
        operation.put({names.GENOPS_POLICY_CHECK: worst.value})
        if not broken:
            return
        operation.put({names.GENOPS_POLICY_RULES: [verdict.rule for verdict in broken]})
        for verdict in broken:
            self._instruments.violation(verdict.rule, verdict.outcome.value, operation.attributes)
        _refuse([verdict for verdict in broken if verdict.outcome is Outcome.BLOCKED])


@contextmanager
def _asking() -> Iterator[None]:
    token = _judging.set(True)
    try:
        yield
    finally:
        _judging.reset(token)


def _refuse(blocked: list[Verdict]) -> None:
    if blocked:
        reasons = "; ".join(f"{verdict.rule}: {verdict.message}" for verdict in blocked)
        raise PolicyError(f"the statement was not sent: {reasons}")
