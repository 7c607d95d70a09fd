"""Path patterns of Hadoop's kind: ``*`` and ``?`` stop at ``/``; ``[a-c]``, ``[^a-c]``, ``{a,b}``."""

from __future__ import annotations

import re

from lakestead.engine.files.errors import FilesError, FilesErrorKind

_TOKEN = re.compile(r"\\(?P<escaped>.)|\[(?P<negated>[!^]?)(?P<set>\]?[^\]]+)\]|(?P<any>.)", re.DOTALL)


def has_wildcard(text: str) -> bool:
    """Return whether a path is a pattern."""
    return any(character in text for character in "*?[{")


def pattern(text: str) -> re.Pattern[str]:
    """Return a pattern as an expression that a whole path matches.

    Raises:
        FilesError: OPTION when braces or brackets do not pair.
    """
    parts: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["escaped"] is not None:
            parts.append(re.escape(token["escaped"]))
        elif token["set"] is not None:
            members = token["set"].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            parts.append(f"(?!/)[{'^' if token['negated'] else ''}{members}]")
        else:
            depth += {"{": 1, "}": -1}.get(token["any"], 0)
            parts.append(_plain(token["any"], depth))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        raise FilesError(FilesErrorKind.OPTION, f"'{text}' is not a valid pattern.") from None


def _plain(character: str, depth: int) -> str:
    match character:
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
        case "{":
            return "(?:"
        case "}":
            return ")"
        case "," if depth > 0:
            return "|"
        case _:
            return re.escape(character)
