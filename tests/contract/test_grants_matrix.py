"""Each privilege, allowed and denied, through SQL, REST and the Files API.

Every operation is tried by a principal that has all it needs, and once more for each privilege taken away.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace

USE = [("CATALOG lake", "USE CATALOG"), ("SCHEMA lake.raw", "USE SCHEMA")]
READ = [*USE, ("TABLE lake.raw.orders", "SELECT")]
WRITE = [*READ, ("TABLE lake.raw.orders", "MODIFY")]


@dataclass(frozen=True)
class Actor:
    """A principal with no privileges but those of a test, and every way in."""

    workspace: Workspace
    name: str
    token: str

    def sql(self, statement: str) -> None:
        with (
            self.workspace.connect(access_token=self.token) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def rest(self, method: str, path: str, body: object = None) -> None:
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        answer = httpx.request(
            method,
            self.workspace.host + path,
            headers={"Authorization": f"Bearer {self.token}"},
            content=content if isinstance(content, bytes) else None,
            timeout=30,
        )
        if answer.status_code == 403:
            raise PermissionError(answer.json()["message"])
        answer.raise_for_status()


Operation = tuple[str, list[tuple[str, str]], Callable[[Actor], None]]


def sql(statement: str, needs: list[tuple[str, str]]) -> Operation:
    return statement, needs, lambda actor: actor.sql(statement)


def rest(method: str, path: str, needs: list[tuple[str, str]], body: object = None) -> Operation:
    return f"{method} {path}", needs, lambda actor: actor.rest(method, path, body)


VOLUME = "VOLUME lake.raw.files"
CATALOGS = "/api/2.1/unity-catalog"
FILE = "/api/2.0/fs/files/Volumes/lake/raw/files/one.txt"
OPERATIONS: list[Operation] = [
    sql("SELECT * FROM lake.raw.orders", READ),
    sql("SELECT * FROM lake.raw.big_orders", [*USE, ("VIEW lake.raw.big_orders", "SELECT")]),
    sql("SELECT lake.raw.twice(id) FROM lake.raw.orders", [*READ, ("FUNCTION lake.raw.twice", "EXECUTE")]),
    sql("SELECT 1 WHERE EXISTS (SELECT 1 FROM lake.raw.orders)", READ),
    sql("CREATE TEMPORARY VIEW mine AS SELECT * FROM lake.raw.orders", READ),
    sql("EXPLAIN SELECT * FROM lake.raw.orders", READ),
    sql("INSERT INTO lake.raw.orders VALUES (2, 2)", WRITE),
    sql("INSERT INTO lake.raw.orders SELECT * FROM lake.raw.orders", WRITE),
    sql("UPDATE lake.raw.orders SET amount = 5", WRITE),
    sql("DELETE FROM lake.raw.orders WHERE id = 1", WRITE),
    sql(
        "MERGE INTO lake.raw.orders USING (SELECT 1 AS id) AS s ON s.id = orders.id WHEN MATCHED THEN DELETE",
        WRITE,
    ),
    sql("TRUNCATE TABLE lake.raw.orders", WRITE),
    sql("OPTIMIZE lake.raw.orders", WRITE),
    sql("ALTER TABLE lake.raw.orders ADD COLUMN note STRING", [*USE, ("TABLE lake.raw.orders", "MODIFY")]),
    sql("CREATE TABLE lake.raw.made (id INT)", [*USE, ("SCHEMA lake.raw", "CREATE TABLE")]),
    sql(
        "CREATE TABLE lake.raw.made AS SELECT * FROM lake.raw.orders",
        [*READ, ("SCHEMA lake.raw", "CREATE TABLE")],
    ),
    sql(
        "CREATE VIEW lake.raw.made AS SELECT * FROM lake.raw.orders",
        [*READ, ("SCHEMA lake.raw", "CREATE TABLE")],
    ),
    sql("CREATE VOLUME lake.raw.made", [*USE, ("SCHEMA lake.raw", "CREATE VOLUME")]),
    sql(
        "CREATE FUNCTION lake.raw.made() RETURNS INT RETURN 1", [*USE, ("SCHEMA lake.raw", "CREATE FUNCTION")]
    ),
    sql("CREATE SCHEMA lake.made", [("CATALOG lake", "USE CATALOG"), ("CATALOG lake", "CREATE SCHEMA")]),
    sql("CREATE CATALOG made", [("METASTORE", "CREATE CATALOG")]),
    sql(
        "ALTER TABLE lake.raw.orders RENAME TO lake.raw.renamed", [*USE, ("TABLE lake.raw.orders", "MANAGE")]
    ),
    sql("DROP TABLE lake.raw.orders", [*USE, ("TABLE lake.raw.orders", "MANAGE")]),
    sql(
        "GRANT SELECT ON TABLE lake.raw.orders TO `account users`",
        [*USE, ("TABLE lake.raw.orders", "MANAGE")],
    ),
    sql("ALTER TABLE lake.raw.orders SET TAGS ('a' = 'b')", [*USE, ("TABLE lake.raw.orders", "APPLY TAG")]),
    sql("LIST '/Volumes/lake/raw/files'", [*USE, (VOLUME, "READ VOLUME")]),
    sql(
        "COPY INTO lake.raw.orders FROM '/Volumes/lake/raw/files/orders.csv' FILEFORMAT = CSV "
        "FORMAT_OPTIONS ('header' = 'true')",
        [*WRITE, (VOLUME, "READ VOLUME")],
    ),
    sql(
        "SELECT * FROM read_files('/Volumes/lake/raw/files/orders.csv', format => 'csv')",
        [*USE, (VOLUME, "READ VOLUME")],
    ),
    rest(
        "POST",
        f"{CATALOGS}/schemas",
        [("CATALOG lake", "USE CATALOG"), ("CATALOG lake", "CREATE SCHEMA")],
        {"name": "made", "catalog_name": "lake"},
    ),
    rest("DELETE", f"{CATALOGS}/tables/lake.raw.orders", [*USE, ("TABLE lake.raw.orders", "MANAGE")]),
    rest(
        "PATCH",
        f"{CATALOGS}/permissions/table/lake.raw.orders",
        [*USE, ("TABLE lake.raw.orders", "MANAGE")],
        {"changes": [{"principal": "account users", "add": ["SELECT"]}]},
    ),
    rest(
        "POST",
        f"{CATALOGS}/volumes",
        [*USE, ("SCHEMA lake.raw", "CREATE VOLUME")],
        {"name": "made", "catalog_name": "lake", "schema_name": "raw", "volume_type": "MANAGED"},
    ),
    rest("GET", FILE, [*USE, (VOLUME, "READ VOLUME")]),
    rest("GET", "/api/2.0/fs/directories/Volumes/lake/raw/files", [*USE, (VOLUME, "READ VOLUME")]),
    rest("PUT", "/api/2.0/fs/files/Volumes/lake/raw/files/new.txt", [*USE, (VOLUME, "WRITE VOLUME")], b"x"),
    rest("DELETE", FILE, [*USE, (VOLUME, "WRITE VOLUME")]),
]


@pytest.fixture
def actor(workspace: Workspace) -> Actor:
    admin = workspace.client()
    with workspace.connect() as connection, connection.cursor() as cursor:
        for statement in (
            "CREATE CATALOG lake",
            "CREATE SCHEMA lake.raw",
            "CREATE TABLE lake.raw.orders (id INT, amount INT)",
            "INSERT INTO lake.raw.orders VALUES (1, 10)",
            "CREATE VIEW lake.raw.big_orders AS SELECT * FROM lake.raw.orders WHERE amount > 5",
            "CREATE FUNCTION lake.raw.twice(x INT) RETURNS INT RETURN x * 2",
            "CREATE VOLUME lake.raw.files",
        ):
            cursor.execute(statement)
    admin.files.upload("/Volumes/lake/raw/files/one.txt", io.BytesIO(b"one"))
    admin.files.upload("/Volumes/lake/raw/files/orders.csv", io.BytesIO(b"id,amount\n3,4\n"))
    made = admin.service_principals.create(display_name="actor")
    token = admin.token_management.create_obo_token(str(made.application_id)).token_value
    return Actor(workspace, str(made.application_id), str(token))


def grant(workspace: Workspace, actor: Actor, needs: list[tuple[str, str]]) -> None:
    with workspace.connect() as connection, connection.cursor() as cursor:
        for target, privilege in needs:
            cursor.execute(f"GRANT {privilege} ON {target} TO `{actor.name}`")


@pytest.mark.parametrize(("name", "needs", "run"), OPERATIONS, ids=[one[0][:60] for one in OPERATIONS])
def test_operation(
    workspace: Workspace,
    actor: Actor,
    name: str,
    needs: list[tuple[str, str]],
    run: Callable[[Actor], None],
) -> None:
    for missing in needs:
        grant(workspace, actor, [one for one in needs if one != missing])
        with pytest.raises((ServerOperationError, PermissionError)) as caught:
            run(actor)
        message = str(caught.value)
        target, privilege = missing
        words = "is not an owner of" if privilege == "MANAGE" else f"does not have {privilege} on"
        assert words in message, message
        if target != "METASTORE":
            assert f"'{target.split(' ', 1)[1]}'" in message, message
        with workspace.connect() as connection, connection.cursor() as cursor:
            for granted, one in needs:
                cursor.execute(f"REVOKE {one} ON {granted} FROM `{actor.name}`")
    grant(workspace, actor, needs)
    run(actor)


def test_inheritance_groups_and_ownership(workspace: Workspace, actor: Actor) -> None:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG lake TO `{actor.name}`")
        actor.sql("SELECT * FROM lake.raw.orders")
        cursor.execute(f"REVOKE SELECT ON CATALOG lake FROM `{actor.name}`")
        with pytest.raises(ServerOperationError, match=r"does not have SELECT on Table 'lake\.raw\.orders'"):
            actor.sql("SELECT * FROM lake.raw.orders")
        cursor.execute("GRANT SELECT ON SCHEMA lake.raw TO `account users`")
        actor.sql("SELECT * FROM lake.raw.orders")
        cursor.execute("REVOKE SELECT ON SCHEMA lake.raw FROM `account users`")
        cursor.execute(f"ALTER TABLE lake.raw.orders SET OWNER TO `{actor.name}`")
    actor.sql("SELECT * FROM lake.raw.orders")
    actor.sql("DROP TABLE lake.raw.orders")


def test_a_view_reads_with_its_owners_privileges(workspace: Workspace, actor: Actor) -> None:
    grant(workspace, actor, [*USE, ("VIEW lake.raw.big_orders", "SELECT")])
    actor.sql("SELECT * FROM lake.raw.big_orders")
    with pytest.raises(ServerOperationError, match="does not have SELECT on Table"):
        actor.sql("SELECT * FROM lake.raw.orders")
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON VIEW lake.raw.big_orders TO `admin@lakestead.local`")
        cursor.execute(f"ALTER VIEW lake.raw.big_orders OWNER TO `{actor.name}`")
        with pytest.raises(ServerOperationError, match=r"does not have SELECT on Table 'lake\.raw\.orders'"):
            cursor.execute("SELECT * FROM lake.raw.big_orders")
