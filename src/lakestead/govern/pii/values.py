"""What the values of a column are: how many are of which kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.govern.pii.checks import is_phone
from lakestead.govern.pii.kinds import KINDS, Kind, Shape

# Checks run in Python, so many values of a column at most.
_CHECKED = 500
# Texts are searched in when they are longer than this on average, or have as many words.
_PROSE_CHARACTERS, _PROSE_SHARE = 30, 0.5


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
    """The different values of a column, the most frequent ones first, each with how often it is there."""

    texts: pa.StringArray
    counts: pa.Int64Array

    @property
    def total(self) -> int:
        """How many values there are, missing ones left out."""
        return int(pc.sum(self.counts).as_py() or 0)

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray) -> Values:
        """Return the values of a column of texts; blank ones count as missing."""
        texts = pc.utf8_trim_whitespace(column)
        texts = texts.filter(pc.fill_null(pc.not_equal(texts, ""), False))
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        found = texts.value_counts()
        order = pc.sort_indices(found.field("counts"), sort_keys=[("", "descending")])[:_CHECKED]
        return cls(found.field("values").take(order), found.field("counts").take(order))

    def share(self, mask: pa.BooleanArray) -> float:
        """Return the share of the values that a mask over the different ones selects."""
        return float(pc.sum(pc.if_else(mask, self.counts, 0)).as_py() or 0) / max(self.total, 1)

    def is_prose(self) -> bool:
        """Return whether these are texts of several words."""
        long = pc.greater(pc.utf8_length(self.texts), _PROSE_CHARACTERS)
        words = pc.greater_equal(pc.count_substring(self.texts, " "), 3)
        return self.share(pc.and_(long, words)) >= _PROSE_SHARE


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
    if kind.plausible is None or not len(values.texts):
        return 1.0
    return values.share(pc.match_substring_regex(values.texts, f"(?s)^(?:{kind.plausible})$"))


def _look(values: Values, kind: Kind, shape: Shape, regions: Sequence[str], prose: bool) -> Evidence | None:
    inside = prose and shape.inside
    if prose and not inside:
        return None
    pattern = rf"(?:^|[^\w@.+-])(?P<found>{shape.pattern})(?:$|[^\w@-])" if inside else None
    if pattern is None:
        mask = pc.match_substring_regex(values.texts, f"(?s)^(?:{shape.pattern})$")
        matched = values.texts.filter(mask)
    else:
        parts = pc.extract_regex(values.texts, pattern)
        mask = pc.is_valid(parts)
        matched = parts.filter(mask).field("found") if pc.any(mask).as_py() else pa.array([], pa.string())
    if not len(matched):
        return None
    check = is_phone(tuple(regions)) if kind.name == "phone" else shape.check
    if check is not None:
        mask, matched = _checked(mask, matched.to_pylist(), check)
    share = values.share(mask)
    corrected = max(0.0, (share - shape.chance) / (1 - shape.chance)) * (1 - shape.chance / 2)
    if not corrected:
        return None
    return Evidence(share, corrected, tuple(matched[:3].to_pylist()), shape.named, inside)


def _checked(
    mask: pa.BooleanArray, matched: Sequence[str], check: Callable[[str], bool]
) -> tuple[pa.BooleanArray, pa.Array]:
    """Keep of the values that have a shape those that pass the check."""
    passed = [check(text) for text in matched]
    outcome = iter(passed)
    kept = pa.array([selected and next(outcome) for selected in mask.to_pylist()], pa.bool_())
    return kept, pa.array([text for text, good in zip(matched, passed, strict=True) if good], pa.string())
