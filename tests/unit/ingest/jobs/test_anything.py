"""Whatever stands in a cell is a job or a mistake with a place, never a crash."""

from __future__ import annotations

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from lakestead.ingest.jobs import Job
from lakestead.ingest.jobs.entry import Entry, declare

CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["FULL", "INCREMENTAL", "merge", "Y", "a, b", "*", "a.b", "1 day", "9999999999 d"]),
    st.sampled_from(["a: int; b: x", '{"a": 1}', "a: ;"]),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.just(datetime.date(2024, 1, 1)),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
FIELDS = st.sampled_from([*Job.model_fields, "no_field"])


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(FIELDS, CELLS, max_size=20))
def test_any_row(values: dict[str, object]) -> None:
    row = {"source_type": "postgres", "source_name": "erp", "table_name": "t", **values}
    places = {name: f"sheet!{name}" for name in row}
    declared = declare([Entry(row, "sheet!A1", places)])
    assert bool(declared.jobs) != bool(declared.findings)
    for finding in declared.findings:
        assert finding.place.startswith("sheet!")
        assert finding.text
        assert "\n" not in finding.text or any("\n" in str(value) for value in row.values())
