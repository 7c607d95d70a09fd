"""What is to be profiled, and how its rows are grouped."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lakestead.engine.profiles.windows import Granularity, Window

ALL_MODELS = "*"
WHOLE_TABLE = ":table"
TOP_SLICES = 100


@dataclass(frozen=True, slots=True)
class Slice:
    """A division of the rows by the values of a column.

    Attributes:
        key: the expression as the user wrote it.
        column: of the source, with the expression's value for each row; rows where it is null are in none.
    """

    key: str
    column: str


class Problem(StrEnum):
    """What a model predicts."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class Inference:
    """What a model said, and what was true.

    Attributes:
        problem: classification or regression.
        prediction: the column of predictions.
        label: the column of truths; without it quality is not measured.
        prediction_proba: a column of maps from class to probability.
    """

    problem: Problem
    prediction: str
    label: str | None = None
    prediction_proba: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a profile computes.

    Attributes:
        timestamp: the column of timestamps or dates that windows are made by; None for a snapshot.
        granularities: the lengths of the windows, at least one when there is a timestamp.
        slices: each divides the rows by itself.
        model_id: the column that says which model a row is of; metrics are then for each and for all of them.
        inference: the model's columns.
        columns: those that are profiled; None for all of the source's.
    """

    timestamp: str | None = None
    granularities: tuple[Granularity, ...] = ()
    slices: tuple[Slice, ...] = ()
    model_id: str | None = None
    inference: Inference | None = None
    columns: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if (self.timestamp is None) != (not self.granularities):
            raise ValueError("a timestamp column and granularities go together")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that one set of metrics is of.

    Attributes:
        window: None for a baseline, and for a snapshot that was given none.
        granularity: None when the window was not made by one.
        slice_key: None for all rows.
        slice_value: None for all rows.
        model: ``*`` for all models, None when models are not told apart.
    """

    window: Window | None = None
    granularity: Granularity | None = None
    slice_key: str | None = None
    slice_value: str | None = None
    model: str | None = None
    # Groups are keys, of hundreds of thousands of rows in large tables.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = (self.window, self.granularity, self.slice_key, self.slice_value, self.model)
        object.__setattr__(self, "_hash", hash(keys))

    def __hash__(self) -> int:
        return self._hash
