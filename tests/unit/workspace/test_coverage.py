"""COVERAGE.md says what the routes say."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.workspace.coverage import markdown
from lakestead.workspace.http import Route
from lakestead.workspace.routes import ALL

ROOT = Path(__file__).parents[3]


def test_the_file_is_what_the_routes_say() -> None:
    assert (ROOT / "COVERAGE.md").read_text() == markdown()


@pytest.mark.parametrize("route", ALL, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_names_the_client_that_shows_it(route: Route) -> None:
    assert route.witness


def test_no_operation_is_served_twice() -> None:
    operations = [(route.method, route.path) for route in ALL]
    assert len(set(operations)) == len(operations)


def test_every_route_is_in_the_file() -> None:
    text = markdown()
    assert [
        route.path for route in ALL if f"`{route.method} {route.path.rstrip('/') or '/'}`" not in text
    ] == []
