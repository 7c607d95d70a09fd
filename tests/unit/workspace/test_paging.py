from __future__ import annotations

import pytest

from lakestead.workspace.errors import ApiError
from lakestead.workspace.paging import DEFAULT_SIZE, MAX_SIZE, page

NAMES = [f"n{number:04}" for number in range(MAX_SIZE + 500)]


def pages(names: list[str], size: int) -> list[list[str]]:
    found, token = [], None
    while True:
        chosen, token = page(names, str, size, token)
        found.append(list(chosen))
        if token is None:
            return found


def test_pages_together_are_the_list() -> None:
    assert pages(NAMES[:7], 3) == [NAMES[:3], NAMES[3:6], NAMES[6:7]]
    assert pages(NAMES[:6], 3) == [NAMES[:3], NAMES[3:6]]
    assert pages([], 3) == [[]]


def test_the_size_of_a_page() -> None:
    assert len(page(NAMES, str, 0, None)[0]) == DEFAULT_SIZE
    assert len(page(NAMES, str, MAX_SIZE + 1, None)[0]) == MAX_SIZE
    assert page(NAMES, str, None, None) == (NAMES, None)


def test_what_is_made_and_deleted_between_pages_moves_nothing() -> None:
    first, token = page(["b", "d", "f"], str, 2, None)
    assert list(first) == ["b", "d"]
    rest, token = page(["a", "c", "e", "f"], str, 2, token)
    assert (list(rest), token) == (["e", "f"], None)


@pytest.mark.parametrize("token", ["é", "a", "####", "/w=="])
def test_a_token_of_ones_own_is_refused(token: str) -> None:
    with pytest.raises(ApiError, match="page_token"):
        page(NAMES, str, 2, token)
