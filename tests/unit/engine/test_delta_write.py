"""Making and writing Delta tables; what is written is read back by two other implementations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakestead.core.datatypes import LONG, STRING, TIMESTAMP, parse_type
from lakestead.engine import delta
from lakestead.engine.delta import Commit, Definition, DeltaColumn, DeltaError, DeltaErrorKind
from lakestead.engine.delta.errors import mapped
from lakestead.engine.sail import EngineSession

WRITE = Commit("WRITE")
KEYED = Definition((DeltaColumn("Id", LONG, False, "the key"), DeltaColumn("v", STRING)))


def rows(**columns: list[object]) -> pa.RecordBatchReader:
    return pa.table(columns).to_reader()


def read(location: str) -> list[dict[str, object]]:
    table = pa.RecordBatchReader.from_stream(DeltaTable(location).scan()).read_all()
    return sorted(table.to_pylist(), key=str)


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "table")


def files_in(location: str) -> list[str]:
    return [str(path) for path in Path(location).rglob("*.parquet")]


def test_create_records_what_the_table_is(location: str) -> None:
    definition = Definition(
        KEYED.columns, ("v",), {"a.b": "c", "delta.constraints.positive": "Id > 0"}, "a comment"
    )
    assert delta.create(location, definition, Commit("CREATE TABLE", user="ann")) == 0
    state = delta.state(location)
    assert state.columns == definition.columns
    assert state.partition_columns == ("v",)
    assert state.configuration == definition.properties
    assert state.checks == {"positive": "Id > 0"}
    assert (state.comment, state.version, state.files, state.rows) == ("a comment", 0, 0, 0)
    assert (state.min_reader_version, state.min_writer_version) == (1, 3)
    assert [(one.operation, one.user) for one in delta.history(location)] == [("CREATE TABLE", "ann")]


def test_create_refuses_a_table_that_is_there(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    with pytest.raises(DeltaError) as error:
        delta.create(location, KEYED, WRITE)
    assert error.value.kind is DeltaErrorKind.EXISTS


def test_replacing_keeps_history_and_changes_identity(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    delta.write(location, rows(id=[1], v=["a"]), WRITE)
    before = delta.state(location)
    other = Definition((DeltaColumn("other", STRING),))
    assert delta.create(location, other, Commit("CREATE OR REPLACE TABLE"), replace=True) == 2
    after = delta.state(location)
    assert after.table_id != before.table_id
    assert after.columns == other.columns
    assert read(location) == []
    assert len(delta.history(location)) == 3


def test_rows_go_by_name_and_take_the_columns_types(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    data = pa.table({"V": pa.array(["a", "b"]).dictionary_encode(), "id": pa.array([1, 2], pa.int16())})
    written = delta.write(location, data.to_reader(), WRITE)
    assert (written.version, written.rows, written.files) == (1, 2, 1)
    assert read(location) == [{"Id": 1, "v": "a"}, {"Id": 2, "v": "b"}]
    assert delta.commit_metrics(location, 1) == {
        "numFiles": 1,
        "numOutputRows": 2,
        "numOutputBytes": written.size,
    }


def test_missing_columns_become_null(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    delta.write(location, rows(id=[1]), WRITE)
    assert read(location) == [{"Id": 1, "v": None}]


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"id": [1], "w": ["a"]}, DeltaErrorKind.SCHEMA),
        ({"id": ["one"]}, DeltaErrorKind.SCHEMA),
        ({"v": ["a"]}, DeltaErrorKind.NOT_NULL),
        ({"id": [None, 1]}, DeltaErrorKind.NOT_NULL),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    location: str, columns: dict[str, list[object]], kind: DeltaErrorKind
) -> None:
    delta.create(location, KEYED, WRITE)
    with pytest.raises(DeltaError) as error:
        delta.write(location, rows(**columns), WRITE)
    assert error.value.kind is kind
    assert delta.latest_version(location) == 0
    assert files_in(location) == []


def test_an_error_of_the_reader_comes_out_as_it_is(location: str) -> None:
    class Stopped(Exception):
        pass

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({"id": [1]})
        raise Stopped

    delta.create(location, KEYED, WRITE)
    schema = pa.schema([("id", pa.int64())])
    with pytest.raises(Stopped):
        delta.write(location, pa.RecordBatchReader.from_batches(schema, batches()), WRITE)
    assert delta.latest_version(location) == 0
    assert files_in(location) == []


def test_merging_schemas_adds_columns_and_keeps_not_null(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    delta.write(location, rows(id=[1], new=[1.5]), WRITE, merge_schema=True)
    columns = delta.state(location).columns
    assert [(one.name, one.type.ddl, one.nullable) for one in columns] == [
        ("Id", "bigint", False),
        ("v", "string", True),
        ("new", "double", True),
    ]
    assert columns[0].comment == "the key"


def test_overwriting_with_a_definition_replaces_table_and_rows_at_once(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    delta.write(location, rows(id=[1], v=["a"]), WRITE)
    definition = Definition((DeltaColumn("n", LONG),), properties={"x": "y"}, comment="new")
    written = delta.write(
        location, rows(n=[7, 8]), Commit("CREATE OR REPLACE TABLE AS SELECT"), definition=definition
    )
    assert (written.version, written.removed_files) == (2, 1)
    assert read(location) == [{"n": 7}, {"n": 8}]
    assert delta.state(location).configuration == {"x": "y"}


def test_a_table_can_be_made_with_its_rows_in_one_version(location: str) -> None:
    assert delta.write(location, rows(id=[1]), WRITE, definition=KEYED).version == 0
    assert read(location) == [{"Id": 1, "v": None}]


def test_partition_values_of_all_types_come_back(location: str, session: EngineSession) -> None:
    values: dict[str, list[object]] = {
        "s": ["a b/%=é", None, "plain"],
        "d": [date(2020, 2, 29)] * 3,
        "t": [datetime(2020, 1, 1, 1, 2, 3, 4, tzinfo=UTC)] * 3,
        "b": [True, False, None],
        "n": [Decimal("1.50")] * 3,
        "x": [1, 2, 3],
    }
    types = {"s": "string", "d": "date", "t": "timestamp", "b": "boolean", "n": "decimal(5,2)", "x": "bigint"}
    columns = tuple(DeltaColumn(name, parse_type(ddl)) for name, ddl in types.items())
    delta.create(location, Definition(columns, ("s", "d", "t", "b", "n")), WRITE)
    schema = delta.state(location).schema
    delta.write(location, pa.table(values, schema=schema).to_reader(), WRITE)
    expected = [{name: column[place] for name, column in values.items()} for place in range(3)]
    assert read(location) == sorted(expected, key=str)
    through_engine = session.query(f"SELECT * FROM delta.`{location}` ORDER BY x").to_pylist()
    assert through_engine == expected
    delta.write(location, rows(x=[9]), WRITE, mode="overwrite")
    assert [row["x"] for row in read(location)] == [9]


def test_rules_are_verified_by_the_engine(location: str, session: EngineSession) -> None:
    columns = (
        DeltaColumn("Id", LONG, False),
        DeltaColumn("ts", TIMESTAMP),
        DeltaColumn("twice", LONG, generation="Id * 2"),
    )
    properties = {"delta.constraints.recent": "Id > 0 AND year(ts) >= 2000"}
    delta.create(location, Definition(columns, properties=properties), WRITE)
    now = datetime(2024, 1, 1, tzinfo=UTC)

    def write(number: int, when: datetime | None, twice: int) -> None:
        delta.write(location, rows(id=[number], ts=[when], twice=[twice]), WRITE, query=session.query)

    write(1, now, 2)
    for bad, rule in [((0, now, 0), "recent"), ((1, None, 2), "recent"), ((1, now, 3), "twice")]:
        with pytest.raises(DeltaError, match=rule) as error:
            write(*bad)
        assert error.value.kind is DeltaErrorKind.CHECK
    with pytest.raises(DeltaError) as error:
        delta.write(location, rows(id=[1], ts=[now], twice=[2]), WRITE)
    assert error.value.kind is DeltaErrorKind.UNSUPPORTED
    assert len(read(location)) == 1


def test_the_engine_keeps_application_transactions(location: str, session: EngineSession) -> None:
    delta.create(location, KEYED, WRITE)
    delta.write(location, rows(id=[1]), Commit("COPY INTO", transactions=(("app-1", 7), ("app-2", 1))))
    session.command("CREATE SCHEMA s")
    session.command(f"CREATE TABLE s.t USING delta LOCATION '{location}'")
    for number in range(12):
        session.command(f"INSERT INTO s.t VALUES ({number}, 'x')")
    session.command("DELETE FROM s.t WHERE Id = 3")
    DeltaTable(location).create_checkpoint()
    session.command("INSERT INTO s.t VALUES (99, 'x')")
    assert DeltaTable(location).transaction_version("app-1") == 7
    assert DeltaTable(location).transaction_version("app-2") == 1


def rows_while_another_writes(location: str) -> pa.RecordBatchReader:
    """A row 2, before which another writer adds a row 1."""

    def batches() -> Iterator[pa.RecordBatch]:
        other = threading.Thread(target=delta.write, args=(location, rows(id=[1]), WRITE))
        other.start()
        other.join()
        yield pa.RecordBatch.from_pydict({"id": [2]})

    return pa.RecordBatchReader.from_batches(pa.schema([("id", pa.int64())]), batches())


def test_an_append_goes_behind_another_writers(location: str) -> None:
    delta.create(location, KEYED, WRITE)

    written = delta.write(location, rows_while_another_writes(location), WRITE)
    assert written.version == 2
    assert [row["Id"] for row in read(location)] == [1, 2]


def test_an_overwrite_does_not_lose_another_writers_rows(location: str) -> None:
    delta.create(location, KEYED, WRITE)
    with pytest.raises(DeltaError) as error:
        delta.write(location, rows_while_another_writes(location), WRITE, mode="overwrite")
    assert error.value.kind is DeltaErrorKind.CONFLICT
    assert [row["Id"] for row in read(location)] == [1]


def test_properties_for_what_cannot_be_written_are_refused(location: str) -> None:
    with pytest.raises(DeltaError, match="columnMapping") as error:
        delta.create(
            location, Definition(KEYED.columns, properties={"delta.columnMapping.mode": "name"}), WRITE
        )
    assert error.value.kind is DeltaErrorKind.UNSUPPORTED


@pytest.mark.parametrize("name", ["with space", "per%20cent", "é", "ha#sh"])
def test_folders_where_the_engine_finds_nothing_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeltaError, match="cannot be kept") as error:
        delta.create(str(tmp_path / name), KEYED, WRITE)
    assert error.value.kind is DeltaErrorKind.UNSUPPORTED
    assert not (tmp_path / name).exists()


def test_a_panic_of_the_library_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeltaError, match="object store url"), mapped():
        write_deltalake(tmp_path / "a[b]", pa.table({"n": [1]}))


def test_append_only_tables_take_rows_but_lose_none(location: str) -> None:
    delta.create(location, Definition(KEYED.columns, properties={"delta.appendOnly": "true"}), WRITE)
    delta.write(location, rows(id=[1]), WRITE)
    with pytest.raises(DeltaError) as error:
        delta.write(location, rows(id=[2]), WRITE, mode="overwrite")
    assert error.value.kind is DeltaErrorKind.APPEND_ONLY
