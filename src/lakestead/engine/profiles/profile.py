"""A profile: every metric of every column in every group."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import pyarrow as pa

from lakestead.engine.profiles.columns import type_text
from lakestead.engine.profiles.definition import Definition
from lakestead.engine.profiles.distributions import Distributions
from lakestead.engine.profiles.findings import Findings, Work, find
from lakestead.engine.profiles.passes import passes
from lakestead.engine.profiles.source import Source
from lakestead.engine.profiles.streaming import stream
from lakestead.engine.profiles.table import MetricsTable
from lakestead.engine.profiles.windows import Window

INPUT, BASELINE = "INPUT", "BASELINE"


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found.

    Attributes:
        metrics: a row for each column, and one for the table, in each group, as
            :data:`PROFILE_SCHEMA` has them but for the columns that the writer adds.
        distributions: what :func:`drift` takes.
    """

    metrics: pa.Table
    distributions: Distributions


def profile(
    source: Source,
    definition: Definition,
    *,
    windows: Collection[Window] | None = None,
    log_type: str = INPUT,
    budget_bytes: int = 512 << 20,
    cancelled: Callable[[], bool] = lambda: False,
) -> Profile:
    """Compute the metrics of a source's columns.

    Args:
        source: the rows.
        definition: what is computed; in a baseline, what it has no columns for is left out.
        windows: those that are wanted, None for all; without granularities, the one that the metrics carry.
        log_type: ``INPUT``, or ``BASELINE``, which has no windows.
        budget_bytes: what values may take in memory. Windows that do not fit together are read one after
            another; what does not fit alone, or has too many different strings, is sketched: quantiles are
            then within 0.001 of their rank, ``distinct_count`` within 2.5 %, of more than 200,000 strings the
            rarest are not told apart, and ``roc_auc_score`` is null.
        cancelled: asked between columns.

    Raises:
        Cancelled: it was said to be.
        KeyError: a column is not there.
        ValueError: the timestamp column is none, or probabilities are no maps.
    """
    baseline = log_type == BASELINE
    known = _known(definition, source.schema) if baseline else definition
    names = tuple(source.schema.names) if known.columns is None else known.columns
    missing = [name for name in names if name not in source.schema.names]
    if missing:
        raise KeyError(f"there are no columns {', '.join(missing)}")
    findings = Findings()
    work = Work(known, names, windows, baseline, cancelled, text_bytes=budget_bytes // 2)
    for one in passes(source, work, budget_bytes):
        if one.rows is None:
            stream(source, one.work, findings, budget_bytes)
        else:
            left = find(one.rows, one.work, findings)
            if left is not None:
                stream(source, left, findings, budget_bytes)
    return _finished(source.schema, replace(definition, columns=names), known.model_id, findings, log_type)


def _known(definition: Definition, schema: pa.Schema) -> Definition:
    """Return a definition without what a baseline has no columns for."""
    inference = definition.inference
    if inference is not None:
        proba = inference.prediction_proba if inference.prediction_proba in schema.names else None
        label = inference.label if inference.label in schema.names else None
        found = inference.prediction in schema.names
        inference = replace(inference, label=label, prediction_proba=proba) if found else None
    columns = definition.columns
    return replace(
        definition,
        slices=tuple(one for one in definition.slices if one.column in schema.names),
        model_id=definition.model_id if definition.model_id in schema.names else None,
        inference=inference,
        columns=None if columns is None else tuple(name for name in columns if name in schema.names),
    )


def _finished(
    schema: pa.Schema, definition: Definition, model_id: str | None, findings: Findings, log_type: str
) -> Profile:
    types = {name: type_text(schema.field(name).type) for name in definition.columns or ()}
    distributions = Distributions(types, findings.rows, {group: {} for group in findings.rows}, model_id)
    table = MetricsTable(definition, log_type)
    for name, type_ in types.items():
        found = findings.summaries.get(name, {})
        table.add(name, type_, found)
        for group, summary in found.items():
            distributions.shapes[group][name] = summary.shape
    table.add_whole(distributions, findings.quality)
    return Profile(table.finished(), distributions)
