"""Query tags, as the setting QUERY_TAGS writes them."""

from __future__ import annotations

import re

from lakestead.workspace.sql.session import SqlSession

SETTING = "QUERY_TAGS"
_PARTS = re.compile(r"(?:[^\\,:]|\\.)+|[,:]", re.DOTALL)


def parse_tags(text: str) -> dict[str, str]:
    """Return tags written as ``team:eng,urgent``; a character after a backslash has no meaning of its own."""
    pairs = [["", ""]]
    place = 0
    for part in _PARTS.findall(text):
        if part == ",":
            pairs.append(["", ""])
            place = 0
        elif part == ":" and place == 0:
            place = 1
        else:
            pairs[-1][place] += re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL)
    return {key.strip(): value for key, value in pairs if key.strip()}


def session_tags(session: SqlSession) -> dict[str, str]:
    """Return the tags of all statements of a session."""
    settings = {key.upper(): value for key, value in session.configuration.items()}
    return parse_tags(settings.get(SETTING, ""))
