"""Records matched with rows by key; rows deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from databricks.sql import Error

from lakestead.core.errors import SourceError
from lakestead.records import DatabricksConnector

MANY = 12_000
Staged = Callable[[], list[str]]
BOTH = pytest.mark.parametrize("rows", [2, MANY], ids=["bound", "staged"])


def rows_from(first: int, count: int) -> Iterator[dict[str, Any]]:
    return ({"id": number, "name": f"new{number}"} for number in range(first, first + count))


def state(connector: DatabricksConnector, table: str) -> tuple[int, int, int]:
    """Return how many rows there are, how many have a new name, and how many an age."""
    found = connector.read_records(
        f"SELECT count(*) AS n, count_if(name LIKE 'new%') AS new, count(age) AS age FROM {table}"
    )[0]
    return found["n"], found["new"], found["age"]


@BOTH
@pytest.mark.parametrize(
    ("mode", "inserted", "updated", "deleted", "left"),
    [
        ("upsert", -1, 1, 0, (1, 0, 2)),
        ("insert", -1, 0, 0, (1, -1, 2)),
        ("update", None, 1, 0, (None, None, 2)),
        ("mirror", -1, 1, 1, (0, 0, 1)),
    ],
)
def test_modes(
    connector: DatabricksConnector,
    people: str,
    staged: Staged,
    rows: int,
    mode: Any,
    inserted: int | None,
    updated: int,
    deleted: int,
    left: tuple[Any, ...],
) -> None:
    done = connector.upsert_records(rows_from(2, rows), people, keys="ID", mode=mode)
    expected = 0 if inserted is None else rows + inserted
    assert (done.inserted, done.updated, done.deleted) == (expected, updated, deleted)
    assert done == expected + updated + deleted
    if left[0] is None:
        assert state(connector, people) == (2, 1, 2)
    else:
        assert state(connector, people) == (rows + left[0], rows + left[1], left[2])
    assert staged() == []


def test_keys_are_the_primary_key(connector: DatabricksConnector) -> None:
    connector.execute(
        "CREATE TABLE prices (shop STRING NOT NULL, item INT NOT NULL, price INT, id INT,"
        " PRIMARY KEY (item, shop))"
    )
    connector.write_records(
        [{"shop": "a", "item": 1, "price": 5}, {"shop": "b", "item": 1, "price": 6}], "prices"
    )
    done = connector.update_records([{"shop": "b", "item": 1, "price": 7}], "prices")
    assert (done, done.updated) == (1, 1)
    assert connector.read_records("SELECT price FROM prices ORDER BY shop") == [{"price": 5}, {"price": 7}]
    assert connector.delete_records([(1, "a"), {"SHOP": "zzz", "item": 1}], "prices") == 1
    assert connector.read_records("prices", columns=["shop"]) == [{"shop": "b"}]


def test_null_is_a_key_like_others(connector: DatabricksConnector) -> None:
    connector.execute("CREATE TABLE t (a INT, b STRING, n INT)")
    connector.write_records([{"a": 1, "b": None, "n": 1}, {"a": None, "b": None, "n": 2}], "t")
    records = [{"a": 1, "b": None, "n": 10}, {"a": None, "b": None, "n": 20}, {"a": 2, "b": None, "n": 30}]
    done = connector.upsert_records(records, "t", keys=["a", "b"])
    assert (done.inserted, done.updated) == (1, 2)
    assert connector.read_records("SELECT n FROM t ORDER BY n") == [{"n": 10}, {"n": 20}, {"n": 30}]
    assert connector.delete_records([{"a": 1, "b": None}], "t", keys=["a", "b"]) == 1


@BOTH
def test_keys_that_come_twice_are_named(
    connector: DatabricksConnector, people: str, staged: Staged, rows: int
) -> None:
    records = [*rows_from(0, rows), {"id": 1, "name": "x"}, {"id": 1, "name": "y"}]
    with pytest.raises(SourceError, match=r"several records have one key: id = 1 \(3 times\); keep one"):
        connector.upsert_records(records, people)
    assert state(connector, people) == (2, 0, 2)
    assert staged() == []


def test_new_columns(connector: DatabricksConnector, people: str) -> None:
    with pytest.raises(SourceError, match="no column 'city'"):
        connector.upsert_records([{"id": 1, "city": "London"}], people)
    done = connector.upsert_records(
        [{"id": 1, "city": "London"}, {"id": 3, "city": None}], people, evolve=True
    )
    assert (done.inserted, done.updated) == (1, 1)
    assert connector.read_records(people, where="city IS NOT NULL") == [
        {"id": 1, "name": "Ada", "age": 36, "city": "London"}
    ]


def test_only_keys(connector: DatabricksConnector, people: str) -> None:
    assert connector.update_records([{"id": 1}], people) == 0
    assert connector.upsert_records([{"id": 1}, {"id": 3}], people).inserted == 1


def test_a_source_with_a_null_and_a_type_of_the_table(connector: DatabricksConnector, people: str) -> None:
    assert connector.update_records([{"id": "1", "name": None}, {"id": 2.0, "name": "G"}], people) == 2
    assert connector.read_records(f"SELECT name FROM {people} ORDER BY id") == [{"name": None}, {"name": "G"}]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"keys": "nam"}, SourceError, "did you mean 'name'"),
        ({"keys": ["age"]}, SourceError, "records have no column age, which is their key"),
        ({"keys": []}, ValueError, "keys is empty"),
        ({"mode": "replace"}, ValueError, "mode is one of upsert, insert, update, mirror"),
    ],
)
def test_what_is_refused(
    connector: DatabricksConnector, people: str, options: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        connector.upsert_records([{"id": 1, "name": "x"}], people, **options)


def test_nothing_to_merge(connector: DatabricksConnector, people: str) -> None:
    assert connector.upsert_records([], people) == 0
    with pytest.raises(SourceError, match="would delete every row"):
        connector.upsert_records(iter(()), people, mode="mirror")
    assert state(connector, people) == (2, 0, 2)


def test_a_table_without_a_key(connector: DatabricksConnector) -> None:
    connector.execute("CREATE TABLE t (a INT)")
    with pytest.raises(SourceError, match="no primary key and no column 'id'"):
        connector.update_records([{"a": 1}], "t")


@BOTH
def test_deleting_by_id(connector: DatabricksConnector, people: str, staged: Staged, rows: int) -> None:
    done = connector.delete_records([2, 2, *range(100, 100 + rows)], people)
    assert (done, done.deleted) == (1, 1)
    assert connector.read_records(people, columns=["id"]) == [{"id": 1}]
    assert connector.delete_records([], people) == 0
    assert connector.delete_records(("Ada",), people, keys="name") == 1
    assert staged() == []


def test_deleting_by_predicate(connector: DatabricksConnector, people: str) -> None:
    assert connector.delete_records(None, people, where="age > %(age)s", params={"age": 50}).deleted == 1
    assert connector.delete_records(None, people, where="false") == 0
    assert connector.read_records(people, columns=["id"]) == [{"id": 1}]


@pytest.mark.parametrize(
    ("ids", "options", "error", "words"),
    [
        (None, {}, ValueError, "give record_ids, or where"),
        ([1], {"where": "true"}, ValueError, "give record_ids, or where"),
        (None, {"where": "  "}, ValueError, "would delete every row"),
        ("12", {}, SourceError, "put one in a list"),
        ([None], {}, SourceError, "record id 0 gives no value for the key id"),
        (
            [1, (1, 2)],
            {"keys": ["id", "name"]},
            SourceError,
            "record id 0 gives no value for the key id, name",
        ),
        (["x"], {}, SourceError, "row 0: column 'id' cannot take this str as BIGINT"),
    ],
)
def test_what_is_not_deleted(
    connector: DatabricksConnector, people: str, ids: Any, options: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        connector.delete_records(ids, people, **options)
    assert state(connector, people) == (2, 0, 2)


def test_a_merge_that_fails_changes_nothing(
    connector: DatabricksConnector, people: str, staged: Staged
) -> None:
    connector.execute(f"ALTER TABLE {people} ALTER COLUMN age SET NOT NULL")
    with pytest.raises(Error, match="NOT_NULL_CONSTRAINT"):
        connector.upsert_records(rows_from(0, MANY), people)
    assert state(connector, people) == (2, 0, 2)
    assert staged() == []
