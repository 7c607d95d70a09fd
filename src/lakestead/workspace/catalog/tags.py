"""Tags on objects and columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.store.objects import Securable, Tag

MAX_TAGS = 50
MAX_COLUMN_TAGS = 1000  # on all columns of a table together
MAX_KEY_LENGTH = 255
MAX_VALUE_LENGTH = 1000
_FORBIDDEN_IN_KEY = re.compile(r"[.,\-=/:\x00-\x1f\x7f]")


def set(tx: Session, target: Securable, column: str | None, tags: Mapping[str, str]) -> None:
    """Put tags on an object or a column; a key that is there already gets the new value.

    Args:
        tx: the transaction.
        target: the object.
        column: one of its columns; None for the object itself.
        tags: values by key; a tag without a value has "".

    Raises:
        ApiError: INVALID_REQUEST for keys and values that Databricks refuses, or too many tags;
            COLUMN_NOT_FOUND.
    """
    name = column_name(target, column)
    for key, value in tags.items():
        _check(key, value)
        tx.merge(Tag(securable_id=target.id, column=name, key=key, value=value))
    tx.flush()
    on_object = select(func.count()).select_from(Tag).where(Tag.securable_id == target.id)
    if tx.execute(on_object.where(Tag.column == name)).scalar_one() > MAX_TAGS:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"At most {MAX_TAGS} tags can be assigned to one entity.")
    if tx.execute(on_object.where(Tag.column != "")).scalar_one() > MAX_COLUMN_TAGS:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"At most {MAX_COLUMN_TAGS} tags can be assigned to a table's columns."
        )


def unset(tx: Session, target: Securable, column: str | None, keys: Iterable[str]) -> None:
    """Take tags away; keys that are not there are passed over.

    Raises:
        ApiError: COLUMN_NOT_FOUND.
    """
    name = column_name(target, column)
    tx.execute(delete(Tag).where(Tag.securable_id == target.id, Tag.column == name, Tag.key.in_(list(keys))))


def of(tx: Session, target: Securable, column: str | None = None) -> dict[str, str]:
    """Return the tags of an object or column, by key.

    Raises:
        ApiError: COLUMN_NOT_FOUND.
    """
    name = column_name(target, column)
    query = select(Tag).where(Tag.securable_id == target.id, Tag.column == name).order_by(Tag.key)
    return {tag.key: tag.value for tag in tx.execute(query).scalars()}


def column_name(target: Securable, column: str | None) -> str:
    """Return a column's name as it is stored; "" for the object itself.

    Raises:
        ApiError: COLUMN_NOT_FOUND.
    """
    if column is None:
        return ""
    found = next((one.name for one in target.columns if one.name.lower() == column.lower()), None)
    if found is None:
        raise ApiError(
            ErrorCode.COLUMN_NOT_FOUND, f"Column `{column}` does not exist in {quote_name(*target.path)}."
        )
    return found


def _check(key: str, value: str) -> None:
    problem = None
    if not key or len(key) > MAX_KEY_LENGTH:
        problem = f"a key has 1 to {MAX_KEY_LENGTH} characters"
    elif _FORBIDDEN_IN_KEY.search(key):
        problem = "a key has none of the characters . , - = / : and no control character"
    elif key != key.strip() or value != value.strip():
        problem = "neither key nor value starts or ends with a space"
    elif len(value) > MAX_VALUE_LENGTH:
        problem = f"a value has at most {MAX_VALUE_LENGTH} characters"
    if problem:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Invalid tag '{key[:MAX_KEY_LENGTH]}': {problem}.")
