"""The section `lineage` of `governance.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import model_validator

from lakestead.core.config import Declaration


class LineageSettings(Declaration):
    """Where lineage that programs track is kept, and where that of the workspace is read.

    Args:
        table_in: `catalog.schema` that gets the table `_lakestead_lineage`.
        file: a file that gets a line of JSON for each event.
        system: the catalog that holds the schema `access` with the lineage tables: companies copy `system`.
            None if there is none to read.
    """

    table_in: str | None = None
    file: Path | None = None
    system: str | None = "system"

    @model_validator(mode="after")
    def _one_place(self) -> LineageSettings:
        if self.table_in and self.file:
            raise ValueError("give table_in or file, not both")
        return self

    @property
    def keeps(self) -> bool:
        """Whether tracked lineage is there after the program that tracked it."""
        return bool(self.table_in or self.file)
