"""What the audit keeps of a request: its parameters, without any secret."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from lakestead.workspace.history.redaction import HIDDEN, redacted

# Bodies that are longer are not kept, nor are values beyond so many characters.
MAX_BODY = 64 * 1024
_MAX_VALUE = 4096
_SECRET = re.compile(
    r"secret$|token$|passw|credential|signature|^sig$|assertion|api_?key|access_?key|private_?key"
    r"|^(?:string|bytes)_value$|authorization|^parameters$|^code$"
    # Where notifications go: whoever knows the URL of a webhook can send to it.
    r"|^(?:generic_webhook|slack|microsoft_teams|pagerduty)$",
    re.IGNORECASE,
)
# Texts of SQL, in which credentials may be written.
_SQL = frozenset({"statement", "query_text", "view_definition", "routine_definition"})
# Of a form that asks for a token.
_OF_FORMS = frozenset({"grant_type", "client_id", "scope"})


def request_params(
    path: Mapping[str, Any], query: bytes, body: bytes, renamed: Mapping[str, str]
) -> dict[str, str]:
    """Return the parameters of a request as texts: those of its path, its query and its body.

    Args:
        path: parameters of the path.
        query: the query string.
        body: what was sent, if it is JSON or a form; anything else is left out.
        renamed: names that parameters of the path have in the audit.
    """
    found: dict[str, Any] = {}
    found |= _body(body)
    found |= dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    found |= {renamed.get(key, key): value for key, value in path.items()}
    return {key: _text(_safe(key, value))[:_MAX_VALUE] for key, value in found.items()}


def _body(body: bytes) -> dict[str, Any]:
    if not body or len(body) > MAX_BODY:
        return {}
    try:
        content = json.loads(body)
    except ValueError:
        form = dict(parse_qsl(body.decode("latin-1")))
        return {key: value for key, value in form.items() if key in _OF_FORMS}
    return content if isinstance(content, dict) else {}


def _safe(key: str, value: Any) -> Any:
    """Return a value without the secrets in it."""
    if _SECRET.search(key) and value is not None:
        return HIDDEN
    if isinstance(value, dict):
        return {inner: _safe(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_safe("", one) for one in value]
    return redacted(value) if key in _SQL and isinstance(value, str) else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
