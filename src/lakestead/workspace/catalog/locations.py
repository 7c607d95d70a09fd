"""Where external tables and volumes lie: absolute local paths and object-store URLs that overlap nothing."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.engine.objects import ObjectUrl, StoreError
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.objects import Securable


def parse(text: str) -> str:
    """Return a location in the form that is stored: an absolute local path, or a URL; no slash at its end.

    Args:
        text: a ``file:`` URL, an absolute path, or the URL of an object store.

    Raises:
        ApiError: INVALID_REQUEST when it is none of these.
    """
    if "\0" in text:
        raise _invalid(text, "it has a NUL character")
    if ObjectUrl.is_one(text):
        return _in_store(text)
    url = urlsplit(text)
    if url.scheme in ("", "file"):
        path = unquote(url.path) if url.scheme else text
        if url.netloc not in ("", "localhost") or not path.startswith("/"):
            raise _invalid(text, "it is not an absolute path")
        return os.path.realpath(path)
    raise _invalid(text, "it is neither an absolute path nor the URL of an object store")


def _in_store(text: str) -> str:
    try:
        return ObjectUrl.parse(text).text
    except StoreError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, error.message) from None


def url(location: str) -> str:
    """Return a stored location as a URL."""
    return Path(location).as_uri() if location.startswith("/") else location


def external(tx: Session, storage: Storage, text: str) -> str:
    """Return a location for a new external table or volume, as it is stored.

    Raises:
        ApiError: INVALID_REQUEST; LOCATION_OVERLAP when it is inside or above the workspace's own folder, or
            where another table or volume lies.
    """
    location = parse(text)
    if overlap(location, str(storage.root)):
        raise ApiError(
            ErrorCode.LOCATION_OVERLAP, f"Input path {url(location)} overlaps with managed storage."
        )
    for other in tx.execute(select(Securable).where(Securable.location.is_not(None))).scalars():
        if overlap(location, other.location or ""):
            raise ApiError(
                ErrorCode.LOCATION_OVERLAP,
                f"Input path {url(location)} overlaps with other external tables or volumes: "
                f"{other.full_name}.",
            )
    return location


def external_table(tx: Session, storage: Storage, text: str) -> str:
    """Return a location for a new external table, as :func:`external` does.

    Raises:
        ApiError: also NOT_IMPLEMENTED for object stores.
    """
    location = external(tx, storage, text)
    if not location.startswith("/"):
        raise unsupported("An external table in an object store")
    return location


def make_folder(location: str) -> None:
    """Make the folder of a local location, unless it is there; object stores need none.

    Raises:
        ApiError: INVALID_REQUEST when it cannot be made.
    """
    if location.startswith("/"):
        try:
            Path(location).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _invalid(location, f"its folder cannot be made ({error.strerror})") from None


def overlap(one: str, other: str) -> bool:
    """Return whether two stored locations are the same or one is inside the other."""
    one, other = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return one.startswith(other) or other.startswith(one)


def inside(one: str, other: str) -> bool:
    """Return whether a stored location is another one or inside it."""
    return (one.rstrip("/") + "/").startswith(other.rstrip("/") + "/")


def _invalid(text: str, why: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REQUEST, f"'{text[:200]!s}' is not a valid location: {why}.")
