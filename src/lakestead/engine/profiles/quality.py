"""How good a model's predictions are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lakestead.engine.profiles import ranking
from lakestead.engine.profiles.columns import Codes, Rows, as_numpy, encoded, texts
from lakestead.engine.profiles.definition import Group, Inference, Problem
from lakestead.engine.profiles.partitions import Partition

Metrics = dict[str, Any]


def measure(rows: Rows, inference: Inference, partitions: Sequence[Partition]) -> dict[Group, Metrics]:
    """Return the quality of predictions in each group that has rows with both a prediction and a label."""
    if inference.label is None:
        return {}
    if inference.problem is Problem.REGRESSION:
        return _regression(rows, inference.prediction, inference.label, partitions)
    return _classification(rows, inference, inference.label, partitions)


def _regression(
    rows: Rows, prediction: str, label: str, partitions: Sequence[Partition]
) -> dict[Group, Metrics]:
    said, true = _doubles(rows, prediction), _doubles(rows, label)
    known = ~(np.isnan(said) | np.isnan(true))
    result = {}
    for partition in partitions:
        parts = (partition.parts(partition.sorted(one)) for one in (said, true, known))
        for group, some_said, some_true, some_known in zip(partition.groups, *parts, strict=True):
            if some_known.any():
                result[group] = regression(some_said[some_known], some_true[some_known])
    return result


def regression(said: NDArray[np.float64], true: NDArray[np.float64]) -> Metrics:
    """Return the errors of predicted numbers."""
    errors = said - true
    squared = float(np.mean(errors**2))
    total = float(np.sum((true - true.mean()) ** 2))
    # Where the truth is zero there is no percentage; scikit-learn takes the smallest step of doubles instead.
    relative = np.abs(errors) / np.maximum(np.abs(true), np.finfo(np.float64).eps)
    return {
        "mean_squared_error": squared,
        "root_mean_squared_error": squared**0.5,
        "mean_average_error": float(np.mean(np.abs(errors))),
        "mean_absolute_percentage_error": float(np.mean(relative)),
        "r2_score": 1 - squared * len(true) / total if total else None,
    }


def _doubles(rows: Rows, name: str) -> NDArray[np.float64]:
    """Return a column as doubles, nulls as NaN."""
    numbers = rows.numbers(name)
    values = numbers.values.astype(np.float64)
    if numbers.valid is not None:
        values[~numbers.valid] = np.nan
    return values


@dataclass(frozen=True, slots=True)
class Counts:
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

    def precision(self) -> NDArray[np.float64]:
        """Return what share of those said to be of a class are."""
        return _ratio(self.both, self.said)

    def recall(self) -> NDArray[np.float64]:
        """Return what share of those of a class are said to be."""
        return _ratio(self.both, self.true)

    def false_positive_rate(self) -> NDArray[np.float64]:
        """Return what share of those not of a class are said to be."""
        return _ratio(self.said - self.both, self.rows - self.true)

    def predicted(self) -> NDArray[np.float64]:
        """Return what share of all are said to be of a class."""
        return _ratio(self.said, np.full(len(self.said), self.rows))


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Divide; of nothing, the share is 0, as scikit-learn has it."""
    shares: NDArray[np.float64] = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares


def _classification(
    rows: Rows, inference: Inference, label: str, partitions: Sequence[Partition]
) -> dict[Group, Metrics]:
    said, true, classes = _classes(rows, inference.prediction, label)
    known = (said >= 0) & (true >= 0)
    chances = None
    if inference.prediction_proba is not None:
        chances = ranking.chances(list(rows.pieces(inference.prediction_proba)), classes)
    result: dict[Group, Metrics] = {}
    counted: dict[Group, Counts] = {}
    for partition in partitions:
        for group, positions in zip(
            partition.groups, partition.parts(partition.sorted(np.arange(len(rows)))), strict=True
        ):
            positions = positions[known[positions]]
            if not len(positions):
                continue
            counts, matrix = confusion(said[positions], true[positions], classes)
            result[group], counted[group] = {**_shares(counts), "confusion_matrix": matrix}, counts
            if chances is not None:
                result[group] |= ranking.areas(chances[positions], true[positions], classes)
    for group, fairness in _fairness(counted).items():
        result[group] |= fairness
    return result


