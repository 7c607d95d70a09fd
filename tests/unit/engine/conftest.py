"""A session of the engine, for what only it can evaluate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakestead.engine.sail import Engine, EngineSession


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.stop()


@pytest.fixture
def session(engine: Engine) -> Iterator[EngineSession]:
    session = engine.session("tester")
    yield session
    session.close()
