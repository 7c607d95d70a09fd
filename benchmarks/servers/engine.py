"""The engine alone, in the process of the benchmark: what everything else is measured against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lakestead.engine.sail import Engine, EngineSession


@contextmanager
def bare_engine() -> Iterator[EngineSession]:
    """Run the engine and open a session in it, over gRPC and nothing else."""
    engine = Engine()
    try:
        yield engine.session("bench")
    finally:
        engine.stop()
