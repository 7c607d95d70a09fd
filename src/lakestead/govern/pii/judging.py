"""From a name and values to a kind and how sure it is.

    confidence = 1 − (1 − v) · (1 − n · c)

`v` is the share of values of the kind, corrected by chance (`values.Evidence`); `n` is how sure the name
makes (`headers`); `c` is how far the values allow it: the share that is plausible for kinds that only a name
tells, else 1 where values bear the name out, 0.1 where there are values and none does, 0.7 where there are
none.
In texts of several words any value that is found counts, as one address in a comment is personal data: there
v = 0.7 + 0.3 · share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.govern.pii.headers import Header
from lakestead.govern.pii.kinds import KINDS, Kind
from lakestead.govern.pii.values import Evidence, Values, evidence, plausible

# Of what is sure by values alone, this share at least must be of the kind.
_BORNE_OUT = 0.1
_UNTOLD, _CONTRADICTED = 0.7, 0.1


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a column holds.

    Args:
        kind: one of `kinds.KINDS`.
        confidence: 0 to 1.
        frequency: the share of values of the kind.
        examples: some of them.
        reasons: what speaks for it.
    """

    kind: Kind
    confidence: float
    frequency: float
    examples: tuple[str, ...]
    reasons: tuple[str, ...]


def judge(values: Values | None, header: Header, regions: Sequence[str]) -> Judgement | None:
    """Return what a column most probably holds; None if nothing speaks for personal data.

    Args:
        values: its values; None if it has none.
        header: what its name says.
        regions: the countries of telephone numbers without a country code.
    """
    seen: dict[str, Evidence] = {}
    if values is not None and values.total:
        seen = {kind.name: found for kind, found in evidence(values, regions)}
    judged = [
        _judge(KINDS[name], seen.get(name), header.kinds.get(name, 0.0), values)
        for name in seen.keys() | header.kinds.keys()
    ]
    likely = [one for one in judged if one.confidence > 0]
    # Of several as sure ones that which more values are of; the name only makes it always the same.
    return max(likely, key=lambda one: (one.confidence, one.frequency, one.kind.name), default=None)


def _judge(kind: Kind, found: Evidence | None, named: float, values: Values | None) -> Judgement:
    value = 0.0
    reasons: list[str] = []
    if found is not None and not (found.named and not named):
        value = 0.7 + 0.3 * found.share if found.inside else found.corrected
        where = " inside of texts" if found.inside else ""
        reasons.append(f"{found.share:.0%} of the values are a valid {kind.title}{where}")
    allowed = 0.0
    frequency = found.share if found is not None else 0.0
    if named:
        allowed = _allowed(kind, value, values)
        reasons.append(
            "the column's name says so"
            if allowed > _CONTRADICTED
            else "the column's name says so, the values do not"
        )
        if not kind.shapes and values is not None:
            frequency = plausible(values, kind)
    confidence = 1 - (1 - value) * (1 - named * allowed)
    return Judgement(
        kind,
        round(confidence, 3),
        frequency,
        found.examples if found else _examples(values, kind),
        tuple(reasons),
    )


def _allowed(kind: Kind, value: float, values: Values | None) -> float:
    if values is None or not values.total:
        return _UNTOLD
    if value >= _BORNE_OUT:
        return 1.0
    if kind.plausible is not None:
        share = plausible(values, kind)
        return share if share >= 0.5 else _CONTRADICTED
    return _CONTRADICTED


def _examples(values: Values | None, kind: Kind) -> tuple[str, ...]:
    return () if values is None or kind.plausible is None else values.texts[:3]
