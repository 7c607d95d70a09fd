"""Who an operation is for: the team, project and cost centre that it is accounted to.

with attribution(team="data-engineering", project="customer-insights"):
    cursor.execute("…")  # is theirs
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace

_VARIABLES = {
    "team": "GENOPS_TEAM",
    "project": "GENOPS_PROJECT",
    "environment": "GENOPS_ENVIRONMENT",
    "cost_center": "GENOPS_COST_CENTER",
    "data_classification": "GENOPS_DEFAULT_DATA_CLASSIFICATION",
}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who an operation is for, as far as that is known.

    Args:
        team: who is responsible.
        project: what it is done for.
        environment: `production`, `staging`, …
        cost_center: where its cost is booked.
        data_classification: the level of the data that it handles.
    """

    team: str | None = None
    project: str | None = None
    environment: str | None = None
    cost_center: str | None = None
    data_classification: str | None = None

    def known(self) -> dict[str, str]:
        """Return what is known, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value}


_inherited: ContextVar[Attribution | None] = ContextVar("lakestead_attribution", default=None)


@contextmanager
def attribution(**values: str) -> Iterator[Attribution]:
    """Account everything that this thread or task does inside to somebody.

    What an enclosing `attribution` says and this one does not, goes on.

    Args:
        values: fields of `Attribution`.

    Raises:
        TypeError: for a name that is no field.
    """
    inside = replace(_inherited.get() or Attribution(), **values)
    token = _inherited.set(inside)
    try:
        yield inside
    finally:
        _inherited.reset(token)


def inherited() -> Attribution | None:
    """Return what the enclosing `attribution` says; None outside of all."""
    return _inherited.get()


def current(variables: Mapping[str, str] | None = None, /, **given: str | None) -> Attribution:
    """Return who an operation is for: what is given, else what `attribution` says, else GENOPS_* variables.

    Args:
        variables: the environment's variables; the process's own if not given.
        given: fields of `Attribution`; None counts as not given.

    Raises:
        TypeError: for a name that is no field.
    """
    environment = os.environ if variables is None else variables
    known = {
        name: environment[variable] for name, variable in _VARIABLES.items() if environment.get(variable)
    }
    known |= (_inherited.get() or Attribution()).known()
    known |= {name: value for name, value in given.items() if value}
    return Attribution(**known)


def owner_tags() -> dict[str, str]:
    """Return the query tags that account a statement to whom it is for."""
    known = current().known()
    return {name: known[name] for name in ("team", "project", "environment", "cost_center") if name in known}
