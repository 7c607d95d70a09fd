"""How good a model's probabilities are."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Chances = NDArray[np.float64]


def keys(maps: list[pa.Array]) -> set[str]:
    """Return the classes that maps have probabilities of.

    Raises:
        ValueError: the column is no map.
    """
    for piece in maps:
        if not pa.types.is_map(piece.type):
            raise ValueError(f"probabilities are maps from class to double, not {piece.type}")
    return {str(one) for piece in maps for one in piece.keys.unique().to_pylist()}


def chances(pieces: list[pa.Array], classes: list[str]) -> Chances:
    """Return the probability of each class in each row, from maps; NaN where it is missing."""
    where = {name: position for position, name in enumerate(classes)}
    return np.concatenate([np.empty((0, len(classes))), *(_chances(piece, where) for piece in pieces)])


def _chances(piece: pa.Array, where: dict[str, int]) -> Chances:
    result = np.full((len(piece), len(where)), np.nan)
    lists = pa.ListArray.from_arrays(piece.offsets, piece.items)
    rows = np.repeat(np.arange(len(piece)), np.diff(piece.offsets.to_numpy()))
    first, last = (piece.offsets[0].as_py(), piece.offsets[-1].as_py()) if len(piece) else (0, 0)
    named = piece.keys.slice(first, last - first).cast(pa.string()).dictionary_encode()
    columns = np.array([where[name] for name in named.dictionary.to_pylist()], np.int64)[
        named.indices.to_numpy()
    ]
    values = lists.values.slice(first, last - first).cast(pa.float64()).to_numpy(zero_copy_only=False)
    result[rows, columns] = values
    return result


def losses(given: Chances, true: NDArray[np.int32]) -> Chances:
    """Return minus the logarithm of the probability of each label, of the rows that have one."""
    step = np.finfo(np.float64).eps
    with np.errstate(invalid="ignore"):
        likely = given[np.arange(len(true)), true] / np.nansum(given, axis=1)
    result: Chances = -np.log(np.clip(likely[~np.isnan(likely)], step, 1 - step))
    return result


def areas(given: Chances, true: NDArray[np.int32]) -> dict[str, Any] | None:
    """Return the areas under the curves against each other class and all others; None of one class alone."""
    present = np.flatnonzero(np.bincount(true))
    known = ~np.isnan(given[:, present]).any(axis=1)
    given, true = given[known], true[known]
    present = np.flatnonzero(np.bincount(true)) if len(true) else present[:0]
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
