"""Sessions: taken and given back, lost and opened again; statements cancelled, limited, repeated or not."""

from __future__ import annotations

import io
import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from databricks.sql import Error
from databricks.sql.client import Connection
from databricks.sql.exc import RequestError

from lakestead.client.sql.pool import Pool
from lakestead.core.errors import ConfigError
from lakestead.records import DatabricksConnector
from lakestead.testing import Workspace
from tests.functional.records.faults import faulty

Connect = Callable[..., DatabricksConnector]
SLOW = (
    "SELECT count(*) FROM range(20000) a JOIN range(20000) b ON a.id <> b.id + 1"
    " JOIN range(100) c ON c.id <> a.id"
)
TOKEN = "dapi-of-nobody-at-all"


def test_a_lost_session_is_opened_again(connector: DatabricksConnector, people: str) -> None:
    for session in [connector._pool.take(), connector._pool.take()]:
        backend = session.connection.session.backend
        backend.close_session(session.connection.session.session_id)
        connector._pool.give_back(session)
    assert connector.write_records([{"id": 3}], people) == 1
    assert len(connector.read_records(people)) == 3


def test_many_threads_share_a_connector(connect: Connect, people: str) -> None:
    connector = connect(pool_size=4)

    def work(number: int) -> int:
        connector.write_records([{"id": 100 + number, "name": "x"}], people)
        connector.upsert_records([{"id": 100 + number, "age": number}], people)
        return int(connector.read_records(people, where=f"id = {100 + number}")[0]["age"])

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(work, range(32))) == list(range(32))
    assert connector.read_records(f"SELECT count(*) AS n FROM {people}") == [{"n": 34}]


def test_a_pool_opens_no_more_than_its_size(workspace_session: Workspace) -> None:
    opened: list[Connection] = []

    def open_one() -> Connection:
        opened.append(workspace_session.connect())
        return opened[-1]

    pool = Pool(open_one, 2, 600)

    def work(_: int) -> None:
        session = pool.take()
        session.connection.cursor().execute("SELECT 1").close()
        pool.give_back(session)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(40)))
    assert len(opened) <= 2
    pool.close()
    assert not any(one.open for one in opened)


def test_an_idle_session_is_given_up(connect: Connect) -> None:
    connector = connect(idle_seconds=0)
    first = connector._pool.take()
    connector._pool.give_back(first)
    second = connector._pool.take()
    connector._pool.give_back(second)
    assert second is not first
    assert not first.connection.open


def test_a_thread_that_waits_for_itself_is_told(connect: Connect) -> None:
    connector = connect(pool_size=1)
    batches = connector.read_batches("SELECT * FROM range(10)", size=5)
    next(batches)
    with pytest.raises(RuntimeError, match="a larger pool_size"):
        connector.read_records("SELECT 1")
    batches.close()  # type: ignore[attr-defined]
    assert connector.read_records("SELECT 1 AS a") == [{"a": 1}]


def test_a_result_that_nobody_has_gives_its_session_back(connect: Connect) -> None:
    connector = connect(pool_size=1)
    for _ in range(3):
        connector.execute("SELECT * FROM range(100000)")
    assert connector.read_records("SELECT 1 AS a") == [{"a": 1}]


def test_cancelling(connector: DatabricksConnector) -> None:
    started, failures = threading.Event(), []

    def run() -> None:
        started.set()
        try:
            connector.read_records(SLOW)
        except Error as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    while thread.is_alive():
        connector.cancel()
        thread.join(0.05)
    assert len(failures) == 1
    assert connector.cancel() == 0
    assert connector.read_records("SELECT 1 AS a") == [{"a": 1}]


def test_a_limit_of_time(connector: DatabricksConnector) -> None:
    with pytest.raises(Error, match="STATEMENT_TIMEOUT"):
        connector.options(timeout=0.5).read_records(SLOW)
    # The same session has no limit for others.
    assert connector.read_records("SET STATEMENT_TIMEOUT")[0]["value"] != "1"
    with pytest.raises(ValueError, match="number of seconds"):
        connector.options(timeout=0)


