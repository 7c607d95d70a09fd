"""The words of the older API for what the newer one has: other names of fields, other texts in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lakestead.workspace.monitors.config import Granularity

# (name here, name in the newer API) of fields, wherever they are.
_FIELDS = {
    "timestamp_col": "timestamp_column",
    "prediction_col": "prediction_column",
    "label_col": "label_column",
    "model_id_col": "model_id_column",
    "prediction_proba_col": "probability_column",
    "notifications": "notification_settings",
}
# What the newer API puts before the values of fields.
_PREFIXES = {
    "problem_type": "INFERENCE_",
    "type": "DATA_PROFILING_",
    "pause_status": "CRON_SCHEDULE_PAUSE_STATUS_",
}

_WEEKS = re.compile(r"(\d+) weeks?")


def newer(declared: Any) -> Any:
    """Return what a client of the older API sent, in the newer one's words."""
    return _renamed(declared, _FIELDS, _worded)


def older(config: Any) -> Any:
    """Return a recorded definition in the older API's words."""
    return _renamed(config, {new: old for old, new in _FIELDS.items()}, _plain)


def _renamed(value: Any, names: Mapping[str, str], word: Callable[[str, str], str], field: str = "") -> Any:
    """Return JSON with other names of fields, and other words for the texts in them, at every depth."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(inner, names, word, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(one, names, word, field) for one in value]
    return word(field, value) if isinstance(value, str) else value


def _worded(field: str, text: str) -> str:
    """Return a text in the newer API's words."""
    if field == "granularities":
        weeks = _WEEKS.fullmatch(text.strip())
        text = f"{weeks[1]} week{'' if weeks[1] == '1' else 's'}" if weeks else text
        return f"AGGREGATION_GRANULARITY_{text.upper().replace(' ', '_')}"
    return _PREFIXES.get(field, "") + text


def _plain(field: str, text: str) -> str:
    """Return a text in the older API's words."""
    return Granularity(text).text if field == "granularities" else text.removeprefix(_PREFIXES.get(field, ""))
