"""Profiles: the metrics of a table's columns, and their drift.

:func:`profile` reads a :class:`Source` column by column and gives metrics and distributions;
:func:`drift` compares distributions. Nothing here knows where tables are or who asks.
"""

from __future__ import annotations

from .definition import Definition, Group, Inference, Problem, Slice
from .distributions import Distributions
from .drift import drift
from .findings import Cancelled
from .profile import BASELINE, INPUT, Profile, profile
from .schema import DRIFT_SCHEMA, PROFILE_SCHEMA, computed, drift_schema, inference_fields, profile_schema
from .source import DataFile, ParquetSource, Source, TableSource
from .windows import Granularity, Window

__all__ = [
    "BASELINE",
    "DRIFT_SCHEMA",
    "INPUT",
    "PROFILE_SCHEMA",
    "Cancelled",
    "DataFile",
    "Definition",
    "Distributions",
    "Granularity",
    "Group",
    "Inference",
    "ParquetSource",
    "Problem",
    "Profile",
    "Slice",
    "Source",
    "TableSource",
    "Window",
    "computed",
    "drift",
    "drift_schema",
    "inference_fields",
    "profile",
    "profile_schema",
]
