"""How well a model did: the measures in the metric tables of inference logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from lakestead.core.names import quote

_BETTER_HIGH: dict[str, tuple[str, ...]] = {
    "accuracy_score": (),
    "precision": ("weighted",),
    "recall": ("weighted",),
    "f1_score": ("weighted",),
    "roc_auc_score": ("one_vs_one", "weighted"),
    "r2_score": (),
}
_BETTER_LOW = (
    "log_loss",
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_average_error",
    "mean_absolute_percentage_error",
)


class Measure(NamedTuple):
    """A measure of quality.

    Attributes:
        name: its name.
        expression: its value in a row of the metric table.
        better: which values of it are better.
    """

    name: str
    expression: str
    better: Literal["higher", "lower"]


def measures(columns: Mapping[str, str]) -> list[Measure]:
    """Return the measures that a metric table has.

    Args:
        columns: the table's columns and their types.
    """
    high = [
        Measure(name, ".".join(map(quote, (name, *path))), "higher")
        for name, path in _BETTER_HIGH.items()
        if name in columns and all(f"{field}:" in columns[name] for field in path)
    ]
    return high + [Measure(name, quote(name), "lower") for name in _BETTER_LOW if name in columns]
