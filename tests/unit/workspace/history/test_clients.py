"""Names of client programs."""

from __future__ import annotations

import pytest

from lakestead.workspace.history.clients import application, driver

PYTHON = "Databricks SQL Connector for Python"


@pytest.mark.parametrize(
    ("user_agent", "program", "name"),
    [
        ("PyDatabricksSqlConnector/4.9.0", PYTHON, PYTHON),
        ("PyDatabricksSqlConnector/4.9.0 (dbt-databricks/1.9.0)", "dbt-databricks", PYTHON),
        (
            "unknown/0.0.0 databricks-sdk-py/0.156.0 python/3.11.7 os/linux auth/pat",
            "Databricks SDK for Python",
            "Databricks SDK for Python",
        ),
        (
            "ucx/0.1 databricks-sdk-py/0.156.0 python/3.11.7 os/linux auth/pat",
            "ucx",
            "Databricks SDK for Python",
        ),
        ("curl/8.0", "curl", ""),
        ("", "", ""),
        ("((((", "", ""),
    ],
)
def test_names(user_agent: str, program: str, name: str) -> None:
    assert application(user_agent) == program
    assert driver(user_agent) == name
