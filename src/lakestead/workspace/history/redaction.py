"""Secrets in statements, which no record keeps."""

from __future__ import annotations

import re

from lakestead.workspace.sql.grammar.errors import SqlSyntaxError
from lakestead.workspace.sql.grammar.lexer import scan

HIDDEN = "[REDACTED]"
_CLAUSES = ("CREDENTIAL", "ENCRYPTION")
_MENTION = re.compile(r"\b(?:CREDENTIAL|ENCRYPTION)\b", re.IGNORECASE)
# COPY INTO … WITH (CREDENTIAL (AWS_SECRET_KEY = '…') ENCRYPTION (MASTER_KEY = '…')), also when it is cut off.
_SECRETS = re.compile(
    r"\b(CREDENTIAL|ENCRYPTION)(\s*\()(?:[^()'\"]|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")*"
    r"(\)|['\"].*\Z|\Z)",
    re.IGNORECASE | re.DOTALL,
)
# Of a signed URL.
_SIGNATURE = re.compile(r"([?&](?:sig|X-Amz-Signature|X-Goog-Signature)=)[^&'\"`\s]+", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return a statement without the credentials that are written in it.

    Args:
        text: of any statement, whether or not it parses.
    """
    text = _SIGNATURE.sub(rf"\1{HIDDEN}", text)
    if not _MENTION.search(text):
        return text
    parts: list[str] = []
    position = 0
    for start, end in _spans(text):
        parts += [text[position:start], HIDDEN if end < len(text) else f"{HIDDEN})"]
        position = end
    # Once more without regard to comments: what stands in one may be a statement too.
    return _SECRETS.sub(rf"\1\2{HIDDEN})", "".join([*parts, text[position:]]))


def _spans(text: str) -> list[tuple[int, int]]:
    """Return what stands between the parentheses of secrets; to the end where they are not closed."""
    spans: list[tuple[int, int]] = []
    opened: int | None = None
    depth = 0
    before = ""
    try:
        for token in scan(text):
            if opened is None:
                if token.key == "(" and before in _CLAUSES:
                    opened, depth = token.end, 1
            else:
                depth += {"(": 1, ")": -1}.get(token.key, 0)
                if depth == 0:
                    spans.append((opened, token.start))
                    opened = None
            before = token.key
    except SqlSyntaxError as error:
        if opened is None and (mention := _MENTION.search(text, error.offset)):
            opened = mention.end()
    return spans if opened is None else [*spans, (opened, len(text))]
