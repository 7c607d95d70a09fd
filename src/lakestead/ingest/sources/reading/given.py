"""Checks what users give: options of jobs, sections of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lakestead.core.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


def read(model: type[M], values: Mapping[str, Any], what: str) -> M:
    """Check values that a user gave; messages name no value.

    Raises:
        ConfigError: naming each wrong key and, for an unknown one, the nearest.
    """
    try:
        return model.model_validate({key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        lines = [_explain(model, tuple(map(str, part["loc"])), part["msg"]) for part in error.errors()]
        raise ConfigError(f"{what}: " + "; ".join(lines)) from None


def _explain(model: type[BaseModel], place: tuple[str, ...], message: str) -> str:
    for part in place[:-1]:
        inner = model.model_fields[part].annotation if part in model.model_fields else None
        model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    key = place[-1] if place else ""
    if key in model.model_fields or "Extra inputs" not in message:
        return f"'{'.'.join(place)}': {message}"
    near = get_close_matches(key, model.model_fields, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(model.model_fields)}"
    return f"unknown key '{key}', {hint}"
