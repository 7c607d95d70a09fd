"""What `governance.yaml` says of personal data."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field, field_validator

from lakestead.core.config import Declaration, unknown
from lakestead.govern.pii.kinds import KINDS


class Suppression(Declaration):
    """Columns that are known not to be what they look like.

    Args:
        columns: a glob of full names, `catalog.schema.table.column`.
        reason: why, for whoever reads it later.
        kinds: what they are not; anything, if empty.
    """

    columns: str
    reason: Annotated[str, Field(min_length=1)]
    kinds: tuple[str, ...] = ()

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        for kind in kinds:
            if kind not in KINDS:
                raise ValueError(unknown("kind", kind, sorted(KINDS)))
        return kinds

    def covers(self, column: str, kind: str) -> bool:
        """Return whether it says that a column, by its full name, is not of a kind."""
        return fnmatchcase(column.lower(), self.columns.lower()) and (not self.kinds or kind in self.kinds)


class PiiSettings(Declaration):
    """How personal data is looked for and marked.

    Args:
        tag: the key of the tag that a column with personal data gets; its value is the kind.
        reviewed_tag: the key of a tag with which somebody says that a column's tags are right as they are.
        sample_rows: so many rows of each table are looked at.
        sampling: `first` takes the rows that come first, which reads little; `random` takes any, for which
            the looked-at columns of the whole table are read.
        minimum_confidence: findings below are not reported, 0 to 1.
        results: a schema, `catalog.schema`, in which results are kept, so that a later scan looks only at
            tables that are new, changed in their columns, or were last looked at long ago.
        rescan_days: how long that is.
        regions: the countries whose telephone numbers may be written without a country code, as `US`, `DE`.
        suppressions: columns that are known not to be what they look like.
    """

    tag: str = "pii"
    reviewed_tag: str = "pii_reviewed"
    sample_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 2_000
    sampling: Literal["first", "random"] = "first"
    minimum_confidence: Annotated[float, Field(ge=0, le=1)] = 0.6
    results: str | None = None
    rescan_days: Annotated[int, Field(ge=0)] = 30
    regions: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = (
        "US", "GB", "DE", "FR", "ES", "IT", "NL", "BR",
    )  # fmt: skip
    suppressions: tuple[Suppression, ...] = ()
