"""What a governance monitor has seen, in numbers."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GovernanceSummary:
    """What a monitor has seen since it was made.

    Args:
        metastore_id: the monitor's; None if it has none.
        lineage_events: pieces of lineage that were recorded.
        lineage_refused: pieces that were not, for a name that no table can have or a level that there is not.
        access_granted: decisions of a data classification policy that granted access.
        access_denied: those that denied it.
        audits_passed: compliance audits that were recorded as passed.
        audits_failed: those that were recorded as anything else.
        audit_findings: findings of all recorded audits.
    """

    metastore_id: str | None
    lineage_events: int = 0
    lineage_refused: int = 0
    access_granted: int = 0
    access_denied: int = 0
    audits_passed: int = 0
    audits_failed: int = 0
    audit_findings: int = 0

    @property
    def schema_validation_pass(self) -> int:
        """How many checks went well: lineage that could be recorded, access granted, audits passed."""
        return self.lineage_events + self.access_granted + self.audits_passed

    @property
    def schema_validation_fail(self) -> int:
        """How many did not: lineage refused, access denied, audits not passed.

        With `schema_validation_pass` it is 0 only before the monitor was used at all.
        """
        return self.lineage_refused + self.access_denied + self.audits_failed


class Tally:
    """Counts what a monitor sees, by the names of `GovernanceSummary`. Many threads count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        """Count.

        Args:
            name: a field of `GovernanceSummary`.
            number: how many.
        """
        with self._lock:
            self._counts[name] += number

    def summary(self, metastore_id: str | None) -> GovernanceSummary:
        """Return the counts of this moment."""
        with self._lock:
            return GovernanceSummary(metastore_id, **self._counts)
