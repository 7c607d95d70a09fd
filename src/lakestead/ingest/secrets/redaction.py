"""Masks secrets in any text: logs, audits, errors."""

from __future__ import annotations

import json
import logging
import re
import threading
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "***"
# A shorter value is masked only where it stands alone: one letter is in every word.
_SHORT = 4
# Of a value of many lines, such as a private key, each line so long is masked too.
_LINE = 16
_PAIR = re.compile(
    r"(?:password|pwd|secret|accountkey|sharedaccesssignature|token)\s*=\s*([^;&\s]+)", re.IGNORECASE
)


class Redactor:
    """Knows the values that no text may hold. For several threads at a time."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Redactor({len(self._values)} values)"

    def add(self, value: str) -> None:
        """Mask a value from now on, and the forms that it has in URLs, in JSON and in a `repr`."""
        forms = _forms(value) | {form for inner in _inside(value) for form in _forms(inner)}
        with self._lock:
            if forms <= self._values:
                return
            self._values |= forms
            # The longest first: one value may be the beginning of another.
            ordered = sorted(self._values, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(_expression, ordered)))

    def redact(self, text: str) -> str:
        """Return the text with each secret value masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text


class RedactingFilter(logging.Filter):
    """A filter for handlers: what is logged through them holds no secret.

    Args:
        redactor: knows the values.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record's message, traceback and stack; every record passes."""
        redact = self._redactor.redact
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            # Formatters take the text that is there instead of making it anew.
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _forms(value: str) -> set[str]:
    plain = {value, value.strip(), value.lstrip("?")}
    plain |= {line.strip() for line in value.splitlines() if len(line.strip()) >= _LINE}
    escaped = {json.dumps(one)[1:-1] for one in plain} | {repr(one)[1:-1] for one in plain}
    quoted = {
        quoting(one, safe=safe) for one in plain for quoting in (quote, quote_plus) for safe in ("", "/")
    }
    return {form for form in plain | escaped | quoted if form}


def _inside(value: str) -> set[str]:
    """Return the passwords in a URL or a connection string, which drivers may show without the rest."""
    found = set(_PAIR.findall(value))
    try:
        password = urlsplit(value).password if "://" in value else None
    except ValueError:  # no URL
        password = None
    return found | ({password, unquote(password)} if password else set())


def _expression(form: str) -> str:
    exact = re.escape(form)
    return rf"(?<!\w){exact}(?!\w)" if len(form) < _SHORT else exact
