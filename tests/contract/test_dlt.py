"""dlt's `databricks` destination, unmodified: append, replace, merge, nested tables, a new column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakestead.testing import Workspace

ITEMS: list[dict[str, Any]] = [
    {"id": 1, "name": "a'b", "at": "2024-01-01T00:00:00Z", "parts": [{"x": 1}, {"x": 2}], "doc": {"k": 1.5}},
    {"id": 2, "name": "b", "at": None, "parts": [], "doc": {"k": 2.5}},
]

Load = Callable[..., None]


@pytest.fixture
def load(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    for name, value in workspace.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.chdir(tmp_path)
    import dlt

    def run(rows: list[dict[str, Any]], **options: Any) -> None:
        # A new pipeline object each time finds its state in the destination, as another machine would.
        pipeline = dlt.pipeline(
            "shop",
            destination="databricks",
            dataset_name="landing",
            pipelines_dir=str(tmp_path / "pipelines"),
        )
        done = pipeline.run(rows, table_name="items", **options)
        assert not done.has_failed_jobs, done
        done.raise_on_failed_jobs()

    return run


def query(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with workspace.connect() as connection, connection.cursor() as cursor:
        return [tuple(row) for row in cursor.execute(sql).fetchall()]


def test_append_and_replace(workspace: Workspace, load: Load) -> None:
    load(ITEMS, write_disposition="append")
    load(ITEMS, write_disposition="append")
    assert query(workspace, "SELECT count(*), count(DISTINCT id) FROM main.landing.items") == [(4, 2)]
    assert query(workspace, "SELECT count(*) FROM main.landing.items__parts") == [(4,)]
    load(ITEMS[:1], write_disposition="replace")
    found = query(workspace, "SELECT id, name, doc__k, cast(at AS STRING) FROM main.landing.items")
    assert found == [(1, "a'b", 1.5, "2024-01-01 00:00:00")]
    assert query(workspace, "SELECT count(*) FROM main.landing.items__parts") == [(2,)]
    assert query(workspace, "SELECT count(*) FROM main.landing._dlt_loads") == [(3,)]


@pytest.mark.parametrize("strategy", ["delete-insert", "upsert"])
def test_merge_with_a_new_column(workspace: Workspace, load: Load, strategy: str) -> None:
    merge = {"write_disposition": {"disposition": "merge", "strategy": strategy}, "primary_key": "id"}
    load(ITEMS, **merge)
    load([{"id": 2, "name": "B", "fresh": True}, {"id": 3, "name": "c", "fresh": False}], **merge)
    assert query(workspace, "SELECT id, name, fresh FROM main.landing.items ORDER BY id") == [
        (1, "a'b", None),
        (2, "B", True),
        (3, "c", False),
    ]
    columns = query(
        workspace,
        "SELECT column_name, full_data_type FROM main.information_schema.columns "
        "WHERE table_schema = 'landing' AND table_name = 'items' AND column_name IN ('id', 'fresh', 'at')",
    )
    assert dict(columns) == {"id": "bigint", "fresh": "boolean", "at": "timestamp"}
