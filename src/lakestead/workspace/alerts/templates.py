"""What alerts say in words of their owner: templates with variables.

Databricks' variables: in HTML as Mustache (``{{ALERT_NAME}}``, sections over ``QUERY_RESULT_ROWS``), in
Markdown behind an ``@``. What a variable stands for is escaped in HTML, unless it is a table or in three
braces; as in Mustache what is not known is empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

_TAG = re.compile(
    r"\{\{#\s*(?P<section>\w+)\s*\}\}(?P<inside>.*?)\{\{/\s*(?P=section)\s*\}\}"
    r"|\{\{\{\s*(?P<raw>\w+)\s*\}\}\}|\{\{&\s*(?P<bare>\w+)\s*\}\}|\{\{\s*(?P<name>\w+)\s*\}\}",
    re.DOTALL,
)
_AT = re.compile(r"@([A-Z][A-Z_]+)\b")


def markdown(template: str, values: Mapping[str, Any]) -> str:
    """Return a template in Markdown with the variables put in that are known."""
    return _AT.sub(lambda found: _text(values[found[1]]) if found[1] in values else found[0], template)


def html(template: str, values: Mapping[str, Any]) -> str:
    """Return a template in HTML with its variables put in; lists of mappings are for sections."""

    def put(found: re.Match[str]) -> str:
        if found["section"]:
            return _section(found["inside"], values.get(found["section"]), values)
        raw = found["raw"] or found["bare"]
        return _text(values.get(raw)) if raw else escape(_text(values.get(found["name"])))

    return _TAG.sub(put, template)


def _section(inside: str, over: Any, values: Mapping[str, Any]) -> str:
    if isinstance(over, Sequence) and not isinstance(over, str):
        return "".join(html(inside, {**values, **row}) for row in over)
    return html(inside, values) if over else ""


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def markdown_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a result as a table in Markdown."""
    lines = [columns, ["---" for _ in columns], *([_text(row[name]) for name in columns] for row in rows)]
    return "\n".join(" | ".join(line) for line in lines)


def html_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return a result as a table in HTML."""
    head = Markup("").join(Markup("<th>{}</th>").format(name) for name in columns)
    lines = [
        Markup("").join(Markup("<td>{}</td>").format(_text(row[name])) for name in columns) for row in rows
    ]
    return Markup("<table>{}</table>").format(
        Markup("").join(Markup("<tr>{}</tr>").format(one) for one in (head, *lines))
    )
