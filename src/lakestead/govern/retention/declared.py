"""How long data is kept.

retention:
  sessions:
    scope: main.web.sessions
    column: started_at
    days: 90
"""

from __future__ import annotations

from pydantic import Field, RootModel

from lakestead.core.config import Declaration
from lakestead.govern.scope import Scope


class Period(Declaration):
    """How long the rows of some tables are kept.

    Args:
        scope: the tables, as globs of `catalog.schema.table`.
        column: of type DATE or TIMESTAMP: from when a row counts.
        days: how long it is kept after that.
        vacuum_hours: how long the files of deleted rows are kept, 168 or more; else as the table says.
    """

    scope: Scope
    column: str
    days: int = Field(ge=1)
    vacuum_hours: int | None = Field(default=None, ge=168)


class Retention(RootModel[dict[str, Period]]):
    """The section `retention` of governance.yaml: periods by their names."""

    root: dict[str, Period] = Field(default_factory=dict)
