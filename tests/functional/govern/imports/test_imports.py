"""Atlas' and Glue's knowledge, brought into a workspace."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.core.errors import SourceError
from lakestead.govern.imports.atlas.export import parse_atlas
from lakestead.govern.imports.atlas.plan import AtlasPlan, plan_atlas
from lakestead.govern.imports.glue.catalog import GlueCatalog, parse_glue
from lakestead.govern.imports.glue.plan import plan_glue
from lakestead.govern.lineage.stores import LineageStore, MemoryStore

PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
ADMIN = "admin@lakestead.local"


@pytest.fixture
def catalog(warehouse: Warehouse) -> Iterator[str]:
    """An empty catalog for this test alone."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    warehouse.execute(f"CREATE CATALOG {name}").close()
    yield name
    warehouse.execute(f"DROP CATALOG {name} CASCADE").close()


def tables(warehouse: Warehouse, catalog: str) -> set[str]:
    rows = warehouse.rows(
        "SELECT concat_ws('.', table_schema, table_name) AS name FROM system.information_schema.tables"
        " WHERE table_catalog = :catalog AND table_schema NOT IN ('information_schema')",
        catalog=catalog,
    )
    return {row["name"] for row in rows}


def schemas(warehouse: Warehouse, catalog: str) -> set[str]:
    return {one.name or "" for one in warehouse.client.schemas.list(catalog)} - {
        "default",
        "information_schema",
    }


@pytest.fixture
def delta(warehouse: Warehouse, catalog: str, tmp_path: Path) -> str:
    """The URL of a Delta table that no catalog knows any more."""
    url = (tmp_path / "orders").as_uri()
    name = f"{catalog}.default.made"
    warehouse.execute(
        f"CREATE TABLE {name} USING DELTA LOCATION '{url}' AS SELECT 1 AS id, 'x' AS note"
    ).close()
    warehouse.execute(f"DROP TABLE {name}").close()
    return url


def glue(*given: dict[str, Any]) -> GlueCatalog:
    whole = [{"DatabaseName": "sales", **one} for one in given]
    return parse_glue([("test", {"DatabaseList": [{"Name": "sales"}], "TableList": whole})])


def external(name: str, url: str) -> dict[str, Any]:
    return {"Name": name, "Parameters": {"table_type": "DELTA"}, "StorageDescriptor": {"Location": url}}


def view(name: str, sql: str) -> dict[str, Any]:
    return {"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": sql}


def test_a_glue_catalog_moves(warehouse: Warehouse, catalog: str, delta: str) -> None:
    given = glue(external("orders", delta), view("notes", "SELECT note FROM orders"))
    plan = plan_glue(given, catalog, warehouse)
    assert tables(warehouse, catalog) == set(), "a plan changes nothing"
    plan.apply(warehouse)
    assert warehouse.rows(f"SELECT * FROM {catalog}.sales.notes") == [{"note": "x"}]
    again = plan_glue(given, catalog, warehouse)
    assert again.steps == []
    assert set(again.present) == {f"{catalog}.sales", f"{catalog}.sales.orders", f"{catalog}.sales.notes"}


def test_a_migration_that_fails_leaves_nothing(warehouse: Warehouse, catalog: str, delta: str) -> None:
    given = glue(external("orders", delta), view("wrong", "SELECT nothing FROM orders"))
    with pytest.raises(Error, match="nothing"):
        plan_glue(given, catalog, warehouse).apply(warehouse)
    assert schemas(warehouse, catalog) == set()
    plan_glue(glue(external("orders", delta)), catalog, warehouse).apply(warehouse)
    assert warehouse.rows(f"SELECT id FROM {catalog}.sales.orders") == [{"id": 1}], "the files stay"


def test_what_is_refused_keeps_all_from_being_made(warehouse: Warehouse, catalog: str, delta: str) -> None:
    plan = plan_glue(glue(external("orders", delta), {"Name": "odd"}), catalog, warehouse)
    with pytest.raises(SourceError, match=r"nothing was made[^|]*sales\.odd: no external table reads"):
        plan.apply(warehouse)
    assert schemas(warehouse, catalog) == set()
    plan.apply(warehouse, partly=True)
    assert tables(warehouse, catalog) == {"sales.orders"}


def atlas(owner: str = "etl") -> dict[str, Any]:
    def entity(guid: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
        attributes = {"qualifiedName": name, **more.pop("attributes", {})}
        return {"guid": guid, "typeName": kind, "attributes": attributes, **more}

    pii = {"classifications": [{"typeName": "PII", "attributes": {"level": "it's high"}}]}
    refers = {
        "inputs": [{"guid": "1"}],
        "outputs": [{"guid": "2"}],
        "queryText": "insert into b select x from a",
    }
    return {
        "entities": [
            entity("1", "hive_table", "s.a@cl", attributes={"owner": owner}, **pii),
            entity("2", "hive_table", "s.b@cl"),
            entity("3", "hive_column", "s.a.x@cl", classifications=[{"typeName": "Email"}]),
            entity("4", "hive_process", "s.b@cl:1", attributes=refers),
        ]
    }


def planned(warehouse: Warehouse, store: LineageStore, catalog: str) -> AtlasPlan:
    export = parse_atlas([("test", atlas())])
    return plan_atlas(export, warehouse, store, catalog=catalog, owners={"etl": ADMIN})


def test_an_atlas_export_is_taken_over_once(warehouse: Warehouse, catalog: str) -> None:
    warehouse.execute(f"CREATE SCHEMA {catalog}.s").close()
    warehouse.execute(f"CREATE TABLE {catalog}.s.a (x STRING)").close()
    store = MemoryStore()
    plan = planned(warehouse, store, catalog)
    assert plan.statements == [
        f"ALTER TABLE `{catalog}`.`s`.`a` SET TAGS ('PII' = 'level=it\\'s high')",
        f"ALTER TABLE `{catalog}`.`s`.`a` ALTER COLUMN `x` SET TAGS ('Email' = '')",
    ]
    assert plan.skipped == [f"tags and owner of {catalog}.s.b: there is no such table here"]
    assert list(store.events()) == [], "a plan changes nothing"
    plan.apply(warehouse, store)
    assert [(one.source, one.target) for one in store.events()] == [(f"{catalog}.s.a", f"{catalog}.s.b")]
    again = planned(warehouse, store, catalog)
    assert (again.lineage, again.statements) == ([], [])


@pytest.fixture
def group(warehouse: Warehouse) -> Iterator[str]:
    """A group that the admin is not in."""
    made = warehouse.client.groups.create(display_name=f"group_{uuid.uuid4().hex[:12]}")
    yield str(made.display_name)
    warehouse.client.groups.delete(str(made.id))


def test_owners(warehouse: Warehouse, catalog: str, group: str) -> None:
    warehouse.execute(f"CREATE SCHEMA {catalog}.s").close()
    warehouse.execute(f"CREATE TABLE {catalog}.s.a (x STRING)").close()
    export = parse_atlas([("test", atlas())])
    plan = plan_atlas(export, warehouse, MemoryStore(), catalog=catalog, owners={"etl": group})
    plan.apply(warehouse, MemoryStore())
    [row] = warehouse.rows(
        "SELECT table_owner FROM system.information_schema.tables WHERE table_catalog = :catalog"
        " AND table_name = 'a'",
        catalog=catalog,
    )
    assert row["table_owner"] == group
    unknown = plan_atlas(export, warehouse, MemoryStore(), catalog=catalog)
    assert f"owner of {catalog}.s.a: nobody here is given for 'etl'" in unknown.skipped
