"""What a configuration changes in a workspace, as values: planned first, then applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.definitions import Difference
from lakestead.profiling.estimate import Estimate
from lakestead.profiling.targets import Target


class Action(StrEnum):
    """What is done about a table's monitor."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "recreate"  # its profile type or output schema changes, which no update can
    UNCHANGED = "unchanged"
    REFUSED = "refused"  # by policy, or because a table found by tags cannot be monitored as it is set
    ORPHANED = "orphaned"  # a monitor of ours that no table asks for any more


# What an apply does, whether or not it also removes orphans.
CHANGING = (Action.CREATE, Action.UPDATE, Action.RECREATE)


@dataclass(frozen=True)
class Change:
    """What is done about one table's monitor.

    Args:
        action: what.
        table: the table's full name.
        target: the table with its settings; None if it is refused or an orphan.
        differences: what changes, setting by setting.
        reason: why it is refused.
        table_id: of an orphan.
        estimate: what a refresh may cost; None if that was not asked or cannot be said.
    """

    action: Action
    table: str
    target: Target | None = None
    differences: Sequence[Difference] = ()
    reason: str = ""
    table_id: str = ""
    estimate: Estimate | None = None


@dataclass(frozen=True)
class Changes:
    """All that a configuration changes.

    Args:
        config: the configuration.
        items: a change for each table.
        output_schemas: the ids of the output schemas by full names; None for those that must be created.
    """

    config: OrchestratorConfig
    items: Sequence[Change]
    output_schemas: Mapping[str, str | None]

    @property
    def targets(self) -> list[Target]:
        """The tables that are monitored when the changes are applied."""
        return [change.target for change in self.items if change.target is not None]

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many tables each action is planned for."""
        return Counter(change.action for change in self.items)

    @property
    def pending(self) -> bool:
        """Whether anything would change."""
        return any(change.action in CHANGING for change in self.items)

    def of(self, *actions: Action) -> list[Change]:
        """Return the changes with one of several actions."""
        return [change for change in self.items if change.action in actions]
