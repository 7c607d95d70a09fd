"""How good a model's predictions are, group by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lakestead.engine.profiles import ranking
from lakestead.engine.profiles.classification import Classification
from lakestead.engine.profiles.columns import Codes, Rows, as_numpy, encoded, texts
from lakestead.engine.profiles.definition import Group, Inference, Problem
from lakestead.engine.profiles.partitions import Partition
from lakestead.engine.profiles.regression import Regression

Quality = Classification | Regression


def measure(
    rows: Rows,
    inference: Inference,
    partitions: Sequence[Partition],
    found: dict[Group, Quality],
    *,
    ranked: bool = True,
) -> None:
    """Add rows that have both a prediction and a label to what was found of their groups.

    Args:
        rows: with predictions and labels.
        inference: which columns those are; without a label nothing is found.
        partitions: of the rows.
        found: what rows before them said; it is added to.
        ranked: whether these are all rows of their groups, so that probabilities can be ranked.
    """
    if inference.label is None:
        return
    if inference.problem is Problem.REGRESSION:
        said, true = _doubles(rows, inference.prediction), _doubles(rows, inference.label)
        for group, positions in _groups(partitions, ~(np.isnan(said) | np.isnan(true))):
            regression = found.setdefault(group, Regression())
            assert isinstance(regression, Regression)
            regression.add(said[positions], true[positions])
        return
    _classify(rows, inference, inference.label, partitions, found, ranked=ranked)


def _classify(
    rows: Rows,
    inference: Inference,
    label: str,
    partitions: Sequence[Partition],
    found: dict[Group, Quality],
    *,
    ranked: bool,
) -> None:
    coded = [_as_text(rows, name) for name in (inference.prediction, label)]
    maps = [] if inference.prediction_proba is None else list(rows.pieces(inference.prediction_proba))
    classes = sorted({*ranking.keys(maps), *(one for codes in coded for one in texts(codes.dictionary))})
    said, true = (_numbered(codes, classes) for codes in coded)
    chances = ranking.chances(maps, classes) if maps else None
    for group, positions in _groups(partitions, (said >= 0) & (true >= 0)):
        classification = found.setdefault(group, Classification())
        assert isinstance(classification, Classification)
        classification.add(said[positions], true[positions], classes)
        if chances is not None:
            some = chances[positions]
            losses = ranking.losses(some, true[positions])
            if len(losses):
                classification.losses.add(losses)
            classification.areas = ranking.areas(some, true[positions]) if ranked else None


def _groups(
    partitions: Sequence[Partition], known: NDArray[np.bool_]
) -> list[tuple[Group, NDArray[np.int64]]]:
    """Return the positions of the known rows of each group that has some."""
    result = []
    for partition in partitions:
        order = partition.sorted(np.arange(len(known)))
        for group, positions in zip(partition.groups, partition.parts(order), strict=True):
            chosen = positions[known[positions]]
            if len(chosen):
                result.append((group, chosen))
    return result


def _doubles(rows: Rows, name: str) -> NDArray[np.float64]:
    """Return a column as doubles, nulls as NaN."""
    numbers = rows.numbers(name)
    values = numbers.values.astype(np.float64)
    if numbers.valid is not None:
        values[~numbers.valid] = np.nan
    return values


def _as_text(rows: Rows, name: str) -> Codes:
    """Return a column of classes by their names: a class 1.0 is the class 1."""
    type_ = rows.type_of(name)
    pieces = list(rows.pieces(name))
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        numbers = [as_numpy(piece, pa.float64()) for piece in pieces]
        if all(np.all(one == np.round(one)) for one in numbers):
            pieces = [piece.cast(pa.float64()).cast(pa.int64()) for piece in pieces]
            type_ = pa.int64()
    return encoded(pieces, type_)


def _numbered(codes: Codes, classes: list[str]) -> NDArray[np.int32]:
    """Return a column as positions in a list of classes; -1 is null."""
    where = {name: position for position, name in enumerate(classes)}
    moved = [where[name] for name in texts(codes.dictionary)]
    return np.array([*moved, -1], np.int32)[codes.values]
