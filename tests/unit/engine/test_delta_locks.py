"""Writers that wait for each other, and tries again after conflicts."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from lakestead.core.datatypes import LONG
from lakestead.engine import delta
from lakestead.engine.delta import Commit, Definition, DeltaColumn, DeltaError, DeltaErrorKind, Locks
from lakestead.engine.sail import EngineError


def test_one_holds_while_others_wait(tmp_path: Path) -> None:
    locks = Locks()
    waiting = threading.Event()
    order: list[str] = []

    def second() -> None:
        with locks.hold(f"{tmp_path}/", check=waiting.set):
            order.append("second")

    with locks.hold(str(tmp_path)), locks.hold(tmp_path.as_uri()):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_waiting_ends_by_time_or_by_cancelling(tmp_path: Path) -> None:
    locks = Locks()
    errors: list[Exception] = []

    class Cancelled(Exception):
        pass

    def cancel() -> None:
        raise Cancelled

    def wait(**how: object) -> None:
        try:
            with locks.hold(str(tmp_path), **how):  # type: ignore[arg-type]
                pass
        except (DeltaError, Cancelled) as error:
            errors.append(error)

    with locks.hold(str(tmp_path)):
        for how in ({"timeout": 0.0}, {"check": cancel}):
            thread = threading.Thread(target=wait, kwargs=how)
            thread.start()
            thread.join()
    assert isinstance(errors[0], DeltaError)
    assert errors[0].kind is DeltaErrorKind.LOCKED
    assert isinstance(errors[1], Cancelled)


def test_locks_that_nobody_holds_are_forgotten(tmp_path: Path) -> None:
    locks = Locks()
    with locks.hold(str(tmp_path)):
        pass
    gc.collect()
    assert len(locks._locks) == 0


def test_conflicts_are_tried_again_and_other_errors_not() -> None:
    tries: list[int] = []

    def conflicts_twice() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise DeltaError(DeltaErrorKind.CONFLICT, "version 3 is there")
        if len(tries) == 2:
            raise EngineError("Failed to commit transaction: 0")
        return "done"

    assert delta.retry(conflicts_twice) == "done"
    assert len(tries) == 3

    def fails() -> None:
        tries.append(1)
        raise EngineError("division by zero")

    with pytest.raises(EngineError):
        delta.retry(fails)
    assert len(tries) == 4


def test_threads_that_append_lose_nothing(tmp_path: Path) -> None:
    location = str(tmp_path / "table")
    delta.create(location, Definition((DeltaColumn("n", LONG),)), Commit("CREATE TABLE"))
    locks = Locks()

    def work(worker: int) -> None:
        for number in range(5):
            with locks.hold(location):
                row = pa.table({"n": [worker * 100 + number]})
                delta.write(location, row.to_reader(), Commit("WRITE"))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = pa.RecordBatchReader.from_stream(delta.open_table(location).scan()).read_all()
    assert sorted(rows.column("n").to_pylist()) == sorted(w * 100 + n for w in range(8) for n in range(5))
    assert delta.latest_version(location) == 40
