"""Budgets enforced: statements are judged before they are sent.

What is spent is looked up at most every so many seconds. In between the guard adds what it knows: the
estimate of each statement that it lets through, if it has an estimator, and what statements have cost, if its
client says so (`settle`). So many threads that work near a limit exceed it by no more than what they have in
flight; without `settle` and estimates, by what they spend between two look-ups.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lakestead.core.errors import LakesteadError
from lakestead.core.guards import Attempt, Outcome, Verdict
from lakestead.costs.budgets.declaration import Action, Budget, OnError
from lakestead.costs.budgets.state import State
from lakestead.costs.budgets.tally import Tally

SECONDS = 30.0
"""How long what was looked up counts, unless the caller says otherwise."""

_NOTHING = Decimal(0)
_OUTCOMES = {Action.REPORT: Outcome.PASSED, Action.WARN: Outcome.WARNING, Action.BLOCK: Outcome.BLOCKED}
# The look-up's own statements may go through instrumented clients, too: they are not judged.
_looking_up: ContextVar[bool] = ContextVar("lakestead_budget_look_up", default=False)


@dataclass(frozen=True)
class Known:
    """What a look-up found.

    Args:
        states: of all budgets.
        newest: up to when it knows all statements; None if it knows none.
        owners: whose each SQL warehouse is, by its id.
    """

    states: Sequence[State]
    newest: dt.datetime | None = None
    owners: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class BudgetGuard:
    """Judges statements by budgets. Many threads may use it; while one looks up, the others wait for it.

    A look-up that fails blocks nothing, unless a budget declares `on_error: block`.

    Args:
        budgets: what is declared.
        look_up: returns what is spent.
        seconds: how long that counts.
        estimate: what a statement will cost, in its budget's currency; None if it cannot say.
        workspaces: workspaces' ids by their URLs, for budgets of workspaces.
        tell: is told of each budget after a look-up: its name, what is spent, and its amount. It must not ask
            the guard.
        user: who sends the statements of which an attempt does not say it.
        clock: the time, with a zone.
    """

    def __init__(
        self,
        budgets: Sequence[Budget],
        look_up: Callable[[], Known],
        *,
        seconds: float = SECONDS,
        estimate: Callable[[Attempt], Decimal | None] | None = None,
        workspaces: Mapping[str, str] | None = None,
        tell: Callable[[str, Decimal, Decimal], None] | None = None,
        user: str | None = None,
        clock: Callable[[], dt.datetime] = _now,
    ) -> None:
        self._budgets = tuple(budgets)
        self._look_up = look_up
        self._lasts = dt.timedelta(seconds=seconds)
        self._estimate = estimate
        self._workspaces = dict(workspaces or {})
        self._tell = tell
        self._user = user
        self._clock = clock
        self._lock = threading.Lock()
        self._known = Known(())
        self._looked: dt.datetime | None = None
        self._failure: str | None = None
        self._tally = Tally()

    def judge(self, attempt: Attempt) -> Sequence[Verdict]:
        """Return what each budget that concerns a statement says; nothing if none does."""
        if _looking_up.get() or not self._budgets:
            return ()
        estimate = (self._estimate(attempt) if self._estimate else None) or _NOTHING
        with self._lock:
            self._refresh()
            concerned = [budget for budget in self._budgets if self._concerns(budget, attempt)]
            verdicts = [self._verdict(budget, estimate, attempt) for budget in concerned]
            if estimate and all(verdict.outcome is not Outcome.BLOCKED for verdict in verdicts):
                self._tally.reserve(attempt, (budget.name for budget in concerned), estimate)
        return verdicts

    def settle(self, attempt: Attempt, money: Decimal) -> None:
        """Count what a statement has cost until system tables know it.

        Args:
            attempt: as it was judged.
            money: in the currency of its budgets.
        """
        with self._lock:
            concerned = [budget.name for budget in self._budgets if self._concerns(budget, attempt)]
            self._tally.settle(attempt, concerned, money, self._clock())

    def states(self) -> list[State]:
        """Return how far budgets are used, as far as that is known without a look-up: for metrics."""
        with self._lock:
            return [self._current(state) for state in self._known.states]

    def _refresh(self) -> None:
        now = self._clock()
        if self._looked is not None and now < self._looked + self._lasts and not self._expired(now):
            return
        token = _looking_up.set(True)
        try:
            self._known = self._look_up()
        except _failures() as error:
            self._failure = f"{type(error).__name__}: {error}"
        else:
            self._failure = None
            self._tally.forget(self._known.newest)
            if self._tell is not None:
                for state in self._known.states:
                    self._tell(state.budget.name, self._current(state).spent, state.budget.amount)
        finally:
            _looking_up.reset(token)
            self._looked = now

    def _expired(self, now: dt.datetime) -> bool:
        """Return whether a period has ended since it was looked up; not asked again after a failure."""
        return self._failure is None and any(now >= state.span.end for state in self._known.states)

    def _concerns(self, budget: Budget, attempt: Attempt) -> bool:
        given = attempt.attribution
        owners = self._known.owners.get(attempt.warehouse_id or "", {})
        facts = {
            "team": given.team or owners.get("team"),
            "project": given.project or owners.get("project"),
            "cost_center": given.cost_center or owners.get("cost_center"),
            "warehouse": attempt.warehouse_id,
            "workspace": self._workspaces.get(attempt.host.rstrip("/")),
        }
        return all(facts[name] == value for name, value in budget.scope.items())

    def _verdict(self, budget: Budget, estimate: Decimal, attempt: Attempt) -> Verdict:
        state = self._state(budget)
        if state is None:
            return self._unknown(budget, attempt)
        reached = budget.reached(state.spent, estimate)
        if reached is None:
            return self._unknown(budget, attempt) if self._failure else Verdict(budget.name, Outcome.PASSED)
        outcome = _OUTCOMES[reached.action]
        if outcome is Outcome.BLOCKED and self._exempt(budget, attempt):
            outcome = Outcome.WARNING
        if outcome is not Outcome.BLOCKED and self._failure:
            return self._unknown(budget, attempt)
        message = f"{state.sentence()}. Threshold: {reached.action} at {reached.at:.0%}"
        return Verdict(
            budget.name,
            outcome,
            f"{message}; the statement may cost {estimate:,.2f}" if estimate else message,
        )

    def _state(self, budget: Budget) -> State | None:
        """Return how far a budget is used in the period that is now; None if that is not known."""
        now = self._clock()
        found = [state for state in self._known.states if state.budget == budget and now < state.span.end]
        return self._current(found[0]) if found else None

    def _current(self, state: State) -> State:
        return replace(state, spent=state.spent + self._tally.sum(state.budget.name))

    def _unknown(self, budget: Budget, attempt: Attempt) -> Verdict:
        problem = f"what is spent cannot be looked up ({self._failure or 'nothing found'})"
        if budget.on_error is OnError.BLOCK and not self._exempt(budget, attempt):
            return Verdict(budget.name, Outcome.BLOCKED, f"{problem}, and the budget says on_error: block")
        return Verdict(budget.name, Outcome.WARNING, f"{problem}; the statement is let through")

    def _exempt(self, budget: Budget, attempt: Attempt) -> bool:
        exempt, given = budget.exempt, attempt.attribution
        return (
            (attempt.user or self._user) in exempt.users
            or given.project in exempt.projects
            or given.environment in exempt.environments
        )


def _failures() -> tuple[type[Exception], ...]:
    """Return what look-ups fail with; importing the clients is slow, and waits until it is needed."""
    from databricks.sdk.errors.base import DatabricksError
    from databricks.sql.exc import Error

    return (LakesteadError, OSError, DatabricksError, Error)
