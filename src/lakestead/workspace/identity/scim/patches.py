"""SCIM patches: operations on a resource's JSON."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.scim.filters import matcher
from lakestead.workspace.identity.scim.resources import Json, ScimBody

_PATH = re.compile(r"(?P<attribute>[A-Za-z]+)(?:\[(?P<filter>.+)\])?(?:\.(?P<inner>[A-Za-z]+))?")
_LISTS = frozenset({"members", "entitlements", "emails", "roles"})
_SINGLES = frozenset({"displayName", "userName", "applicationId", "externalId", "active", "name"})
_CANONICAL = {name.lower(): name for name in _LISTS | _SINGLES}


class Operation(ScimBody):
    """One operation; identity providers write ``op`` in any case."""

    op: str
    path: str | None = None
    value: Any = None


class Patch(ScimBody):
    """Body of a patch."""

    schemas: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = Field(alias="Operations")


def patched(form: Json, patch: Patch) -> Json:
    """Return a resource with a patch applied.

    Args:
        form: the resource as it is shown.
        patch: the operations, in order.

    Raises:
        ApiError: INVALID_REQUEST for an operation or path that is not known.
    """
    form = dict(form)
    for one in patch.operations:
        if one.op.lower() not in ("add", "replace", "remove"):
            raise _refused(f"Operation '{one.op}' is not one of add, remove, replace.")
        if one.path is not None:
            if one.value is None and one.op.lower() != "remove":
                raise _refused(f"The operation '{one.op}' of '{one.path}' needs a value.")
            _apply(form, one.op.lower(), one.path, one.value)
        elif isinstance(one.value, dict) and one.op.lower() != "remove":
            for path, value in one.value.items():
                _apply(form, one.op.lower(), path, value)
        else:
            raise _refused("An operation without a path needs attributes as its value.")
    return form


def _apply(form: Json, op: str, path: str, value: Any) -> None:
    # Attributes may be written with the schema they are of.
    found = _PATH.fullmatch(path.rsplit(":", 1)[-1] if path.startswith("urn:") else path)
    attribute = _CANONICAL.get(found["attribute"].lower()) if found else None
    if found is None or attribute is None or (found["filter"] and attribute not in _LISTS):
        raise _refused(f"The path '{path}' is not supported.")
    if attribute in _LISTS:
        _change_list(form, op, attribute, found["filter"], found["inner"], value)
    elif found["inner"]:
        inner = dict(form.get(attribute) or {})
        inner[found["inner"]] = None if op == "remove" else value
        form[attribute] = inner
    elif op == "remove":
        form.pop(attribute, None)
    else:
        form[attribute] = _boolean(value) if attribute == "active" else value


def _change_list(
    form: Json, op: str, attribute: str, where: str | None, inner: str | None, value: Any
) -> None:
    old = list(form.get(attribute, []))
    given = [one if isinstance(one, dict) else {"value": one} for one in _listed(value)]
    if where is not None:
        chosen = matcher(where)
        if op == "remove" and inner is None:
            form[attribute] = [one for one in old if not chosen(one)]
        elif inner is not None and op != "remove":
            form[attribute] = [one | {inner: value} if chosen(one) else one for one in old]
        else:
            raise _refused(f"A filter on {attribute} goes with 'remove', or with one of its fields.")
        return
    values = [one.get("value") for one in given]
    others = [one for one in old if one.get("value") not in values]
    if op == "replace":
        form[attribute] = given
    elif op == "add":
        form[attribute] = others + given
    else:
        form[attribute] = others if given else []


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _boolean(value: Any) -> Any:
    """Return a truth value that some identity providers send as text."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _refused(why: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REQUEST, why)
