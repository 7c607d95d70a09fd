"""Which failures a statement survives, and when it is sent again.

The connector itself waits for as long as the service asks it to (429 and 503 with Retry-After). Here is what
is left: sessions that are gone, commits that lost against another writer, and connections that broke.
"""

from __future__ import annotations

import random
import re

import urllib3
from databricks.sql import exc

from lakestead.client.sql.parameters import code

CONFLICT_ATTEMPTS = 8
BROKEN_ATTEMPTS = 3
SESSION_ATTEMPTS = 3
"""Attempts in all, the first included."""

_LONGEST_SECONDS = 10.0
_GONE_SESSION = re.compile(
    r"Invalid SessionHandle|INVALID_SESSION|SESSION_(?:CLOSED|EXPIRED|NOT_FOUND)"
    r"|session (?:is closed|has expired)",
    re.IGNORECASE,
)
_CONFLICT = re.compile(
    r"DELTA_CONCURRENT_\w+|DELTA_METADATA_CHANGED|DELTA_PROTOCOL_CHANGED|CONCURRENT_(?:WRITE|APPEND)\w*"
    r"|(?:Concurrent(?:Append|Write|DeleteRead|DeleteDelete|Transaction)|MetadataChanged|ProtocolChanged)Exception"
)
_READS = re.compile(r"\s*\(*\s*(?:SELECT|VALUES|SHOW|DESC|DESCRIBE|EXPLAIN|LIST|TABLE)\b", re.IGNORECASE)
_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:INSERT|MERGE|UPDATE|DELETE)\b", re.IGNORECASE)


class Statement(str):
    """A statement that may be sent again when nobody knows whether it was carried out.

    It is a `str`, so that an `execute` of a subclass passes it on without knowing of it.
    """

    __slots__ = ()


def repeatable(query: str) -> bool:
    """Return whether sending a statement twice is the same as sending it once."""
    if isinstance(query, Statement):
        return True
    text = code(query)
    return bool(_READS.match(text)) or (bool(_WITH.match(text)) and not _CHANGES.search(text))


def is_gone(error: BaseException) -> bool:
    """Return whether the service says that it does not know the session: the statement was not looked at."""
    return isinstance(error, exc.Error) and bool(_GONE_SESSION.search(str(error)))


def is_broken(error: BaseException) -> bool:
    """Return whether the connection failed, so that nobody knows what became of the statement."""
    return isinstance(error, exc.RequestError | urllib3.exceptions.HTTPError | OSError)


def pause(error: Exception, attempt: int, *, may_repeat: bool) -> float | None:
    """Return after how many seconds to try again; None for not at all.

    Args:
        error: what the attempt failed with.
        attempt: its number, from 1.
        may_repeat: whether the statement is `repeatable`.
    """
    if is_gone(error):
        return 0.0 if attempt < SESSION_ATTEMPTS else None
    if isinstance(error, exc.Error) and _CONFLICT.search(str(error)):
        return _backoff(attempt) if attempt < CONFLICT_ATTEMPTS else None
    if is_broken(error) and may_repeat:
        return _backoff(attempt) if attempt < BROKEN_ATTEMPTS else None
    return None


def _backoff(attempt: int) -> float:
    """Return 0.1 s, doubled with each attempt; half of it by chance, lest rivals stay in step."""
    longest: float = min(_LONGEST_SECONDS, 0.1 * 2 ** (attempt - 1))
    return longest * random.uniform(0.5, 1.0)
