"""GRANT, REVOKE and SHOW GRANTS, and what SQL lets a principal see and do."""

from __future__ import annotations

import pytest
from databricks.sql.exc import DatabaseError

from tests.contract.conftest import Sql

Somebody = tuple[str, Sql]


@pytest.fixture
def shop(admin: Sql) -> Sql:
    """The admin, having made a schema with one thing of each kind."""
    admin("CREATE SCHEMA main.shop")
    admin("CREATE TABLE main.shop.orders AS SELECT 1 AS id, 'tea' AS item")
    admin("CREATE TABLE main.shop.secrets AS SELECT 1 AS id")
    admin("CREATE VIEW main.shop.items AS SELECT item FROM main.shop.orders")
    admin("CREATE VOLUME main.shop.files")
    admin("CREATE FUNCTION main.shop.one() RETURNS INT RETURN 1")
    return admin


def test_show_grants_tells_where_a_privilege_was_granted(shop: Sql, somebody: Somebody) -> None:
    name, _ = somebody
    shop(f"GRANT USE SCHEMA, SELECT ON SCHEMA main.shop TO {name}")
    shop(f"GRANT MODIFY ON TABLE main.shop.orders TO {name}")
    shop(f"GRANT ALL PRIVILEGES ON CATALOG main TO {name}")
    columns = [name for name, _ in shop.columns("SHOW GRANTS ON TABLE main.shop.orders")]
    assert columns == ["Principal", "ActionType", "ObjectType", "ObjectKey"]
    plain = name.strip("`")
    assert shop(f"SHOW GRANTS {name} ON TABLE main.shop.orders") == [
        (plain, "ALL PRIVILEGES", "CATALOG", "main"),
        (plain, "MODIFY", "TABLE", "main.shop.orders"),
        (plain, "SELECT", "SCHEMA", "main.shop"),
    ]


@pytest.mark.parametrize(
    ("statement", "privilege", "target"),
    [
        ("SELECT * FROM main.shop.orders", "SELECT", "TABLE main.shop.orders"),
        ("INSERT INTO main.shop.orders VALUES (2, 'cake')", "SELECT, MODIFY", "TABLE main.shop.orders"),
        ("SELECT * FROM main.shop.items", "SELECT", "VIEW main.shop.items"),
        ("SELECT main.shop.one()", "EXECUTE", "FUNCTION main.shop.one"),
        ("CREATE TABLE main.shop.mine (a INT)", "CREATE TABLE", "SCHEMA main.shop"),
        ("CREATE VIEW main.shop.mine AS SELECT 1 AS a", "CREATE TABLE", "SCHEMA main.shop"),
        ("CREATE VOLUME main.shop.mine", "CREATE VOLUME", "SCHEMA main.shop"),
        ("CREATE FUNCTION main.shop.mine() RETURNS INT RETURN 1", "CREATE FUNCTION", "SCHEMA main.shop"),
        ("CREATE SCHEMA main.mine", "CREATE SCHEMA", "CATALOG main"),
        ("CREATE CATALOG mine", "CREATE CATALOG", "METASTORE"),
        ("ALTER TABLE main.shop.orders SET TAGS ('a' = 'b')", "APPLY TAG", "TABLE main.shop.orders"),
        ("COMMENT ON TABLE main.shop.orders IS 'x'", "MODIFY", "TABLE main.shop.orders"),
        ("SHOW TABLES IN main.shop", "USE SCHEMA", "SCHEMA main.shop"),
        ("USE main.shop", "USE SCHEMA", "SCHEMA main.shop"),
        ("DESCRIBE TABLE main.shop.orders", "BROWSE", "CATALOG main"),
    ],
)
def test_each_privilege_denied_and_allowed(
    shop: Sql, somebody: Somebody, statement: str, privilege: str, target: str
) -> None:
    name, theirs = somebody
    if privilege not in ("USE SCHEMA", "BROWSE"):
        shop(f"GRANT USE SCHEMA ON SCHEMA main.shop TO {name}")
    with pytest.raises(DatabaseError, match=r"\[INSUFFICIENT_PERMISSIONS\].*SQLSTATE: 42501"):
        theirs(statement)
    shop(f"GRANT {privilege} ON {target} TO {name}")
    theirs(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE main.shop.orders",
        "DROP SCHEMA main.shop CASCADE",
        "ALTER TABLE main.shop.orders RENAME TO other",
        "ALTER TABLE main.shop.orders SET TBLPROPERTIES ('a' = 'b')",
        "ALTER TABLE main.shop.orders SET OWNER TO `account users`",
        "GRANT SELECT ON TABLE main.shop.orders TO `account users`",
        "REVOKE SELECT ON TABLE main.shop.orders FROM `account users`",
        "SHOW GRANTS ON TABLE main.shop.orders",
    ],
)
def test_who_may_use_may_not_manage(shop: Sql, somebody: Somebody, statement: str) -> None:
    name, theirs = somebody
    shop(f"GRANT ALL PRIVILEGES ON SCHEMA main.shop TO {name}")
    with pytest.raises(DatabaseError, match="is not an owner of"):
        theirs(statement)
    shop(f"GRANT MANAGE ON SCHEMA main.shop TO {name}")
    theirs(statement)


