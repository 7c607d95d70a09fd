"""Merging rows into Delta tables by their keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakestead.core.datatypes import parse_type
from lakestead.engine import delta
from lakestead.engine.delta import Commit, Definition, DeltaColumn, DeltaError, DeltaErrorKind
from lakestead.engine.delta.merge import INSERT, JOINS, UPDATE, NotMergeable, Rules, merge, refuse_unmergeable
from lakestead.engine.sail import EngineSession

Apply = Callable[[pa.Table, Rules], Mapping[str, int]]
MERGE = Commit("MERGE", user="ann")
KV = Rules({"k": "k"}, [{"v": "v"}], [{"k": "k", "v": "v"}])


def source(
    joins: object = True, update: object = 0, insert: object = 0, **columns: Sequence[object]
) -> pa.Table:
    """Return source rows of which all take part, and all have the first update and insert."""
    table = pa.table(columns)
    for name, value in ((JOINS, joins), (UPDATE, update), (INSERT, insert)):
        table = table.append_column(
            name, pa.array([value] * table.num_rows, pa.bool_() if name == JOINS else pa.int32())
        )
    return table


def read(location: str) -> list[tuple[object, ...]]:
    table = pa.RecordBatchReader.from_stream(DeltaTable(location).scan()).read_all()
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def no_query(_: str) -> pa.Table:
    raise AssertionError("the table has no constraints")


def names(location: str) -> set[str]:
    return {path.relative_to(location).parts[0] for path in Path(location).rglob("*.parquet")}


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "table")


@pytest.fixture
def apply(location: str, session: EngineSession) -> Apply:
    """Merge rows into the table."""

    def merged(rows: pa.Table, rules: Rules) -> Mapping[str, int]:
        table = DeltaTable(location)
        refuse_unmergeable(table)
        return merge(table, rows, rules, MERGE, query=session.query)

    return merged


def test_only_files_with_such_keys_are_written_anew(location: str, apply: Apply) -> None:
    for first in (0, 10, 20):
        write_deltalake(location, pa.table({"k": range(first, first + 10), "v": ["old"] * 10}), mode="append")
    before = set(DeltaTable(location).file_uris())
    metrics = apply(source(k=[13, 17, 99], v=["new", "new", "added"]), KV)
    kept = before & set(DeltaTable(location).file_uris())
    assert len(kept) == 2
    rows = dict(read(location))
    assert {key: value for key, value in rows.items() if value != "old"} == {
        13: "new",
        17: "new",
        99: "added",
    }
    assert len(rows) == 31
    counted = {
        name: value
        for name, value in metrics.items()
        if value and not name.endswith("Ms") and "Bytes" not in name
    }
    assert counted == {
        "numSourceRows": 3,
        "numOutputRows": 11,
        "numTargetRowsInserted": 1,
        "numTargetRowsUpdated": 2,
        "numTargetRowsCopied": 8,
        "numTargetRowsMatchedUpdated": 2,
        "numTargetFilesAdded": 2,
        "numTargetFilesRemoved": 1,
    }
    (commit,) = delta.history(location, 1)
    assert (commit.operation, commit.user, commit.is_blind_append) == ("MERGE", "ann", False)
    assert commit.metrics == {name: str(value) for name, value in metrics.items()}


def test_rows_go_to_the_rule_that_their_source_names(location: str, apply: Apply) -> None:
    write_deltalake(location, pa.table({"k": [1, 2, 3, 4], "v": ["a", "b", "c", "d"], "w": [1, 2, 3, 4]}))
    rows = source(k=[1, 2, 3, 5, 6, 7], v=["A", "B", "C", "E", "F", "G"])
    rows = rows.set_column(
        rows.schema.get_field_index(UPDATE), UPDATE, pa.array([0, 1, None, 0, 0, 0], pa.int32())
    )
    rows = rows.set_column(
        rows.schema.get_field_index(INSERT), INSERT, pa.array([0, 0, 0, 0, 1, None], pa.int32())
    )
    rules = Rules({"k": "k"}, [{"v": "v"}, None], [{"k": "k", "v": "v"}, {"k": "k"}])
    metrics = apply(rows, rules)
    assert read(location) == [(1, "A", 1), (3, "c", 3), (4, "d", 4), (5, "E", None), (6, None, None)]
    assert (metrics["numTargetRowsUpdated"], metrics["numTargetRowsDeleted"]) == (1, 1)


def test_nothing_to_do_commits_nothing(location: str, apply: Apply) -> None:
    write_deltalake(location, pa.table({"k": [1], "v": ["a"]}))
    assert apply(source(k=[1, 2], v=["b", "c"], update=None, insert=None), KV) == {}
    assert apply(source(k=[1], v=["b"], joins=False, insert=None), KV) == {}
    assert DeltaTable(location).version() == 0


def test_a_file_may_lose_all_its_rows(location: str, apply: Apply) -> None:
    write_deltalake(location, pa.table({"k": [1, 2], "v": ["a", "b"]}))
    assert apply(source(k=[2, 1], v=["", ""]), Rules({"k": "k"}, [None], []))["numTargetRowsDeleted"] == 2
    assert read(location) == []
    assert DeltaTable(location).file_uris() == []


def test_rows_of_many_batches(location: str, apply: Apply) -> None:
    size = 200_000
    write_deltalake(location, pa.table({"k": range(size), "v": pa.array(range(size), pa.int64())}))
    chosen = [0, 1, 65_535, 65_536, 131_071, 131_072, size - 1]
    apply(source(k=chosen, v=[-1] * len(chosen)), KV)
    rows = dict(read(location))
    assert len(rows) == size
    assert {key for key, value in rows.items() if value == -1} == set(chosen)
    assert all(key == value for key, value in rows.items() if value != -1)


KEYS: dict[str, Sequence[object]] = {
    "tinyint": [1, -128, 127],
    "bigint": [2**53 + 1, 2**53, -(2**63)],
    "string": ["", "ä/ %20=", "z" * 100],
    "date": [date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)],
    "timestamp": [datetime(2024, 1, 1, 0, 0, 0, one, UTC) for one in (1, 999, 1000)],
    "timestamp_ntz": [datetime(2024, 1, 1, 0, 0, 0, one, UTC).replace(tzinfo=None) for one in (1, 999, 1000)],
    "decimal(38,2)": [Decimal("1.10"), Decimal("1.11"), Decimal("9" * 36 + ".99")],
    "boolean": [True, False, None],
    "binary": [b"", b"\x00\xff", b"a"],
}


@pytest.mark.parametrize(
    ("ddl", "partitioned"),
    [(ddl, one) for ddl in KEYS for one in (False, True) if not one or ddl != "binary"],
)
def test_keys_of_every_type(location: str, apply: Apply, ddl: str, partitioned: bool) -> None:
    values = KEYS[ddl]
    kind = parse_type(ddl)
    columns = (DeltaColumn("k", kind), DeltaColumn("v", parse_type("int")))
    delta.create(location, Definition(columns, ("k",) if partitioned else ()), Commit("CREATE TABLE"))
    keys = pa.array(values, kind.to_arrow())
    delta.write(
        location, pa.table({"k": keys, "v": pa.array([0, 1, 2], pa.int32())}).to_reader(), Commit("WRITE")
    )
    rows = source(k=keys[1:], v=pa.array([-1, -2], pa.int32()))
    metrics = apply(rows, KV)
    if values[2] is None:
        assert metrics["numTargetRowsUpdated"] == metrics["numTargetRowsInserted"] == 1
        assert read(location) == [(False, -1), (None, -2), (None, 2), (True, 0)]
    else:
        assert metrics["numTargetRowsUpdated"] == 2
        assert dict(read(location)) == dict(zip(values, [0, -1, -2], strict=True))


@pytest.mark.parametrize(
    ("own", "others", "matches"),
    [
        (pa.array([1], pa.int16()), pa.array([1], pa.int64()), 1),
        (pa.array([1], pa.int16()), pa.array([2**40 + 1], pa.int64()), 0),
        (pa.array([Decimal("1.5")]), pa.array([Decimal("1.500")]), 1),
        (pa.array([Decimal("1.5")], pa.decimal128(38, 1)), pa.array([Decimal("1.500")]), None),
        (pa.array(["1"]), pa.array([1]), None),
        (pa.array([1.0]), pa.array([1.0]), None),
        (pa.array([1], pa.timestamp("us")), pa.array([1], pa.timestamp("us", "UTC")), None),
    ],
)
def test_keys_of_two_types(
    location: str, apply: Apply, own: pa.Array, others: pa.Array, matches: int | None
) -> None:
    write_deltalake(location, pa.table({"k": own, "v": ["a"]}))
    rows, updates = source(k=others, v=["b"]), Rules({"k": "k"}, [{"v": "v"}], [])
    if matches is None:
        with pytest.raises(NotMergeable):
            apply(rows, updates)
        return
    assert apply(rows, updates).get("numTargetRowsUpdated", 0) == matches
    assert read(location) == [(own[0].as_py(), "b" if matches else "a")]


def test_several_source_rows_for_one_row(location: str, apply: Apply) -> None:
    write_deltalake(location, pa.table({"k": [1, 1, 2], "v": ["a", "a", "b"]}))
    # Two rows with the same key may both match one source row.
    assert apply(source(k=[1], v=["c"]), KV)["numTargetRowsUpdated"] == 2
    with pytest.raises(NotMergeable, match="several"):
        apply(source(k=[1, 1], v=["c", "c"]), KV)
    # What is only inserted cannot be ambiguous.
    inserts = Rules(KV.keys, [], KV.inserts)
    assert apply(source(k=[1, 1, 3, 3], v=["c"] * 4, update=None), inserts)["numTargetRowsInserted"] == 2
    assert read(location) == [(1, "c"), (1, "c"), (2, "b"), (3, "c"), (3, "c")]


def test_values_must_be_of_the_columns_types(location: str, apply: Apply) -> None:
    write_deltalake(location, pa.table({"k": [1], "v": ["a"]}))
    with pytest.raises(NotMergeable):
        apply(source(k=[1], v=[1]), KV)
    with pytest.raises(NotMergeable):
        apply(source(k=[1], v=["b"]), Rules({"k": "k"}, [{"other": "v"}], []))
    assert DeltaTable(location).version() == 0


def test_constraints_are_kept(location: str, apply: Apply) -> None:
    columns = (DeltaColumn("k", parse_type("bigint")), DeltaColumn("v", parse_type("string"), nullable=False))
    definition = Definition(columns, properties={"delta.constraints.short": "length(v) < 3"})
    delta.create(location, definition, Commit("CREATE TABLE"))
    apply(source(k=[1, 2], v=["a", "b"]), KV)
    for value, kind in ((None, DeltaErrorKind.NOT_NULL), ("long", DeltaErrorKind.CHECK)):
        for key in (1, 3):
            with pytest.raises(DeltaError) as caught:
                apply(source(k=[key], v=pa.array([value], pa.string())), KV)
            assert caught.value.kind is kind
    assert read(location) == [(1, "a"), (2, "b")]
    assert not [name for name in names(location) if name.startswith("staged")]


def test_partitions_change_and_old_files_lack_columns(location: str, apply: Apply) -> None:
    write_deltalake(location, pa.table({"k": [1, 2], "v": ["a b", "é/%"]}), partition_by=["v"])
    delta.add_columns(location, [DeltaColumn("w", parse_type("int"))], Commit("ADD COLUMNS"))
    apply(source(k=[1, 3], v=["é/%", None]), KV)
    assert read(location) == [(1, "é/%", None), (2, "é/%", None), (3, None, None)]


@pytest.mark.parametrize(
    "properties",
    [{"delta.enableChangeDataFeed": "true"}, {"delta.appendOnly": "true"}, {"generated": "k * 2"}],
)
def test_tables_that_are_more_than_rows(location: str, apply: Apply, properties: dict[str, str]) -> None:
    generation = properties.pop("generated", None)
    columns = (
        DeltaColumn("k", parse_type("bigint")),
        DeltaColumn("v", parse_type("bigint"), generation=generation),
    )
    delta.create(location, Definition(columns, properties=properties), Commit("CREATE TABLE"))
    with pytest.raises(NotMergeable):
        apply(source(k=[1], v=[2]), KV)


def test_another_writer_in_between_is_a_conflict(location: str) -> None:
    rows = pa.table({"k": [1], "v": ["a"]})
    write_deltalake(location, rows)

    others = iter([lambda: write_deltalake(location, rows, mode="append")])

    def check() -> None:
        next(others, lambda: None)()

    with pytest.raises(DeltaError) as caught:
        merge(DeltaTable(location), source(k=[1], v=["b"]), KV, MERGE, query=no_query, check=check)
    assert caught.value.kind is DeltaErrorKind.CONFLICT
    assert read(location) == [(1, "a"), (1, "a")]
    assert (
        merge(DeltaTable(location), source(k=[1], v=["b"]), KV, MERGE, query=no_query)["numTargetRowsUpdated"]
        == 2
    )


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_merge_can_be_stopped_until_it_commits(location: str, calls: int) -> None:
    write_deltalake(location, pa.table({"k": [1], "v": ["a"]}))
    left = iter(range(calls - 1))

    def check() -> None:
        if next(left, None) is None:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        merge(DeltaTable(location), source(k=[1], v=["b"]), KV, MERGE, query=no_query, check=check)
    assert DeltaTable(location).version() == 0
    assert not [name for name in names(location) if name.startswith("staged")]
