"""Faults on purpose, as the SDK meets them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import InternalError, TooManyRequests

from lakestead.testing import Faults, Workspace, serve


def client(workspace: Workspace, retry_seconds: int) -> WorkspaceClient:
    config = Config(
        host=workspace.host, token=workspace.token, auth_type="pat", retry_timeout_seconds=retry_seconds
    )
    return WorkspaceClient(config=config)


@pytest.fixture
def refusing() -> Iterator[Workspace]:
    with serve(faults=Faults(rate=1, statuses=(429,))) as workspace:
        yield workspace


def test_refusals_say_when_to_try_again(refusing: Workspace) -> None:
    with pytest.raises((TooManyRequests, TimeoutError)):
        client(refusing, 1).catalogs.get("main")


def test_statements_go_through_where_only_the_rest_api_fails(refusing: Workspace) -> None:
    with refusing.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchall()[0][0] == 1


def test_the_same_seed_fails_the_same_requests() -> None:
    def outcomes() -> list[bool]:
        with serve(faults=Faults(rate=0.5, statuses=(500,), seed=7)) as workspace:
            sdk, went = client(workspace, 1), []
            for _ in range(12):
                try:
                    sdk.catalogs.get("main")
                    went.append(True)
                except InternalError:
                    went.append(False)
            return went

    first = outcomes()
    assert first == outcomes()
    assert set(first) == {True, False}


def test_a_lost_answer_was_carried_out() -> None:
    with serve(faults=Faults(lost=1)) as workspace:
        with pytest.raises(InternalError):
            client(workspace, 1).schemas.create("lost", "main")
        with workspace.connect() as connection, connection.cursor() as cursor:
            names = [row[0] for row in cursor.execute("SHOW SCHEMAS IN main").fetchall()]
    assert "lost" in names


def test_shares_and_statuses_must_be_possible() -> None:
    with pytest.raises(ValueError, match="shares"):
        Faults(rate=0.7, lost=0.4)
    with pytest.raises(ValueError, match="418"):
        Faults(statuses=(418,))
