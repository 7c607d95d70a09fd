"""What may stop a statement before it is sent: policies and budgets, as instrumented clients ask them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lakestead.core.attribution import Attribution


class Outcome(StrEnum):
    """What a policy or budget says of a statement."""

    PASSED = "passed"
    WARNING = "warning"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement that a program is about to send.

    Args:
        text: the statement.
        host: the workspace's URL.
        warehouse_id: the SQL warehouse that would run it; None if that is not known.
        user: who sends it; None if that is not known.
        attribution: who it is for.
    """

    text: str
    host: str
    warehouse_id: str | None
    user: str | None
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy or budget says of an attempt.

    Args:
        rule: its name in `governance.yaml`.
        outcome: whether the statement may be sent.
        message: what is wrong, with what, and what to do; empty if nothing is.
    """

    rule: str
    outcome: Outcome
    message: str = ""


class Guard(Protocol):
    """Judges statements before they are sent. Many threads ask at once."""

    def judge(self, attempt: Attempt) -> Sequence[Verdict]:
        """Return what each rule that concerns the attempt says; nothing if none does."""