def _classes(
    rows: Rows, prediction: str, label: str
) -> tuple[NDArray[np.int32], NDArray[np.int32], list[str]]:
    """Return both columns as positions in one sorted list of classes; -1 is null."""
    said, true = (as_text(rows, name) for name in (prediction, label))
    classes = sorted({*texts(said.dictionary), *texts(true.dictionary)})
    where = {name: position for position, name in enumerate(classes)}
    numbered = []
    for one in (said, true):
        moved = [where[name] for name in texts(one.dictionary)]
        numbered.append(np.array([*moved, -1], np.int32)[one.values])
    return numbered[0], numbered[1], classes


def as_text(rows: Rows, name: str) -> Codes:
    """Return a column of classes by their names: a class 1.0 is the class 1."""
    type_ = rows.type_of(name)
    pieces = list(rows.pieces(name))
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        numbers = [as_numpy(piece, pa.float64()) for piece in pieces]
        if all(np.all(one == np.round(one)) for one in numbers):
            pieces = [piece.cast(pa.float64()).cast(pa.int64()) for piece in pieces]
            type_ = pa.int64()
    return encoded(pieces, type_)


def confusion(
    said: NDArray[np.int32], true: NDArray[np.int32], classes: list[str]
) -> tuple[Counts, list[dict[str, Any]]]:
    """Return the counts of classes, and of each pair of prediction and label that is there."""
    number = len(classes)
    pairs, found = np.unique(said.astype(np.int64) * number + true, return_counts=True)
    matrix = [
        {"prediction": classes[pair // number], "label": classes[pair % number], "count": count}
        for pair, count in zip(pairs.tolist(), found.tolist(), strict=True)
    ]
    by_said, by_true, both = (np.bincount(one, minlength=number) for one in (said, true, said[said == true]))
    present = np.flatnonzero(by_said + by_true)
    names = [classes[one] for one in present.tolist()]
    return Counts(names, by_said[present], by_true[present], both[present], len(said)), matrix


def _shares(counts: Counts) -> Metrics:
    precision, recall = counts.precision(), counts.recall()
    f1 = _ratio(2 * counts.both, counts.said + counts.true)
    return {
        "accuracy_score": float(counts.both.sum()) / counts.rows,
        "precision": _averaged(precision, counts),
        "recall": _averaged(recall, counts),
        "f1_score": _averaged(f1, counts),
    }


def _averaged(values: NDArray[np.float64], counts: Counts) -> Metrics:
    return {
        "one_vs_all": _by_class(counts.classes, values),
        "macro": float(values.mean()),
        "weighted": float(np.dot(values, counts.true)) / counts.rows,
    }


def _by_class(classes: list[str], values: NDArray[np.float64]) -> list[tuple[str, float]]:
    return list(zip(classes, values.tolist(), strict=True))


def _fairness(counted: dict[Group, Counts]) -> dict[Group, Metrics]:
    """Compare the rows that a slicing predicate is true of with those it is false of, class by class."""
    result = {}
    for group, counts in counted.items():
        other = counted.get(replace(group, slice_value="false")) if group.slice_value == "true" else None
        if other is not None:
            result[group] = {
                "predictive_parity": _difference(counts, counts.precision(), other, other.precision()),
                "predictive_equality": _difference(
                    counts, counts.false_positive_rate(), other, other.false_positive_rate()
                ),
                "equal_opportunity": _difference(counts, counts.recall(), other, other.recall()),
                "statistical_parity": _difference(counts, counts.predicted(), other, other.predicted()),
            }
    return result


def _difference(
    one: Counts, values: NDArray[np.float64], other: Counts, others: NDArray[np.float64]
) -> list[tuple[str, float]]:
    """Subtract the shares of the classes that both have."""
    known = dict(_by_class(other.classes, others))
    return [(name, value - known[name]) for name, value in _by_class(one.classes, values) if name in known]
