"""Predicted classes beside the true ones, and what that says of fairness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lakestead.engine.profiles.definition import Group
from lakestead.engine.profiles.moments import Moments

Shares = NDArray[np.float64]


@dataclass(slots=True)
class Classification:
    """The rows of a group, as many as were added.

    Attributes:
        pairs: how often each prediction came with each label.
        losses: minus the logarithms of the probabilities of the labels.
        areas: under the curves, when the probabilities of all rows could be ranked.
    """

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    losses: Moments = field(default_factory=Moments)
    areas: dict[str, Any] | None = None

    def add(self, said: NDArray[np.int32], true: NDArray[np.int32], classes: list[str]) -> None:
        """Add rows, given by the numbers of their classes."""
        pairs, counts = np.unique(said.astype(np.int64) * len(classes) + true, return_counts=True)
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            self.pairs[classes[pair // len(classes)], classes[pair % len(classes)]] += count

    def metrics(self) -> dict[str, Any]:
        """Return the columns of the metric table."""
        rates = self.rates
        f1 = _ratio(2 * rates.both, rates.said + rates.true)
        return {
            "accuracy_score": float(rates.both.sum()) / rates.rows,
            "precision": rates.averaged(rates.precision),
            "recall": rates.averaged(rates.recall),
            "f1_score": rates.averaged(f1),
            "confusion_matrix": [
                {"prediction": said, "label": true, "count": count}
                for (said, true), count in sorted(self.pairs.items())
            ],
            "log_loss": self.losses.mean if self.losses.size else None,
            "roc_auc_score": self.areas,
        }

    @property
    def rates(self) -> Rates:
        """The counts of each class."""
        classes = sorted({one for pair in self.pairs for one in pair})
        where = {name: position for position, name in enumerate(classes)}
        said, true, both = np.zeros((3, len(classes)), np.int64)
        for (one, other), count in self.pairs.items():
            said[where[one]] += count
            true[where[other]] += count
            both[where[one]] += count if one == other else 0
        return Rates(classes, said, true, both, self.pairs.total())


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each class was said, was true, and both at once.

    Attributes:
        classes: those that were said or true.
        said: of each class.
        true: of each class.
        both: of each class.
        rows: how many there are.
    """

    classes: list[str]
    said: NDArray[np.int64]
    true: NDArray[np.int64]
    both: NDArray[np.int64]
    rows: int

    @property
    def precision(self) -> Shares:
        """What share of those said to be of a class are."""
        return _ratio(self.both, self.said)

    @property
    def recall(self) -> Shares:
        """What share of those of a class are said to be."""
        return _ratio(self.both, self.true)

    @property
    def false_positives(self) -> Shares:
        """What share of those not of a class are said to be."""
        return _ratio(self.said - self.both, self.rows - self.true)

    @property
    def predicted(self) -> Shares:
        """What share of all are said to be of a class."""
        return self.said / self.rows

    def averaged(self, shares: Shares) -> dict[str, Any]:
        """Return shares by class, their mean, and their mean weighted by how often classes are true."""
        return {
            "one_vs_all": self.by_class(shares),
            "macro": float(shares.mean()),
            "weighted": float(np.dot(shares, self.true)) / self.rows,
        }

    def by_class(self, shares: Shares) -> list[tuple[str, float]]:
        """Return the entries of a map."""
        return list(zip(self.classes, shares.tolist(), strict=True))


def fairness(found: Mapping[Group, Classification]) -> dict[Group, dict[str, Any]]:
    """Compare the rows that a slicing predicate is true of with those it is false of, class by class."""
    result = {}
    for group, one in found.items():
        other = found.get(replace(group, slice_value="false")) if group.slice_value == "true" else None
        if other is not None:
            true, false = one.rates, other.rates
            result[group] = {
                "predictive_parity": _difference(true, true.precision, false, false.precision),
                "predictive_equality": _difference(true, true.false_positives, false, false.false_positives),
                "equal_opportunity": _difference(true, true.recall, false, false.recall),
                "statistical_parity": _difference(true, true.predicted, false, false.predicted),
            }
    return result


def _difference(one: Rates, shares: Shares, other: Rates, others: Shares) -> list[tuple[str, float]]:
    """Subtract the shares of the classes that both have."""
    known = dict(other.by_class(others))
    return [(name, share - known[name]) for name, share in one.by_class(shares) if name in known]


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Shares:
    """Divide; of nothing, the share is 0, as scikit-learn has it."""
    shares: Shares = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares
