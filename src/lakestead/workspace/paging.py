"""Pages of lists, as the SDK asks for them: ``max_results`` and ``page_token``."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import Field

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body

Item = TypeVar("Item")
# What a client gets that leaves the size of a page to the server.
DEFAULT_SIZE = 200
MAX_SIZE = 1000


class Paging(Body):
    """The query parameters of a list; services add their own.

    Attributes:
        max_results: how many at most; 0 leaves it to the server, None asks for all at once.
        page_token: where the page before ended.
    """

    max_results: int | None = Field(default=None, ge=0)
    page_token: str | None = None


def page(
    items: Sequence[Item], key: Callable[[Item], str], size: int | None, token: str | None
) -> tuple[Sequence[Item], str | None]:
    """Return one page of a list and the token of the next one, if there is one.

    A token names the last item of its page, so that items made or deleted meanwhile move nothing.

    Args:
        items: the whole list, ordered by ``key``.
        key: unique for each item.
        size: as ``max_results`` of :class:`Paging`.
        token: from the page before.

    Raises:
        ApiError: INVALID_REQUEST for a token that was not given by a page before.
    """
    start = 0 if not token else bisect_right(items, decode(token), key=key)
    if size is None:
        return items[start:], None
    end = start + min(size or DEFAULT_SIZE, MAX_SIZE)
    chosen = items[start:end]
    return chosen, encode(key(chosen[-1])) if end < len(items) else None


def encode(key: str) -> str:
    """Return the token of a page that ends with the item of this key."""
    return base64.urlsafe_b64encode(key.encode()).decode()


def decode(token: str) -> str:
    """Return the key of the last item of the page before.

    Raises:
        ApiError: INVALID_REQUEST for a token that was not given by a page before.
    """
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise ApiError(ErrorCode.INVALID_REQUEST, "The page_token is not valid.") from None
