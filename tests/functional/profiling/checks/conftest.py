"""Tables whose rows are checked, in a schema of a test's own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakestead.client import Warehouse
from lakestead.profiling.checks import CheckReport
from lakestead.profiling.checks.running import run_checks
from lakestead.profiling.config import OrchestratorConfig, load_config


@dataclass(frozen=True)
class Checked:
    """A schema with tables, and the file that declares their checks.

    Attributes:
        warehouse: the admin's.
        schema: the schema's own name.
        file: the configuration.
    """

    warehouse: Warehouse
    schema: str
    file: Path

    def sql(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements in which LAKE stands for the schema; return the rows of the last."""
        for statement in statements:
            rows = self.warehouse.rows(statement.replace("LAKE", f"main.{self.schema}"))
        return rows

    def declare(self, checks: str) -> OrchestratorConfig:
        """Write a configuration with a section `checks`, in which LAKE stands for the schema."""
        head = f"catalog_name: main\nprofile_defaults: {{output_schema_name: {self.schema}_out}}\nchecks:\n"
        self.file.write_text(head + checks.replace("LAKE", f"main.{self.schema}"))
        return load_config(self.file)

    def run(self, checks: str, **options: Any) -> CheckReport:
        """Declare checks and run them."""
        return run_checks(self.declare(checks), warehouse=self.warehouse, **options)

    def quarantined(self, table: str = "t", key: str = "n") -> dict[Any, Sequence[str]]:
        """Return the names of the checks that rows in quarantine failed, by the rows' keys; no key twice."""
        rows = self.warehouse.rows(f"SELECT * FROM main.{self.schema}_out.{table}_quarantine")
        found = {row[key]: row["_failed_checks"] for row in rows}
        assert len(found) == len(rows)
        return found

    def history(self, columns: str, table: str = "t") -> list[tuple[Any, ...]]:
        """Return what is recorded of a table's checks, in order."""
        rows = self.warehouse.rows(
            f"SELECT {columns} FROM main.{self.schema}_out.row_checks WHERE table_name = :table"
            " ORDER BY checked_at, check_name",
            table=f"main.{self.schema}.{table}",
        )
        return [tuple(row.values()) for row in rows]


@pytest.fixture
def checked(warehouse: Warehouse, tmp_path: Path) -> Iterator[Checked]:
    """A schema for this test alone, and one beside it for what checks write."""
    made = Checked(warehouse, f"checks_{uuid.uuid4().hex[:12]}", tmp_path / "profiling.yaml")
    made.sql("CREATE SCHEMA LAKE")
    yield made
    made.sql("DROP SCHEMA LAKE CASCADE", "DROP SCHEMA IF EXISTS LAKE_out CASCADE")
