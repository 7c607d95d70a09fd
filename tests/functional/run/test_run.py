"""A project, run against a workspace through the official clients."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.core.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from conftest import Shop

EVERYTHING = [
    "create table customers",
    "tag customers",
    "tag customers.name",
    "create table orders",
    "stage 2 files (0.0 MB)",
    "load customers from 1 file",
    "load orders from 1 file",
    "derive revenue (revenue)",
    "derive best (best_table)",
    "derive best (best_merge)",
]


def test_a_first_run_makes_everything_and_a_second_nothing(shop: Shop) -> None:
    places = [f"create schema {shop.schema}", "create volume landing"]
    assert shop.preview() == places + EVERYTHING
    first = shop.run()
    assert [step.title for step in first.steps] == places + EVERYTHING
    assert {step.title: step.rows for step in first.steps}["load orders from 1 file"] == 3
    assert shop.rows("SELECT name, amount FROM revenue ORDER BY id") == [
        ("Ada", Decimal("39.50")),
        ("Grace", Decimal("5.25")),
    ]
    second = shop.run()
    assert not second.changed
    assert second.tables == first.tables
    assert shop.preview() == []


def test_the_summary(shop: Shop) -> None:
    figures = {table.name.rpartition(".")[2]: table for table in shop.run().tables}
    assert list(figures) == ["orders", "customers", "revenue", "best"]
    customers = figures["customers"]
    assert (customers.rows, customers.columns) == (2, 3)
    assert customers.null_share == pytest.approx(1 / 6)
    assert customers.size > 0
    assert figures["best"].rows == 1


def test_what_was_declared_is_in_the_catalog(shop: Shop) -> None:
    shop.run()
    client = shop.workspace.client()
    orders = client.tables.get(f"main.{shop.schema}.orders")
    assert orders.comment == "What was bought"
    assert [(c.name, c.type_text, c.nullable) for c in orders.columns or []] == [
        ("id", "int", False),
        ("customer", "int", True),
        ("amount", "decimal(10,2)", True),
    ]
    keys = [c.primary_key_constraint or c.foreign_key_constraint for c in orders.table_constraints or []]
    assert {(key.name, *(key.child_columns or [])) for key in keys if key} == {
        ("orders_pk", "id"),
        ("orders_customer_fk", "customer"),
    }
    assert client.schemas.get(f"main.{shop.schema}").comment == "A small shop"
    tags = client.entity_tag_assignments.list("columns", f"main.{shop.schema}.customers.name")
    assert [(tag.tag_key, tag.tag_value) for tag in tags] == [("pii", "name")]


def test_a_new_file_is_loaded_alone_and_what_is_derived_follows(shop: Shop) -> None:
    shop.run()
    shop.write("files/orders-2.csv", "id,customer,amount\n13,2,100.00\n")
    assert shop.titles() == [
        "stage 1 files (0.0 MB)",
        "load orders from 1 file",
        "derive revenue (revenue)",
        "derive best (best_table)",
        "derive best (best_merge)",
    ]
    assert shop.rows("SELECT id, amount FROM best ORDER BY id") == [
        (1, Decimal("39.50")),
        (2, Decimal("105.25")),
    ]
    assert shop.titles() == []


def test_a_file_that_changed_after_it_was_loaded_is_refused(shop: Shop) -> None:
    shop.run()
    shop.write("files/orders.csv", "id,customer,amount\n10,1,26.00\n")
    with pytest.raises(SourceError, match=r"orders\.csv changed after it was loaded into orders"):
        shop.run()
    shop.rows("DROP TABLE orders")
    assert "load orders from 1 file" in shop.titles()
    assert shop.rows("SELECT amount FROM orders") == [(Decimal("26.00"),)]


def test_a_file_that_was_never_loaded_may_change(shop: Shop) -> None:
    shop.write("files/orders.csv", "id,customer,amount\n10,1,not a number\n")
    with pytest.raises(ServerOperationError, match="not a number"):
        shop.run()
    shop.write("files/orders.csv", "id,customer,amount\n10,1,26.00\n")
    assert "load orders from 1 file" in shop.titles()
    assert shop.titles() == []


def test_a_lost_record_loads_nothing_twice(shop: Shop) -> None:
    shop.run()
    shop.workspace.client().files.delete(f"/Volumes/main/{shop.schema}/landing/_lakestead.json")
    assert "stage 2 files (0.0 MB)" in shop.titles()
    assert shop.rows("SELECT count(*) FROM orders") == [(3,)]
    assert shop.titles() == []


def test_a_file_overwritten_in_the_volume_is_staged_again(shop: Shop) -> None:
    import io

    shop.run()
    path = f"/Volumes/main/{shop.schema}/landing/orders.csv"
    shop.workspace.client().files.upload(path, io.BytesIO(b"spoilt"), overwrite=True)
    assert shop.titles() == ["stage 1 files (0.0 MB)"]
    there = shop.workspace.client().files.download(path).contents
    assert there is not None
    with there:
        assert there.read() == (shop.folder / "files/orders.csv").read_bytes()


def test_changes_of_a_declaration(shop: Shop) -> None:
    shop.run()
    shop.edit("lakestead.yaml", "comment: What was bought", "comment: What was sold")
    shop.edit("lakestead.yaml", "city: string", "city: {type: string, comment: Where}\n      since: date")
    shop.edit("lakestead.yaml", "tags: {owner: sales}", "tags: {owner: marketing}")
    done = shop.titles()
    assert done[:4] == [
        "comment on customers.city",
        "add column customers.since",
        "tag customers",
        "comment on orders",
    ]
    assert shop.titles() == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("city: string", "city: int", r"customers\.city is declared int but is string in the workspace"),
        (
            "city: string",
            "city: string\n      x: {type: int, required: true}",
            "is new to a table that is there",
        ),
        (
            "primary_key: [id]\n    columns:\n",
            "primary_key: [name]\n    columns:\n",
            "customers_pk is declared over name",
        ),
    ],
)
def test_a_declaration_that_cannot_be_met_is_refused(
    shop: Shop, before: str, after: str, message: str
) -> None:
    shop.run()
    shop.edit("lakestead.yaml", before, after)
    with pytest.raises(ConfigError, match=message):
        shop.run()


def test_a_statement_runs_again_when_its_text_its_input_or_its_target_changes(shop: Shop) -> None:
    shop.run()
    shop.edit("derive.sql", "amount > 10", "amount > 20")
    assert shop.titles() == ["derive best (best_merge)"]
    shop.rows("UPDATE customers SET name = 'Augusta' WHERE id = 1")
    assert [title for title in shop.titles() if "revenue" in title] == ["derive revenue (revenue)"]
    assert shop.rows("SELECT name FROM revenue WHERE id = 1") == [("Augusta",)]
    shop.rows("DROP TABLE best")
    assert shop.titles() == ["derive best (best_table)", "derive best (best_merge)"]
    assert shop.titles() == []


def test_a_derived_view(shop: Shop) -> None:
    text = (shop.folder / "derive.sql").read_text(encoding="utf-8")
    shop.write(
        "derive.sql",
        text
        + "\n-- name: cities\n-- view: cities\nCREATE OR REPLACE VIEW cities AS SELECT city FROM customers",
    )
    assert "derive cities (cities)" in shop.titles()
    assert shop.rows("SELECT count(city) FROM cities") == [(1,)]
    assert shop.titles() == []


def test_no_file_matches(shop: Shop) -> None:
    shop.edit("lakestead.yaml", "files: orders*.csv", "files: sales*.csv")
    with pytest.raises(SourceError, match=r"table orders: no file of the volume matches 'sales\*\.csv'"):
        shop.run()


def test_a_script_prepares_the_files(shop: Shop, tmp_path: Path) -> None:
    shop.edit(
        "lakestead.yaml", "stage: files", "stage: made\nprepare: {run: make.py, makes: [made/orders.csv]}"
    )
    shop.write(
        "make.py", "import shutil; shutil.copytree('files', 'made', dirs_exist_ok=True); print('done')"
    )
    assert shop.titles()[0] == "prepare files: make.py"
    assert shop.titles() == []


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("raise SystemExit('no data today')", r"make\.py failed \(exit code 1\):\nno data today"),
        ("pass", r"make\.py ended well but did not make made/orders\.csv"),
    ],
)
def test_a_script_that_does_not_prepare_them(shop: Shop, script: str, message: str) -> None:
    shop.edit(
        "lakestead.yaml", "stage: files", "stage: made\nprepare: {run: make.py, makes: [made/orders.csv]}"
    )
    shop.write("make.py", script)
    with pytest.raises(SourceError, match=message):
        shop.run()
