"""Why an object store could not be used.

What obstore says holds request URLs, which may be signed, and details of its own: none of it is passed on but
the store's HTTP status and error code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from obstore import exceptions

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w+)</Code>")
_METADATA_SERVICE = re.compile(r"169\.254\.169\.254|metadata\.google\.internal|/metadata/identity")


class StoreErrorKind(Enum):
    """Why an object store could not be used."""

    URL = auto()  # not the URL of an object store
    NOT_FOUND = auto()  # no such object, bucket or container
    DENIED = auto()  # the store does not let these credentials do it, or there are none
    EXISTS = auto()  # an object is there already
    CHANGED = auto()  # an object is not what it was when it was listed
    UNAVAILABLE = auto()  # the store cannot be reached, or fails


class StoreError(Exception):
    """An object store that could not be used.

    Args:
        kind: why.
        message: what is wrong and with which URL, in one sentence, without credentials.
    """

    def __init__(self, kind: StoreErrorKind, message: str) -> None:
        self.kind = kind
        self.message = message
        super().__init__(message)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Raise obstore's errors as ours.

    Args:
        url: what is being reached.

    Raises:
        StoreError: whatever went wrong.
    """
    try:
        yield
    except FileNotFoundError:
        raise StoreError(StoreErrorKind.NOT_FOUND, f"{url} does not exist.") from None
    except exceptions.AlreadyExistsError:
        raise StoreError(StoreErrorKind.EXISTS, f"{url} already exists.") from None
    except exceptions.PreconditionError:
        raise StoreError(StoreErrorKind.CHANGED, f"{url} was changed.") from None
    except (exceptions.InvalidPathError, ValueError):
        raise StoreError(
            StoreErrorKind.UNAVAILABLE,
            f"{url} cannot be accessed: a key there has an empty part ('//'), '.' or '..' in it, or the "
            "credentials are malformed.",
        ) from None
    except exceptions.BaseError as error:
        raise _explain(url, str(error)) from None


def _explain(url: str, text: str) -> StoreError:
    status, code = _STATUS.search(text), _CODE.search(text)
    number = status[1] if status else ""
    said = ", ".join(part for part in (number and f"HTTP {number}", code[1] if code else "") if part)
    if _METADATA_SERVICE.search(text):
        return StoreError(
            StoreErrorKind.DENIED,
            f"{url} cannot be accessed: the process's environment has no credentials for it.",
        )
    if number in ("400", "401", "403"):
        return StoreError(
            StoreErrorKind.DENIED,
            f"{url} cannot be accessed: the object store refuses it ({said}). Are the credentials right, "
            "still valid, and enough?",
        )
    if number == "404":
        return StoreError(StoreErrorKind.NOT_FOUND, f"{url} does not exist ({said}).")
    why = f"the object store answers {said}" if said else "the object store cannot be reached"
    return StoreError(StoreErrorKind.UNAVAILABLE, f"{url} cannot be accessed: {why}.")
