"""Distributions in a file, for a later profile to be compared with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

from lakestead.engine.profiles.definition import Group
from lakestead.engine.profiles.distributions import Distributions, Frequencies, Shape
from lakestead.engine.profiles.schema import WINDOW
from lakestead.engine.profiles.windows import Granularity, Window

_GROUP = [
    ("window", WINDOW),
    ("granularity", pa.string()),
    ("slice_key", pa.string()),
    ("slice_value", pa.string()),
    ("model", pa.string()),
]
# A row for each group, without a column, and one for each of its columns.
_SCHEMA = pa.schema(
    [
        *_GROUP,
        ("rows", pa.int64()),
        ("column", pa.string()),
        ("count", pa.int64()),
        ("facts", pa.map_(pa.string(), pa.float64())),
        ("size", pa.int64()),
        ("grid", pa.list_(pa.float64())),
        ("kind", pa.string()),
        ("values", pa.list_(pa.binary())),
        ("counts", pa.list_(pa.int64())),
        ("rest", pa.int64()),
    ]
)
_KINDS = {"bool": pa.bool_(), "string": pa.string(), "binary": pa.binary()}
_ABOUT = b"lakestead"


def save(distributions: Distributions, path: Path) -> None:
    """Write distributions to a file, whole or not at all.

    Args:
        distributions: of a profile.
        path: the file; what was in it is replaced.
    """
    rows: list[dict[str, Any]] = []
    for group, number in distributions.rows.items():
        keys = _keys(group)
        rows.append({**keys, "rows": number})
        rows += [{**keys, **_written(name, shape)} for name, shape in distributions.shapes[group].items()]
    about = json.dumps({"types": distributions.types, "model_id": distributions.model_id})
    schema = _SCHEMA.with_metadata({_ABOUT: about.encode()})
    temporary = path.with_suffix(".tmp")
    feather.write_feather(pa.Table.from_pylist(rows, schema), temporary, compression="zstd")
    os.replace(temporary, path)


def load(path: Path) -> Distributions:
    """Read distributions that :func:`save` wrote.

    Raises:
        FileNotFoundError: there is no such file.
    """
    table = feather.read_table(path, memory_map=False)
    about = json.loads(table.schema.metadata[_ABOUT])
    found = Distributions(about["types"], model_id=about["model_id"])
    for row in table.to_pylist():
        group = _group(row)
        if row["column"] is None:
            found.rows[group] = row["rows"]
            found.shapes[group] = {}
        else:
            found.shapes[group][row["column"]] = _read(row)
    return found


def _keys(group: Group) -> dict[str, Any]:
    window = group.window and {"start": group.window.start, "end": group.window.end}
    return {
        "window": window,
        "granularity": group.granularity and str(group.granularity),
        "slice_key": group.slice_key,
        "slice_value": group.slice_value,
        "model": group.model,
    }


def _group(row: dict[str, Any]) -> Group:
    window, granularity = row["window"], row["granularity"]
    return Group(
        window and Window(window["start"], window["end"]),
        granularity and Granularity.parse(granularity),
        row["slice_key"],
        row["slice_value"],
        row["model"],
    )


def _written(name: str, shape: Shape) -> dict[str, Any]:
    row: dict[str, Any] = {
        "column": name,
        "count": shape.count,
        "facts": list(shape.facts.items()),
        "size": shape.size,
        "grid": shape.grid,
    }
    if shape.frequencies is not None:
        values = shape.frequencies.dictionary.take(pa.array(shape.frequencies.codes))
        row["kind"] = str(values.type)
        text = values.cast(pa.string()) if row["kind"] == "bool" else values
        row["values"] = text.cast(pa.binary()).to_pylist()
        row["counts"] = shape.frequencies.counts
        row["rest"] = shape.frequencies.rest
    return row


def _read(row: dict[str, Any]) -> Shape:
    frequencies = None
    if row["kind"] is not None:
        values = pa.array(row["values"], pa.binary())
        if row["kind"] != "binary":
            values = values.cast(pa.string()).cast(_KINDS[row["kind"]])
        codes = np.arange(len(values), dtype=np.int64)
        counts = np.array(row["counts"], np.int64)
        frequencies = Frequencies(codes, counts, values, rest=row["size"] - int(counts.sum()))
    grid = None if row["grid"] is None else np.array(row["grid"], np.float64)
    return Shape(row["count"], dict(row["facts"]), row["size"], grid, frequencies)
