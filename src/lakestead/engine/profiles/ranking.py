"""How good a model's probabilities are."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Chances = NDArray[np.float64]


def chances(pieces: list[pa.Array], classes: list[str]) -> Chances:
    """Return the probability of each class in each row, from maps; NaN where it is missing.

    Raises:
        ValueError: the column is no map from class to number.
    """
    where = {name: position for position, name in enumerate(classes)}
    return np.concatenate([np.empty((0, len(classes))), *(_chances(piece, where) for piece in pieces)])


def _chances(piece: pa.Array, where: dict[str, int]) -> Chances:
    if not pa.types.is_map(piece.type):
        raise ValueError(f"probabilities are maps from class to double, not {piece.type}")
    result = np.full((len(piece), len(where)), np.nan)
    lists = pa.ListArray.from_arrays(piece.offsets, piece.items)
    rows = np.repeat(np.arange(len(piece)), np.diff(piece.offsets.to_numpy()))
    first, last = (piece.offsets[0].as_py(), piece.offsets[-1].as_py()) if len(piece) else (0, 0)
    keys = piece.keys.slice(first, last - first).cast(pa.string()).dictionary_encode()
    columns = np.array([*(where.get(name, -1) for name in keys.dictionary.to_pylist()), -1])[
        keys.indices.to_numpy()
    ]
    values = lists.values.slice(first, last - first).cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = columns >= 0
    result[rows[known], columns[known]] = values[known]
    return result


def areas(given: Chances, true: NDArray[np.int32], classes: list[str]) -> dict[str, Any]:
    """Return the log loss and the areas under the curves, of the rows that have all probabilities."""
    present = np.flatnonzero(np.bincount(true, minlength=len(classes)))
    used = np.flatnonzero(~np.isnan(given).all(axis=0))
    known = ~np.isnan(given[:, used]).any(axis=1) & np.isin(true, used)
    if not known.any():
        return {}
    given, true = given[known], true[known]
    rows = np.arange(len(true))
    total = given[:, used].sum(axis=1)
    likely = np.clip(given[rows, true] / total, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
    return {"log_loss": float(-np.log(likely).mean()), "roc_auc_score": _curves(given, true, present)}


def _curves(given: Chances, true: NDArray[np.int32], present: NDArray[np.int64]) -> dict[str, Any] | None:
    """Return the areas against each other class and against all others; None of one class alone."""
    if len(present) < 2:
        return None
    against_all = [area(given[:, one], true == one) for one in present]
    shares = [float(np.mean(true == one)) for one in present]
    pairs, weights = [], []
    for one, other in combinations(present.tolist(), 2):
        both = (true == one) | (true == other)
        pairs.append(
            (area(given[both, one], true[both] == one) + area(given[both, other], true[both] == other)) / 2
        )
        weights.append(float(both.mean()))
    return {
        "one_vs_one": _means(pairs, weights),
        "one_vs_all": _means(against_all, shares),
    }


def _means(values: list[float], weights: list[float]) -> dict[str, float]:
    return {"macro": float(np.mean(values)), "weighted": float(np.average(values, weights=weights))}


def area(scores: Chances, positive: NDArray[np.bool_]) -> float:
    """Return the area under the curve: how often a positive row scores above a negative one, ties half."""
    _, where, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[where]
    positives = int(positive.sum())
    negatives = len(positive) - positives
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
