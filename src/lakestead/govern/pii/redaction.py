"""Values as far as they may be shown."""

from __future__ import annotations

_MASK = "•"


def redacted(value: str) -> str:
    """Return a value of which nobody is known: its first character, its last if it is long, and its form.

    Letters and digits between are masked, at most 24 characters are shown; of an address of e-mail the first
    character of each part is kept.
    """
    if "@" in value:
        name, _, host = value.partition("@")
        return f"{_hidden(name, 1, 0)}@{_hidden(host, 1, 0)}"[:24]
    return _hidden(value[:24], 1 if len(value) > 3 else 0, 1 if len(value) > 8 else 0)


def _hidden(text: str, first: int, last: int) -> str:
    end = len(text) - last
    return "".join(
        _MASK if character.isalnum() and first <= place < end else character
        for place, character in enumerate(text)
    )
