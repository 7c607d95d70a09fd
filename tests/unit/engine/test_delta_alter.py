"""Changes of a table's metadata and columns."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from lakestead.core.datatypes import LONG, STRING
from lakestead.engine import delta
from lakestead.engine.delta import Commit, Definition, DeltaColumn, DeltaError, DeltaErrorKind
from lakestead.engine.delta.rewrite import mentions
from lakestead.engine.sail import EngineSession

CHANGE = Commit("ALTER TABLE", user="ann")


@pytest.fixture
def location(tmp_path: Path) -> str:
    location = str(tmp_path / "table")
    columns = (DeltaColumn("Id", LONG, False, "the key"), DeltaColumn("v", STRING), DeltaColumn("p", STRING))
    delta.create(location, Definition(columns, ("p",), {"k": "1"}), CHANGE)
    data = pa.table({"id": [1, 2], "v": ["a", None], "p": ["x", "y"]})
    delta.write(location, data.to_reader(), CHANGE)
    return location


def names(location: str) -> list[str]:
    return [column.name for column in delta.state(location).columns]


def test_columns_are_added_where_they_are_wanted(location: str, session: EngineSession) -> None:
    delta.add_columns(location, [DeltaColumn("last", LONG)], CHANGE)
    delta.add_columns(location, [DeltaColumn("second", LONG), DeltaColumn("third", LONG)], CHANGE, after="ID")
    delta.add_columns(location, [DeltaColumn("first", STRING, comment="c")], CHANGE, first=True)
    assert names(location) == ["first", "Id", "second", "third", "v", "p", "last"]
    rows = session.query(f"SELECT first, Id, v, p FROM delta.`{location}` ORDER BY Id").to_pylist()
    assert rows[0] == {"first": None, "Id": 1, "v": "a", "p": "x"}
    delta.move_column(location, "last", CHANGE, first=True)
    delta.move_column(location, "first", CHANGE, after="v")
    assert names(location) == ["last", "Id", "second", "third", "v", "first", "p"]


@pytest.mark.parametrize("column", [DeltaColumn("ID", LONG), DeltaColumn("n", LONG, nullable=False)])
def test_columns_that_cannot_be_added(location: str, column: DeltaColumn) -> None:
    with pytest.raises(DeltaError) as error:
        delta.add_columns(location, [column], CHANGE)
    assert error.value.kind is DeltaErrorKind.SCHEMA
    assert delta.latest_version(location) == 1


def test_properties_and_comments(location: str) -> None:
    delta.set_properties(location, {"a": "b", "k": "2"}, CHANGE)
    delta.unset_properties(location, ["k", "never set"], CHANGE)
    delta.set_comment(location, "what it is", CHANGE)
    delta.set_column_comment(location, "V", "what v is", CHANGE)
    delta.set_column_comment(location, "id", None, CHANGE)
    state = delta.state(location)
    assert state.configuration == {"a": "b"}
    assert state.comment == "what it is"
    assert [column.comment for column in state.columns] == [None, "what v is", None]
    with pytest.raises(DeltaError) as error:
        delta.set_column_comment(location, "nothing", "", CHANGE)
    assert error.value.kind is DeltaErrorKind.SCHEMA


def test_change_data_feed_raises_the_protocol_and_nothing_else(location: str) -> None:
    delta.set_properties(location, {"delta.enableChangeDataFeed": "true"}, CHANGE)
    state = delta.state(location)
    assert (state.min_reader_version, state.min_writer_version, state.features) == (1, 4, ())


def test_not_null_is_set_only_where_there_is_none(location: str) -> None:
    with pytest.raises(DeltaError) as error:
        delta.set_nullable(location, "v", False, CHANGE)
    assert error.value.kind is DeltaErrorKind.NOT_NULL
    delta.set_nullable(location, "P", False, CHANGE)
    delta.set_nullable(location, "Id", True, CHANGE)
    assert [column.nullable for column in delta.state(location).columns] == [True, True, False]


def test_checks_hold_for_the_rows_that_are_there(location: str, session: EngineSession) -> None:
    with pytest.raises(DeltaError, match="violated by row") as error:
        delta.add_check(location, "small", "Id < 2", CHANGE, session.query)
    assert error.value.kind is DeltaErrorKind.CHECK
    with pytest.raises(DeltaError) as error:
        delta.add_check(location, "known", "v = 'a'", CHANGE, session.query)
    assert error.value.kind is DeltaErrorKind.CHECK
    delta.add_check(location, "Positive", "Id > 0", CHANGE, session.query)
    assert delta.state(location).checks == {"positive": "Id > 0"}
    with pytest.raises(DeltaError) as error:
        delta.add_check(location, "POSITIVE", "Id > 1", CHANGE, session.query)
    assert error.value.kind is DeltaErrorKind.EXISTS
    delta.drop_check(location, "positive", CHANGE)
    assert delta.state(location).checks == {}
    with pytest.raises(DeltaError) as error:
        delta.drop_check(location, "positive", CHANGE)
    assert error.value.kind is DeltaErrorKind.MISSING


def test_a_dropped_column_does_not_come_back(location: str, session: EngineSession) -> None:
    delta.drop_columns(location, ["V"], Commit("DROP COLUMNS"))
    assert names(location) == ["Id", "p"]
    delta.add_columns(location, [DeltaColumn("v", LONG)], CHANGE)
    rows = session.query(f"SELECT * FROM delta.`{location}` ORDER BY Id").to_pylist()
    assert rows == [{"Id": 1, "p": "x", "v": None}, {"Id": 2, "p": "y", "v": None}]
    before = session.query(f"SELECT v FROM delta.`{location}` VERSION AS OF 1 ORDER BY Id")
    assert before.column("v").to_pylist() == ["a", None]
    assert delta.history(location)[1].operation == "DROP COLUMNS"


def test_a_renamed_column_keeps_values_place_and_rules(location: str, session: EngineSession) -> None:
    delta.rename_column(location, "ID", "number", Commit("RENAME COLUMN"))
    columns = delta.state(location).columns
    assert [column.name for column in columns] == ["number", "v", "p"]
    assert (columns[0].nullable, columns[0].comment) == (False, "the key")
    rows = session.query(f"SELECT * FROM delta.`{location}` ORDER BY number").to_pylist()
    assert rows == [{"number": 1, "v": "a", "p": "x"}, {"number": 2, "v": None, "p": "y"}]
    with pytest.raises(DeltaError) as error:
        delta.rename_column(location, "number", "V", CHANGE)
    assert error.value.kind is DeltaErrorKind.SCHEMA


def test_columns_in_use_are_neither_dropped_nor_renamed(location: str, session: EngineSession) -> None:
    delta.add_check(location, "positive", "abs(`id`) > 0", CHANGE, session.query)
    for name in ("p", "Id"):
        with pytest.raises(DeltaError) as error:
            delta.drop_columns(location, [name], CHANGE)
        assert error.value.kind is DeltaErrorKind.DEPENDENT
        with pytest.raises(DeltaError) as error:
            delta.rename_column(location, name, "q", CHANGE)
        assert error.value.kind is DeltaErrorKind.DEPENDENT


def test_names_in_expressions() -> None:
    assert mentions("Id > 0", "id")
    assert mentions("coalesce(`a b`, 1) = 1", "A b")
    assert not mentions("v = 'id'", "id")
    assert not mentions('v = "it\\"s id"', "id")
    assert not mentions("ids > 0", "id")
