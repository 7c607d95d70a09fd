"""What the values of a column are: how many are of which kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.govern.pii.checks import is_phone
from lakestead.govern.pii.kinds import KINDS, Kind, Shape

# Of a column, the different values that are looked at, at most.
_MOST = 500
# A kind that none of the first so many has is looked for no further: it would be a few in a hundred at most.
_FIRST = 40
# Longer values are no numbers, names or addresses.
_LONGEST = 200
# Texts are searched in when they are longer than this, and have as many words.
_PROSE_CHARACTERS, _PROSE_WORDS, _PROSE_SHARE = 30, 4, 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """How values speak for a kind.

    Args:
        share: of the values that are not missing, how many are of the kind, 0 to 1.
        corrected: the share without those that pass by chance, 0 to 1: (share − chance) / (1 − chance), the
            form of Cohen's kappa; times (1 − chance / 2), so that of two kinds whose shapes all values have,
            the one is surer that fewer values have by chance.
        examples: some of the values.
        named: whether it counts only beside a name that speaks for the kind.
        inside: whether the values are parts of longer texts.
    """

    share: float
    corrected: float
    examples: tuple[str, ...]
    named: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """The different values of a column, the most frequent ones first, and how often each is there."""

    texts: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many values there are, missing ones left out."""
        return sum(self.counts)

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray) -> Values:
        """Return the values of a column of texts; blank ones count as missing."""
        texts = pc.utf8_trim_whitespace(column)
        texts = texts.filter(pc.fill_null(pc.not_equal(texts, ""), False))
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        found = texts.value_counts()
        order = pc.sort_indices(found.field("counts"), sort_keys=[("", "descending")])[:_MOST]
        taken = found.take(order)
        return cls(tuple(taken.field("values").to_pylist()), tuple(taken.field("counts").to_pylist()))

    def share(self, chosen: Sequence[bool]) -> float:
        """Return the share of the values that are chosen among the different ones."""
        return sum(count for count, one in zip(self.counts, chosen, strict=True) if one) / max(self.total, 1)

    def is_prose(self) -> bool:
        """Return whether these are texts of several words."""
        words = [len(text) > _PROSE_CHARACTERS and text.count(" ") >= _PROSE_WORDS - 1 for text in self.texts]
        return self.share(words) >= _PROSE_SHARE


def evidence(values: Values, regions: Sequence[str]) -> Iterator[tuple[Kind, Evidence]]:
    """Yield for which kinds values speak.

    Args:
        values: of a column.
        regions: the countries of telephone numbers without a country code.
    """
    prose = values.is_prose()
    for kind in KINDS.values():
        found = [
            one for shape in kind.shapes if (one := _look(values, kind, shape, regions, prose)) is not None
        ]
        if found:
            yield kind, _together(found)


def _together(found: list[Evidence]) -> Evidence:
    """Return the evidence of all shapes: the ones that count by themselves, or else those that do not."""
    free = [one for one in found if not one.named] or found
    return Evidence(
        min(1.0, sum(one.share for one in free)),
        min(1.0, sum(one.corrected for one in free)),
        free[0].examples,
        free[0].named,
        free[0].inside,
    )


def plausible(values: Values, kind: Kind) -> float:
    """Return the share of values that may be of a kind; 1 where anything may."""
    if kind.plausible is None or not values.texts:
        return 1.0
    pattern = _whole(kind.plausible)
    return values.share([pattern.fullmatch(text[:_LONGEST]) is not None for text in values.texts])


def _look(values: Values, kind: Kind, shape: Shape, regions: Sequence[str], prose: bool) -> Evidence | None:
    if prose and not shape.inside:
        return None
    found = _found(values.texts, shape.pattern, inside=prose)
    first = list(islice(found, _FIRST))
    if not prose and not any(first):
        return None
    matched = [*first, *found]
    check = is_phone(tuple(regions)) if kind.name == "phone" else shape.check
    if check is not None:
        matched = [text if text is not None and check(text) else None for text in matched]
    share = values.share([text is not None for text in matched])
    corrected = max(0.0, (share - shape.chance) / (1 - shape.chance)) * (1 - shape.chance / 2)
    if not corrected:
        return None
    examples = tuple(islice((text for text in matched if text is not None), 3))
    return Evidence(share, corrected, examples, shape.named, prose)


def _found(texts: Sequence[str], shape: str, *, inside: bool) -> Iterator[str | None]:
    """Yield of each text what has a shape: all of it, or the first part of it that has."""
    if inside:
        part = _part(shape)
        for text in texts:
            match = part.search(text)
            yield match["found"] if match else None
    else:
        whole = _whole(shape)
        for text in texts:
            yield text if len(text) <= _LONGEST and whole.fullmatch(text) else None


@lru_cache(maxsize=256)
def _whole(shape: str) -> re.Pattern[str]:
    return re.compile(shape, re.DOTALL)


@lru_cache(maxsize=64)
def _part(shape: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=[^\w@.+-]))(?P<found>{shape})(?=$|[^\w@-])")
