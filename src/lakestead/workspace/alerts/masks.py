"""Updates that name the fields that they change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from lakestead.workspace.errors import ApiError, ErrorCode

ALL = "*"


def merged(
    current: Mapping[str, Any], sent: Mapping[str, Any], mask: str, changeable: Collection[str]
) -> dict[str, Any]:
    """Return a resource with the fields changed that a mask names.

    Args:
        current: what it is.
        sent: what has the fields' new values; a field that is not there becomes unset.
        mask: paths of fields with dots, joined by commas; ``*`` for all fields that can change.
        changeable: the fields that can.

    Raises:
        ApiError: INVALID_REQUEST naming the fields that cannot be changed.
    """
    paths = sorted(changeable) if mask.strip() == ALL else [path.strip() for path in mask.split(",")]
    wrong = [path for path in paths if path.split(".")[0] not in changeable]
    if wrong:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"update_mask: {', '.join(wrong)} cannot be updated or is no field."
        )
    result = deepcopy(dict(current))
    for path in paths:
        _put(result, sent, path.split("."))
    return result


def _put(target: dict[str, Any], source: Mapping[str, Any], path: list[str]) -> None:
    name, *rest = path
    value = source.get(name)
    if rest:
        inner = target.get(name)
        place = inner if isinstance(inner, dict) else {}
        _put(place, value if isinstance(value, dict) else {}, rest)
        target[name] = place
    elif value is None:
        target.pop(name, None)
    else:
        target[name] = deepcopy(value)
