"""Counts of changes, and which statements are sent again."""

from __future__ import annotations

import copy
import pickle

import pytest
import urllib3
from databricks.sql import exc

from lakestead.client.sql.retries import (
    BROKEN_ATTEMPTS,
    CONFLICT_ATTEMPTS,
    SESSION_ATTEMPTS,
    Statement,
    pause,
    repeatable,
)
from lakestead.records.changes import Changes, changes

GONE = exc.DatabaseError("Invalid SessionHandle: SessionHandle [1]")
CONFLICT = exc.ServerOperationError("[DELTA_CONCURRENT_APPEND] Files were added. SQLSTATE: 2D521")
BROKEN = exc.RequestError("Error during request to server")


def test_changes_are_a_number_and_its_parts() -> None:
    some = Changes(inserted=1, updated=2, deleted=3)
    assert some == 6
    assert some + 1 == 7
    assert (some.inserted, some.updated, some.deleted) == (1, 2, 3)
    assert repr(some) == "Changes(inserted=1, updated=2, deleted=3)"
    assert not Changes()
    for other in (copy.deepcopy(some), pickle.loads(pickle.dumps(some))):
        assert repr(other) == repr(some)


def test_what_the_service_says_is_counted() -> None:
    answer = {"num_affected_rows": 3, "num_updated_rows": 2, "num_inserted_rows": 1, "num_deleted_rows": None}
    assert repr(changes(answer)) == "Changes(inserted=1, updated=2, deleted=0)"
    assert repr(changes({}, inserted=4)) == "Changes(inserted=4, updated=0, deleted=0)"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        " -- note\n( select 1)",
        "/* a */ WITH a AS (SELECT 'INSERT') SELECT * FROM a",
        "DESCRIBE HISTORY t",
        "SHOW TABLES",
        Statement("MERGE INTO t …"),
    ],
)
def test_statements_that_may_be_repeated(query: str) -> None:
    assert repeatable(query)


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO t VALUES (1)",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
        "MERGE INTO t …",
        "",
        "CALL f()",
    ],
)
def test_statements_that_may_not(query: str) -> None:
    assert not repeatable(query)


@pytest.mark.parametrize("may_repeat", [True, False])
@pytest.mark.parametrize(("error", "attempts"), [(GONE, SESSION_ATTEMPTS), (CONFLICT, CONFLICT_ATTEMPTS)])
def test_what_was_not_carried_out_is_sent_again(error: Exception, attempts: int, may_repeat: bool) -> None:
    pauses = [pause(error, attempt, may_repeat=may_repeat) for attempt in range(1, attempts + 1)]
    assert None not in pauses[:-1]
    assert pauses[-1] is None


@pytest.mark.parametrize(
    "error", [BROKEN, urllib3.exceptions.ProtocolError("aborted"), ConnectionResetError("reset")]
)
def test_what_may_have_been_carried_out_is_sent_again_if_that_is_the_same(error: Exception) -> None:
    assert pause(error, 1, may_repeat=True) is not None
    assert pause(error, BROKEN_ATTEMPTS, may_repeat=True) is None
    assert pause(error, 1, may_repeat=False) is None


@pytest.mark.parametrize("error", [exc.ServerOperationError("[PARSE_SYNTAX_ERROR]"), ValueError("x")])
def test_other_failures_are_final(error: Exception) -> None:
    assert pause(error, 1, may_repeat=True) is None


def test_pauses_grow_and_end() -> None:
    pauses = [pause(CONFLICT, attempt, may_repeat=False) or 0 for attempt in range(1, CONFLICT_ATTEMPTS)]
    assert 0.05 <= pauses[0] <= 0.1
    assert pauses[-1] > pauses[0]
    assert max(pauses) <= 10
