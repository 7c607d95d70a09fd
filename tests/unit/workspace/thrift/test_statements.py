from __future__ import annotations

import pytest
from databricks.sql.parameters.native import dbsql_parameter_from_primitive
from databricks.sql.thrift_api.TCLIService.ttypes import TSparkParameter, TSparkParameterValue
from databricks.sql.utils import serialize_query_tags
from hypothesis import given
from hypothesis import strategies as st

from lakestead.workspace.history.tags import parse_tags
from lakestead.workspace.sql.statement import Parameter
from lakestead.workspace.thrift.statements import parameter

WORDS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(st.text("abcä_ -.\\", min_size=1).map(str.strip).filter(bool), st.none() | WORDS))
def test_query_tags_are_read_as_the_connector_writes_them(tags: dict[str, str | None]) -> None:
    expected = {key: value or "" for key, value in tags.items()}
    assert parse_tags(serialize_query_tags(tags) or "") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", Parameter("x", "STRING")),
        (1, Parameter("1", "INT")),
        (None, Parameter(None, "VOID")),
        ([1, None], Parameter(None, "ARRAY", None, (Parameter("1", "INT"), Parameter(None, "VOID")))),
        ({"k": 1.5}, Parameter(None, "MAP", None, (Parameter("k", "STRING"), Parameter("1.5", "DOUBLE")))),
        (
            [["x"]],
            Parameter(None, "ARRAY", None, (Parameter(None, "ARRAY", None, (Parameter("x", "STRING"),)),)),
        ),
        ([], Parameter(None, "ARRAY", None, ())),
    ],
    ids=str,
)
def test_parameters_are_read_as_the_connector_sends_them(value: object, expected: Parameter) -> None:
    sent = dbsql_parameter_from_primitive(value).as_tspark_param(named=False)
    assert parameter(sent) == expected


def test_parameters_of_other_drivers() -> None:
    assert parameter(TSparkParameter(name="p")) == Parameter(None, "STRING", "p")
    double = TSparkParameter(type="DOUBLE", value=TSparkParameterValue(doubleValue=0.1))
    assert parameter(double) == Parameter("0.1", "DOUBLE")
    boolean = TSparkParameter(type="BOOLEAN", value=TSparkParameterValue(booleanValue=False))
    assert parameter(boolean) == Parameter("false", "BOOLEAN")
