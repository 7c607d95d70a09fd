from __future__ import annotations

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest.naming import column_names, table_name


def test_what_is_not_allowed_becomes_an_underscore() -> None:
    assert table_name("Sales.Order Lines") == "sales_order_lines"
    assert column_names(["Id", "unit price", "a=b;c", "größe"]) == {
        "Id": "Id",
        "unit price": "unit_price",
        "a=b;c": "a_b_c",
        "größe": "größe",
    }


@pytest.mark.parametrize("names", [["a b", "a_b"], ["Id", "ID"]])
def test_two_columns_do_not_become_one(names: list[str]) -> None:
    with pytest.raises(ConfigError, match=f"'{names[0]}' and '{names[1]}'"):
        column_names(names)
