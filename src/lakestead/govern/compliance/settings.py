"""The section `compliance` of governance.yaml."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from lakestead.core.config import Declaration
from lakestead.core.names import InvalidName, split_name
from lakestead.govern.scope import Scope

FRAMEWORKS = ("GDPR", "CCPA", "SOX", "HIPAA")


class ComplianceSettings(Declaration):
    """What has to be complied with, and for what.

    Args:
        frameworks: which ones; all if empty.
        scope: the tables that they concern, as globs of `catalog.schema.table`.
        table_in: `catalog.schema` that gets the table `_lakestead_audits`; else audits stay in memory.
        audit_days: for how many days the audit log must reach back.
    """

    frameworks: tuple[str, ...] = ()
    scope: Scope = ("*",)
    table_in: str | None = None
    audit_days: int = Field(default=365, ge=1)

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        for one in self.frameworks:
            if one.upper() not in FRAMEWORKS:
                raise ValueError(f"'{one}' is no framework; known here: {', '.join(FRAMEWORKS)}")
        if self.table_in is not None and self.schema_name is None:
            raise ValueError(f"'{self.table_in}' is no schema: give catalog.schema")
        return self

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the frameworks that count."""
        return tuple(one.upper() for one in self.frameworks) or FRAMEWORKS

    @property
    def schema_name(self) -> tuple[str, str] | None:
        """Catalog and schema of `table_in`; None if it names none."""
        try:
            catalog, schema = split_name(self.table_in or "")
        except (InvalidName, ValueError):
            return None
        return catalog, schema
