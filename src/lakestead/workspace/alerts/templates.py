"""What alerts say in words of their owner: templates with variables.

Databricks' variables in Mustache (``{{ALERT_NAME}}``, sections over ``QUERY_RESULT_ROWS``), or, in Markdown,
behind an ``@``. As in Mustache what is not known is empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SECTION = re.compile(r"\{\{#\s*(\w+)\s*\}\}(.*?)\{\{/\s*\1\s*\}\}", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\{\s*([\w.]+)\s*\}\}\}|\{\{&?\s*([\w.]+)\s*\}\}")
_AT = re.compile(r"@([A-Z][A-Z_]+)\b")


def render(template: str, values: Mapping[str, Any], *, markdown: bool) -> str:
    """Return a template with its variables put in.

    Args:
        template: the text.
        values: by name; lists of mappings are for sections.
        markdown: whether variables are ``@NAME``, of which only those that are known are; else Mustache.
    """
    if markdown:
        return _AT.sub(lambda found: _text(values[found[1]]) if found[1] in values else found[0], template)
    return _variables(
        _SECTION.sub(lambda found: _section(found[2], values.get(found[1]), values), template), values
    )


def _section(inside: str, over: Any, values: Mapping[str, Any]) -> str:
    if isinstance(over, Sequence) and not isinstance(over, str):
        return "".join(_variables(inside, {**values, **row}) for row in over)
    return _variables(inside, values) if over else ""


def _variables(text: str, values: Mapping[str, Any]) -> str:
    return _VARIABLE.sub(lambda found: _text(values.get(found[1] or found[2])), text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def result_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a result as a table of text."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    return "\n".join([*lines, *(" | ".join(_text(row[name]) for name in columns) for row in rows)])
