"""Types as DESCRIBE … AS JSON writes them, the way clients read them back."""

from __future__ import annotations

from typing import Any

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.workspace.sql.commands.describe_table import json_type


def read(described: dict[str, Any]) -> str:
    """Return the DDL text of a type, as clients of AS JSON put it together."""
    match described["name"]:
        case "struct":
            fields = (f"{one['name']}:{read(one['type'])}" for one in described["fields"])
            return f"struct<{','.join(fields)}>"
        case "array":
            return f"array<{read(described['element_type'])}>"
        case "map":
            return f"map<{read(described['key_type'])},{read(described['value_type'])}>"
        case "decimal":
            return f"decimal({described['precision']},{described['scale']})"
        case "timestamp_ltz":
            return "timestamp"
        case "interval":
            return f"interval {described['start_unit']} to {described['end_unit']}"
        case name if "length" in described:
            return f"{name}({described['length']})"
        case name:
            return str(name)


@pytest.mark.parametrize(
    "text",
    [
        "boolean",
        "bigint",
        "string",
        "char(3)",
        "varchar(10)",
        "decimal(38,0)",
        "timestamp",
        "timestamp_ntz",
        "variant",
        "interval day to minute",
        "array<map<string,struct<a:int,b:array<decimal(5,2)>>>>",
    ],
)
def test_a_type_can_be_read_back(text: str) -> None:
    assert read(json_type(parse_type(text))) == text


def test_nullability_of_what_is_inside() -> None:
    assert json_type(parse_type("array<int>"))["element_nullable"] is True
    (field,) = json_type(parse_type("struct<a: int not null comment 'x'>"))["fields"]
    assert field == {"name": "a", "type": {"name": "int"}, "nullable": False, "comment": "x"}
