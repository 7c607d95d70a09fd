"""One error for everything that a Delta table can refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from deltalake.exceptions import CommitFailedError, SchemaMismatchError, TableNotFoundError


class DeltaErrorKind(Enum):
    """Why a table refused."""

    NOT_FOUND = auto()  # there is no table at the location
    NO_COLUMNS = auto()  # the table has no columns yet, and can only be given some
    EXISTS = auto()  # there already is one, or a constraint of that name
    MISSING = auto()  # there is no constraint of that name
    CONFLICT = auto()  # another writer was faster; trying again helps
    LOCKED = auto()  # another writer held the table for too long
    SCHEMA = auto()  # the data does not fit the table's columns
    NOT_NULL = auto()  # a null in a NOT NULL column
    CHECK = auto()  # a row breaks a CHECK constraint
    VERSION = auto()  # no such version or time in the history
    FILES = auto()  # data files that are needed are gone
    DEPENDENT = auto()  # a column that something else is built on
    APPEND_ONLY = auto()  # rows of a table that only takes additions
    UNSUPPORTED = auto()  # a feature of Delta that the engine does not write
    OTHER = auto()


class DeltaError(Exception):
    """A Delta operation that could not be carried out.

    Args:
        kind: why.
        message: what is wrong, in one sentence.
    """

    def __init__(self, kind: DeltaErrorKind, message: str) -> None:
        self.kind = kind
        self.message = message
        super().__init__(message)


_PATTERNS: list[tuple[re.Pattern[str], DeltaErrorKind]] = [
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in [
        (
            r"not a delta table|no files in log segment|table has not yet been initialized",
            DeltaErrorKind.NOT_FOUND,
        ),
        (r"empty schema", DeltaErrorKind.NO_COLUMNS),
        (r"already exists", DeltaErrorKind.EXISTS),
        (
            r"failed to commit transaction|missing commit file|transaction conflict|commit conflict|"
            r"version mismatch|concurrent",
            DeltaErrorKind.CONFLICT,
        ),
        (r"invalid version|no version|version .* not found|out of range", DeltaErrorKind.VERSION),
        (r"failed validation check|check or invariant|violates", DeltaErrorKind.CHECK),
        (r"non-nullable|not null", DeltaErrorKind.NOT_NULL),
        (r"unsupported|not supported|not yet|not implemented", DeltaErrorKind.UNSUPPORTED),
        (r"schema|cast|cannot coerce|data type", DeltaErrorKind.SCHEMA),
        (r"no such file|not found", DeltaErrorKind.FILES),
    ]
]


def delta_error(error: BaseException) -> DeltaError:
    """Return the library's error as ours, without the traces of native code in its text."""
    text = str(error).split("\n   0: ", 1)[0].split("\nStack backtrace", 1)[0].strip()
    kind = DeltaErrorKind.OTHER
    if isinstance(error, TableNotFoundError):
        kind = DeltaErrorKind.NOT_FOUND
    elif isinstance(error, CommitFailedError):
        kind = DeltaErrorKind.CONFLICT
    elif isinstance(error, SchemaMismatchError):
        kind = DeltaErrorKind.SCHEMA
    for pattern, meaning in _PATTERNS:
        if kind is DeltaErrorKind.OTHER and pattern.search(text):
            kind = meaning
    return DeltaError(kind, text[:2000])


@contextmanager
def mapped() -> Iterator[None]:
    """Raise what the library raises as :class:`DeltaError`; Python's own errors pass.

    The library raises plain ``Exception`` for much that goes wrong inside its native code.
    """
    try:
        yield
    except (DeltaError, TypeError, AttributeError, AssertionError):
        raise
    except Exception as error:
        raise delta_error(error) from error
    except BaseException as error:
        # A panic of native code is no Exception to Python, and would end the thread.
        if type(error).__name__ != "PanicException":
            raise
        raise delta_error(error) from error
