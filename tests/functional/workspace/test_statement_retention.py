"""What is kept of statements: the record and the results, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lakestead.workspace.app import Workspace
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.history.recorder import Recorder
from lakestead.workspace.identity.authenticate import hash_token
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.statement import State
from lakestead.workspace.statements.answers import Submission
from lakestead.workspace.statements.pool import EnginePool
from lakestead.workspace.statements.requests import ExecuteStatement
from lakestead.workspace.statements.service import Retention, StatementService
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.queries import Query


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path, "http://127.0.0.1:1")
    yield opened
    opened.stop_statements()
    opened.close()


@pytest.fixture
def admin(workspace: Workspace) -> Principal:
    return workspace.authenticator.principal(hash_token(workspace.admin_token))


def service(workspace: Workspace, retention: Retention) -> StatementService:
    return StatementService(workspace.sql, EnginePool(workspace.engine), retention)


def run(statements: StatementService, workspace: Workspace, admin: Principal, text: str) -> Submission:
    request = ExecuteStatement(statement=text, warehouse_id=workspace.default_warehouse_id)
    submission = statements.execute(admin, request, "test/1.0")
    assert submission.statement.wait(30)
    assert submission.statement.state is State.SUCCEEDED
    return submission


def test_a_result_is_dropped_when_its_time_is_over(workspace: Workspace, admin: Principal) -> None:
    statements = service(workspace, Retention(result_seconds=0, sweep_seconds=0))
    old = run(statements, workspace, admin, "SELECT 1")
    assert statements.get(old.statement.id, admin).statement.state is State.CLOSED


def test_a_statement_is_forgotten_when_its_time_is_over(workspace: Workspace, admin: Principal) -> None:
    statements = service(workspace, Retention(known_seconds=0, sweep_seconds=0))
    old = run(statements, workspace, admin, "SELECT 1")
    with pytest.raises(ApiError, match="was not found") as refused:
        statements.get(old.statement.id, admin)
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert old.statement.state is State.CLOSED


def test_the_oldest_go_when_there_are_too_many(workspace: Workspace, admin: Principal) -> None:
    statements = service(workspace, Retention(max_known=2))
    sent = [run(statements, workspace, admin, f"SELECT {number}") for number in range(5)]
    statements.get(sent[-1].statement.id, admin)
    states = [one.statement.state for one in sent]
    assert states == [*[State.CLOSED] * 3, *[State.SUCCEEDED] * 2]


def test_results_that_take_too_much_memory_go_to_disk(workspace: Workspace, admin: Principal) -> None:
    statements = service(workspace, Retention(memory_bytes=0))
    submission = run(statements, workspace, admin, "SELECT id FROM range(1000)")
    result = submission.statement.result
    assert result is not None
    (chunk,) = result.spool.chunks
    assert chunk.on_disk
    assert chunk.data()
    statements.close(submission)
    assert result.spool.chunks == []
    with pytest.raises(FileNotFoundError):
        chunk.data()


def test_an_engine_session_is_used_again_by_its_principal_alone(
    workspace: Workspace, admin: Principal
) -> None:
    pool = EnginePool(workspace.engine)
    other = Principal(99, "somebody", "USER", frozenset())
    first = pool.take(admin, None, None)
    for text, kept in (("SELECT 1", True), ("CREATE TEMPORARY VIEW mine AS SELECT 1", False)):
        statement = workspace.sql.submit(first, text)
        statement.wait(30)
        assert statement.state is State.SUCCEEDED
        pool.give_back(statement, succeeded=True)
        theirs = pool.take(other, None, None)
        again = pool.take(admin, None, None)
        assert theirs.engine is not first.engine
        assert (again.engine is first.engine) is kept
        assert again.id != first.id
        theirs.engine.close()
        first = again
    first.engine.close()


def test_the_record_is_bounded(workspace: Workspace, admin: Principal, tmp_path: Path) -> None:
    store = Store(tmp_path / "record.db")
    recorder = Recorder(store, keep=3)
    statements = service(workspace, Retention())
    for number in range(6):
        recorder.record(run(statements, workspace, admin, f"SELECT {number}").statement)
    recorder.close()
    with store.read() as tx:
        texts = list(tx.execute(select(Query.text).order_by(Query.number)).scalars())
        assert tx.execute(select(func.count(Query.number))).scalar_one() == 3
    assert texts == ["SELECT 3", "SELECT 4", "SELECT 5"]
    store.close()
