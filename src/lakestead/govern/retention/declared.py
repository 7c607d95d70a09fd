"""How long data is kept.

retention:
  sessions:
    scope: main.web.sessions
    column: started_at
    days: 90
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, RootModel, field_validator

from lakestead.core.config import Declaration
from lakestead.govern.scope import pattern


class Period(Declaration):
    """How long the rows of some tables are kept.

    Args:
        scope: the tables, as globs of `catalog.schema.table`.
        column: of type DATE or TIMESTAMP: from when a row counts.
        days: how long it is kept after that.
        vacuum_hours: how long the files of deleted rows are kept; Delta Lake's least is 168 unless a table
            says otherwise.
    """

    scope: tuple[str, ...]
    column: str
    days: int = Field(ge=1)
    vacuum_hours: int = Field(default=168, ge=0)

    @field_validator("scope", mode="before")
    @classmethod
    def _one_or_many(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("scope")
    @classmethod
    def _are_globs(cls, globs: tuple[str, ...]) -> tuple[str, ...]:
        pattern(globs)
        return globs


class Retention(RootModel[dict[str, Period]]):
    """The section `retention` of governance.yaml: periods by their names."""

    root: dict[str, Period] = Field(default_factory=dict)
