"""A monitor's definition as the profiler takes it."""

from __future__ import annotations

from collections.abc import Sequence

from lakestead.engine.profiles import Definition, Granularity, Inference, Problem, Slice
from lakestead.workspace.monitors.spec import MonitorSpec, ProblemType


def inference_of(monitor: MonitorSpec) -> Inference | None:
    """Return the columns of a model that is monitored."""
    if monitor.problem_type is None or monitor.prediction_column is None:
        return None
    classifies = monitor.problem_type is ProblemType.CLASSIFICATION
    return Inference(
        Problem.CLASSIFICATION if classifies else Problem.REGRESSION,
        monitor.prediction_column,
        monitor.label_column,
        monitor.probability_column,
    )


def granularities_of(monitor: MonitorSpec) -> tuple[Granularity, ...]:
    """Return how long the windows are; empty for a snapshot."""
    return tuple(map(Granularity.parse, monitor.granularities))


def definition_of(
    monitor: MonitorSpec, slices: Sequence[Slice], columns: Sequence[str], timestamp: str | None
) -> Definition:
    """Return what is to be computed.

    Args:
        monitor: the monitor.
        slices: where the values of its slicing expressions are.
        columns: those that are profiled.
        timestamp: where the instants are that windows are made by; None for no windows.
    """
    return Definition(
        timestamp=timestamp,
        granularities=granularities_of(monitor) if timestamp else (),
        slices=tuple(slices),
        model_id=monitor.model_id_column,
        inference=inference_of(monitor),
        columns=tuple(columns),
    )
