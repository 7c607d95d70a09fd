"""Named statements of SQL files."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.run.statements import Statement, read_statements

TWO = """\
-- Words for the reader.

-- name: first
-- table: a
CREATE OR REPLACE TABLE a AS
-- a comment; of the statement's own
SELECT ';' AS semicolon;

-- name: second
-- view: B
-- reads: other.s.t, `odd name`
CREATE OR REPLACE VIEW b AS SELECT 1
"""


def test_statements_in_order(tmp_path: Path) -> None:
    path = tmp_path / "two.sql"
    path.write_text(TWO, encoding="utf-8")
    first = "CREATE OR REPLACE TABLE a AS\n-- a comment; of the statement's own\nSELECT ';' AS semicolon"
    assert read_statements([path]) == [
        Statement("first", "table", "a", (), first),
        Statement("second", "view", "b", ("other.s.t", "`odd name`"), "CREATE OR REPLACE VIEW b AS SELECT 1"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "x.sql: has no statement"),
        ("\n-- name: a\nSELECT 1", "x.sql:2: statement 'a' needs a line `-- table: …`"),
        ("-- name: a\n-- table: t\n-- view: t\nSELECT 1", "x.sql:1: statement 'a' needs a line"),
        (
            "-- name: a\n-- table: t\nSELECT 1\n-- name: a\n-- table: t\nSELECT 2",
            "x.sql:4: a statement is named 'a' twice",
        ),
        ("-- name: a\n-- table: t\n", "x.sql:1: statement 'a' is empty"),
        ("-- name: a\n-- table: t.u\nSELECT 1", "x.sql:1: name 't.u' has the character '.'"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.sql"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_statements([path])
    assert message in str(caught.value)
