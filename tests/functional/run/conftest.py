"""A small project, and a reporter that remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lakestead.run import Step, Summary, load_project, preview, run
from lakestead.testing import Workspace

PROJECT = """\
name: shop
schema: {schema}
comment: A small shop
stage: files
tables:
  orders:
    comment: What was bought
    files: orders*.csv
    format: csv
    options: {{header: true}}
    primary_key: [id]
    foreign_keys: [{{columns: [customer], references: customers}}]
    columns: {{id: int, customer: int, amount: "decimal(10,2)"}}
  customers:
    files: customers.csv
    format: csv
    options: {{header: true}}
    tags: {{owner: sales}}
    primary_key: [id]
    columns:
      id: int
      name: {{type: string, required: true, comment: What they are called, tags: {{pii: name}}}}
      city: string
statements: [derive.sql]
"""

STATEMENTS = """\
-- name: revenue
-- table: revenue
CREATE OR REPLACE TABLE revenue AS
SELECT c.id, c.name, coalesce(sum(o.amount), 0) AS amount
FROM customers AS c LEFT JOIN orders AS o ON o.customer = c.id GROUP BY c.id, c.name;

-- name: best_table
-- table: best
CREATE TABLE IF NOT EXISTS best (id INT, amount DECIMAL(20, 2));

-- name: best_merge
-- table: best
MERGE INTO best AS b USING (SELECT id, amount FROM revenue WHERE amount > 10) AS n ON b.id = n.id
WHEN MATCHED AND b.amount <> n.amount THEN UPDATE SET amount = n.amount
WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (n.id, n.amount);
"""


@dataclass
class Memory:
    """Remembers the titles of the steps that were done."""

    titles: list[str] = field(default_factory=list)

    def started(self, title: str) -> None:
        pass

    def finished(self, step: Step) -> None:
        self.titles.append(step.title)

    def failed(self, title: str) -> None:
        self.titles.append(f"failed: {title}")


@dataclass
class Shop:
    """A project's folder and the workspace it runs in."""

    folder: Path
    workspace: Workspace
    schema: str

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, before: str, after: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert before in text
        self.write(name, text.replace(before, after))

    def run(self) -> Summary:
        memory = Memory()
        summary = run(load_project(self.folder), self.folder, self.workspace.profile, memory)
        assert memory.titles == [step.title for step in summary.steps]
        return summary

    def titles(self) -> list[str]:
        """Run, and return what was done."""
        return [step.title for step in self.run().steps]

    def preview(self) -> list[str]:
        return preview(load_project(self.folder), self.folder, self.workspace.profile, Memory())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.workspace.connect(schema=self.schema) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]


@pytest.fixture
def shop(tmp_path: Path, workspace_session: Workspace, make_name: Callable[[], str]) -> Shop:
    """A project that has not run yet, with a schema of its own."""
    made = Shop(tmp_path, workspace_session, make_name())
    made.write("lakestead.yaml", PROJECT.format(schema=made.schema))
    made.write("derive.sql", STATEMENTS)
    made.write("files/customers.csv", "id,name,city\n1,Ada,London\n2,Grace,\n")
    made.write("files/orders.csv", "id,customer,amount\n10,1,25.00\n11,1,14.50\n12,2,5.25\n")
    return made


@pytest.fixture
def make_name(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes a name that no other test uses in a shared workspace."""
    return lambda: "".join(c if c.isalnum() else "_" for c in request.node.name).lower()