def test_a_denial_names_the_first_missing_privilege_and_its_object(shop: Sql, somebody: Somebody) -> None:
    name, theirs = somebody
    shop("REVOKE USE CATALOG ON CATALOG main FROM `account users`")
    missing = [
        ("USE CATALOG on Catalog 'main'", "USE CATALOG ON CATALOG main"),
        ("USE SCHEMA on Schema 'main.shop'", "USE SCHEMA ON SCHEMA main.shop"),
        ("SELECT on Table 'main.shop.orders'", "SELECT ON TABLE main.shop.orders"),
    ]
    for words, privilege in missing:
        with pytest.raises(DatabaseError, match=f"does not have {words}"):
            theirs("SELECT * FROM main.shop.orders")
        shop(f"GRANT {privilege} TO {name}")
    assert theirs("SELECT id FROM main.shop.orders") == [(1,)]


def test_revoking_takes_effect_at_once(shop: Sql, somebody: Somebody) -> None:
    name, theirs = somebody
    shop(f"GRANT USE SCHEMA, SELECT ON SCHEMA main.shop TO {name}")
    assert theirs("SELECT id FROM main.shop.orders") == [(1,)]
    shop(f"REVOKE SELECT ON SCHEMA main.shop FROM {name}")
    with pytest.raises(DatabaseError, match="does not have SELECT"):
        theirs("SELECT id FROM main.shop.orders")


def test_an_owner_may_do_everything_and_give_it_away(shop: Sql, somebody: Somebody) -> None:
    name, theirs = somebody
    shop(f"GRANT USE SCHEMA ON SCHEMA main.shop TO {name}")
    shop(f"ALTER TABLE main.shop.orders SET OWNER TO {name}")
    assert theirs("SELECT id FROM main.shop.orders") == [(1,)]
    theirs("GRANT SELECT ON TABLE main.shop.orders TO `account users`")
    assert ("account users", "SELECT", "TABLE", "main.shop.orders") in theirs(
        "SHOW GRANTS ON TABLE main.shop.orders"
    )
    theirs("DROP TABLE main.shop.orders")


def test_anybody_may_see_what_is_granted_to_them(shop: Sql, somebody: Somebody) -> None:
    name, theirs = somebody
    shop(f"GRANT USE SCHEMA ON SCHEMA main.shop TO {name}")
    assert theirs(f"SHOW GRANTS {name} ON SCHEMA main.shop") == [
        (name.strip("`"), "USE SCHEMA", "SCHEMA", "main.shop")
    ]


def test_lists_show_only_what_may_be_seen(shop: Sql, somebody: Somebody) -> None:
    name, theirs = somebody
    shop(f"GRANT USE SCHEMA ON SCHEMA main.shop TO {name}")
    tables = "SELECT table_name FROM main.information_schema.tables WHERE table_schema = 'shop' ORDER BY 1"
    assert theirs("SHOW TABLES IN main.shop") == theirs(tables) == []
    shop(f"GRANT SELECT ON TABLE main.shop.orders TO {name}")
    assert theirs("SHOW TABLES IN main.shop") == [("shop", "orders", False)]
    assert theirs(tables) == [("orders",)]
    columns = "SELECT column_name FROM system.information_schema.columns WHERE table_schema = 'shop'"
    assert theirs(columns) == [("id",), ("item",)]
    with pytest.raises(DatabaseError, match=r"\[INSUFFICIENT_PERMISSIONS\]"):
        theirs("DESCRIBE TABLE main.shop.secrets")


def test_browse_shows_without_use(shop: Sql, somebody: Somebody) -> None:
    name, theirs = somebody
    shop("REVOKE USE CATALOG ON CATALOG main FROM `account users`")
    shop(f"GRANT BROWSE ON CATALOG main TO {name}")
    assert [table for _, table, _ in theirs("SHOW TABLES IN main.shop")] == ["items", "orders", "secrets"]
    assert theirs("DESCRIBE TABLE main.shop.orders")[0][0] == "id"
    with pytest.raises(DatabaseError, match="does not have USE CATALOG"):
        theirs("SELECT * FROM main.shop.orders")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("GRANT SELECT ON TABLE main.shop.orders TO nobody", r"\[PRINCIPAL_DOES_NOT_EXIST\]"),
        ("GRANT EXECUTE ON TABLE main.shop.orders TO `account users`", "EXECUTE is not applicable"),
        ("GRANT SELECT ON TABLE main.shop.nope TO `account users`", r"\[TABLE_OR_VIEW_NOT_FOUND\]"),
        ("SHOW GRANTS nobody ON SCHEMA main.shop", r"\[PRINCIPAL_DOES_NOT_EXIST\]"),
    ],
)
def test_grants_that_cannot_be(shop: Sql, statement: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        shop(statement)
