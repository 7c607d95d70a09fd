"""Secrets in statements, which no record keeps."""

from __future__ import annotations

import re

# COPY INTO … WITH (CREDENTIAL (AWS_SECRET_KEY = '…') ENCRYPTION (MASTER_KEY = '…')), also when it is cut off.
_SECRETS = re.compile(
    r"\b(CREDENTIAL|ENCRYPTION)(\s*\()(?:[^()'\"]|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\")*(\)|['\"].*\Z|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def redacted(text: str) -> str:
    """Return a statement without the credentials that are written in it.

    Args:
        text: of any statement, whether or not it parses.
    """
    return _SECRETS.sub(r"\1\2[REDACTED])", text)
