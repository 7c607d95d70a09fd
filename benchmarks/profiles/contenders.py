"""Profiles one table in one way; a process of its own, on one processor, for time and memory.

`python contenders.py NAME FILE…` prints `{"seconds": s, "megabytes": peak of the process}`; imports do not
count.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[], object]


def scan(files: list[str]) -> Work:
    return _duckdb(files, "SELECT min(COLUMNS(*)), max(COLUMNS(*)) FROM read_parquet(?)")


def summarize(files: list[str]) -> Work:
    return _duckdb(files, "SUMMARIZE SELECT * FROM read_parquet(?)")


def _duckdb(files: list[str], query: str) -> Work:
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    return lambda: connection.execute(query, [files]).fetchall()


def polars(files: list[str]) -> Work:
    import polars

    return lambda: polars.scan_parquet(files).describe()


def whole(files: list[str]) -> Work:
    profile, source, profiles = _ours(files)
    return lambda: profile(source, profiles.Definition())


def days(files: list[str]) -> Work:
    profile, source, profiles = _ours(files)
    definition = profiles.Definition("sold_at", (profiles.Granularity.parse("1 day"),))
    return lambda: profile(source, definition)


def drift(files: list[str]) -> Work:
    """Compare 30 days with the ones before them and with a baseline: 59 pairs."""
    import scipy.stats  # noqa: F401 - what is imported does not count

    profile, source, profiles = _ours(files)
    definition = profiles.Definition("sold_at", (profiles.Granularity.parse("1 day"),))
    current = profile(source, definition).distributions
    base = profile(source, definition, log_type=profiles.BASELINE).distributions
    return lambda: profiles.drift(current, base, definition)


def _ours(files: list[str]) -> tuple[Any, Any, Any]:
    import pyarrow.compute  # noqa: F401
    import pyarrow.parquet as pq

    from lakestead.engine import profiles

    read = [profiles.DataFile(file, pq.read_metadata(file).num_rows) for file in files]
    return profiles.profile, profiles.ParquetSource(read, pq.read_schema(files[0])), profiles


def whylogs(files: list[str]) -> Work:
    import pandas
    import whylogs

    frame = pandas.concat(pandas.read_parquet(file) for file in files)
    return lambda: whylogs.log(frame).view().to_pandas()


def ydata(files: list[str]) -> Work:
    import pandas
    from ydata_profiling import ProfileReport

    frame = pandas.concat(pandas.read_parquet(file) for file in files)
    return lambda: ProfileReport(frame, minimal=True, progress_bar=False).get_description()


def evidently(files: list[str]) -> Work:
    import pandas
    from evidently import Dataset, Report
    from evidently.presets import DataSummaryPreset

    frame = pandas.concat(pandas.read_parquet(file) for file in files)
    return lambda: Report([DataSummaryPreset()]).run(Dataset.from_pandas(frame), None).dict()


CONTENDERS = {
    one.__name__: one for one in (scan, summarize, polars, whole, days, drift, whylogs, ydata, evidently)
}


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    work = CONTENDERS[sys.argv[1]](sys.argv[2:])
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "megabytes": _peak()}))


def _peak() -> float:
    # getrusage would begin with what the process that started this one had.
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
