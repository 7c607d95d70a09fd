"""Personal data in what spans would show: its kinds named, its values hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lakestead.telemetry import attributes as names

if TYPE_CHECKING:
    from lakestead.govern.pii.checks import Check

HIDDEN = "?"
# A value must tell by itself; what fits more unrelated values than this says something of columns only.
_CHANCE = 0.1
_MOST = 200  # values of one statement that are looked at
_OURS = re.compile(rf"{re.escape(names.GENOPS_CUSTOM)}|genops\.user$")


class _Shape(NamedTuple):
    kind: str
    pattern: re.Pattern[str]
    check: Check | None
    inside: bool

    def fits(self, text: str) -> bool:
        return bool(self.pattern.fullmatch(text)) and (self.check is None or self.check(text))


def kinds(values: Iterable[object]) -> list[str]:
    """Return which kinds of personal data are among values, by their names, in order.

    Raises:
        MissingExtra: without `lakestead[govern]`.
    """
    texts = [str(value) for value in islice(values, _MOST) if value is not None]
    return sorted({shape.kind for text in texts for shape in _shapes() if shape.fits(text)})


def hidden(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a span's attributes with `?` for personal data in what the program itself says.

    That is `genops.custom.…` and `genops.user`; a user is personal data always.

    Raises:
        MissingExtra: without `lakestead[govern]`.
    """
    return {name: _hidden(name, value) for name, value in attributes.items()}


def said(attributes: Mapping[str, Any]) -> list[str]:
    """Return the texts of a span's attributes that the program itself says."""
    return [value for name, value in attributes.items() if _OURS.match(name) and isinstance(value, str)]


def _hidden(name: str, value: Any) -> Any:
    if not _OURS.match(name):
        return value
    if name == "genops.user":
        return HIDDEN
    if isinstance(value, str):
        return _mask(value)
    return (
        [_mask(one) if isinstance(one, str) else one for one in value] if isinstance(value, list) else value
    )


def _mask(text: str) -> str:
    if kinds([text]):
        return HIDDEN
    for shape in _shapes():
        if shape.inside:
            text = shape.pattern.sub(HIDDEN, text)
    return text


@cache
def _shapes() -> tuple[_Shape, ...]:
    from lakestead.govern.pii.kinds import KINDS

    return tuple(
        _Shape(kind.name, _compiled(shape.pattern), shape.check, shape.inside)
        for kind in KINDS.values()
        for shape in kind.shapes
        if not shape.named and shape.chance <= _CHANCE
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of RE2, which alone knows classes of letters, as one of Python."""
    return re.compile(pattern.replace(r"\pL", r"\w").replace(r"\pM", ""))