def test_tags_are_in_the_history(connect: Connect, workspace_session: Workspace) -> None:
    connector = connect(query_tags={"team": "data"})
    connector.options(query_tags={"step": "7"}).read_records("SELECT 'tagged'")
    history = workspace_session.client().query_history.list(max_results=50).res or []
    found = next(one for one in history if one.query_text == "SELECT 'tagged'")
    assert {one.key: one.value for one in found.query_tags or []} == {"team": "data", "step": "7"}


def test_commits_that_conflict_are_repeated(connect: Connect, people: str) -> None:
    connector = connect(pool_size=8)

    def raise_age(_: int) -> int:
        return connector.execute(f"UPDATE {people} SET age = age + 1 WHERE id = 1").records()[0][
            "num_affected_rows"
        ]

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(raise_age, range(24))) == 24
    assert connector.read_records(people, where="id = 1")[0]["age"] == 36 + 24


def test_a_service_that_is_busy_is_waited_for(
    workspace_session: Workspace, connect: Connect, people: str
) -> None:
    with faulty(workspace_session) as (url, faults):
        connector = connect(server_hostname=url)
        connector.connect()
        faults.text, faults.busy = b"INSERT INTO", 1
        assert connector.write_records([{"id": 3}], people) == 1
        assert faults.busy == 0
        connector.close()
    assert len(connect().read_records(people)) == 3


def test_an_insert_without_an_answer_is_not_repeated(
    workspace_session: Workspace, connect: Connect, people: str
) -> None:
    with faulty(workspace_session) as (url, faults):
        connector = connect(server_hostname=url)
        faults.text, faults.broken = b"INSERT INTO", 1
        with pytest.raises(RequestError, match="look whether it was carried out"):
            connector.write_records([{"id": 3}], people)
        assert len(connector.read_records(people)) == 3
        connector.close()


@pytest.mark.parametrize("text", [b"SELECT", b"MERGE INTO", b"COPY INTO"])
def test_what_may_be_repeated_is(
    workspace_session: Workspace, connect: Connect, people: str, text: bytes
) -> None:
    with faulty(workspace_session) as (url, faults):
        connector = connect(server_hostname=url)
        faults.text, faults.broken = text, 1
        connector.upsert_records([{"id": 3, "name": "x"}], people)
        assert connector.write_records(({"id": 4} for _ in range(300)), people) == 300
        assert len(connector.read_records(people)) == 303
        assert faults.broken == 0
        connector.close()


def test_a_token_is_never_shown(
    workspace_session: Workspace, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    connector = connect(access_token=TOKEN)
    text = io.StringIO()
    with caplog.at_level(logging.DEBUG, logger="lakestead"):
        try:
            connector.connect()
        except Error:
            traceback.print_exc(file=text)
    assert "access token is missing or not valid" in text.getvalue()
    for said in (text.getvalue(), repr(connector), repr(connector.profile), caplog.text):
        assert TOKEN not in said


def test_a_service_principal_logs_in(workspace_session: Workspace, connect: Connect) -> None:
    admin = workspace_session.client()
    made = admin.service_principals.create(display_name="records")
    assert made.id
    secret = admin.service_principal_secrets_proxy.create(service_principal_id=made.id).secret
    connector = connect(access_token=None, client_id=made.application_id, client_secret=secret)
    assert connector.read_records("SELECT current_user() AS me") == [{"me": made.application_id}]
    assert secret
    assert secret not in repr(connector)
    connector.close()
    admin.service_principals.delete(made.id)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"folder": "x"}, "not both"),
        ({"access_token": None, "client_id": "a"}, "belong together"),
        ({"profile": "prod"}, "that has some"),
    ],
)
def test_contradictions(connect: Connect, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        connect(**options).connect()


def test_no_sessions(connect: Connect) -> None:
    with pytest.raises(ValueError, match="at least one session"):
        connect(pool_size=0)
