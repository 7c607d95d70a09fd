"""`schema.json`: what a span may look like, and whether one does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import MissingExtra

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of `{"span_name": …, "attributes": {…}}`."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))
    return found


def problems(name: str, attributes: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a span; nothing if it is as the schema says.

    Args:
        name: the span's.
        attributes: the span's.

    Raises:
        MissingExtra: without `lakestead[telemetry]`.
    """
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in attributes.items()}
    found = _validator().iter_errors({"span_name": name, "attributes": plain})
    return sorted(f"{error.json_path}: {error.message}" for error in found)


@cache
def _validator() -> Validator:
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise MissingExtra("checking spans by their schema", "telemetry") from None
    return Draft202012Validator(schema())
