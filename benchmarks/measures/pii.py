"""Personal data found in labelled columns: how much of it, how much else, and how fast, beside Presidio.

1,000 columns of 40 values, half of them personal data of eight countries. Precision: of the columns that are
said to hold a kind, how many do. Recall: of those that hold one, how many are said to.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks.environments import NotThere, installed
from benchmarks.harness import Figure, Goal, Group, Size
from benchmarks.pii.columns import Labelled, columns
from lakestead.govern.pii.headers import header
from lakestead.govern.pii.judging import judge
from lakestead.govern.pii.settings import PiiSettings
from lakestead.govern.pii.values import Values

_VALUES = 40
_PEER, _OURS = "Presidio", "lakestead govern pii"
_PACKAGES = ("presidio-analyzer==2.2.*",)
_NOTE = "patterns and check digits, without a language model"


def run(size: Size) -> list[Group]:
    """Measure."""
    labelled = list(columns(size(1000, 100)))
    ours_seconds, ours = _ours(labelled)
    figures: dict[str, tuple[float, Sequence[str | None]] | None] = {_PEER: None, _OURS: (ours_seconds, ours)}
    note = _NOTE
    try:
        figures[_PEER] = _presidio(labelled)
    except NotThere as error:
        note = str(error)
    return [
        _group("precision", "%", figures, note, labelled, Goal(95, least=True)),
        _group("recall", "%", figures, note, labelled, Goal(85, least=True)),
        _group("time per column", "ms", figures, note, labelled, None),
    ]


def _ours(labelled: Sequence[Labelled]) -> tuple[float, list[str | None]]:
    settings = PiiSettings()
    found: list[str | None] = []
    start = time.perf_counter()
    for column in labelled:
        values = Values.of(pa.array(_values(column), pa.string()))
        judged = judge(values, header(column.name), settings.regions)
        sure = judged is not None and judged.confidence >= settings.minimum_confidence
        found.append(judged.kind.name if judged is not None and sure else None)
    return time.perf_counter() - start, found


def _presidio(labelled: Sequence[Labelled]) -> tuple[float, list[str | None]]:
    python = installed("presidio", _PACKAGES)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "columns.json"
        file.write_text(json.dumps([[column.name, _values(column)] for column in labelled]))
        script = Path(__file__).parents[1] / "pii" / "presidio.py"
        done = subprocess.run([python, script, file], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotThere(f"failed: {done.stderr.strip().splitlines()[-1][:200]}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return answer["seconds"], answer["kinds"]


def _values(column: Labelled) -> list[str]:
    return [value for value in column.values if value is not None][:_VALUES]


def _group(
    title: str,
    unit: str,
    found: dict[str, tuple[float, Sequence[str | None]] | None],
    note: str,
    labelled: Sequence[Labelled],
    goal: Goal | None,
) -> Group:
    values = {name: _value(title, one, labelled) for name, one in found.items()}
    peer = values[_PEER]
    figures = [
        Figure(
            name,
            value,
            unit,
            value / peer if name == _OURS and value is not None and peer else None,
            goal if name == _OURS else None,
            note if name == _PEER else "",
        )
        for name, value in values.items()
    ]
    return Group(f"Personal data in {len(labelled):,} columns: {title}", figures)


def _value(
    title: str, found: tuple[float, Sequence[str | None]] | None, labelled: Sequence[Labelled]
) -> float | None:
    if found is None:
        return None
    seconds, kinds = found
    right = sum(
        kind is not None and kind == column.kind for kind, column in zip(kinds, labelled, strict=True)
    )
    if title == "precision":
        return 100 * right / max(1, sum(kind is not None for kind in kinds))
    if title == "recall":
        return 100 * right / sum(column.kind is not None for column in labelled)
    return 1000 * seconds / len(labelled)
