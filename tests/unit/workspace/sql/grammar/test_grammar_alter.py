from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakestead.workspace.sql.grammar.ast import (
    AddColumns,
    AddConstraint,
    AlterColumns,
    AlterViewQuery,
    Check,
    ClusterBy,
    Clustering,
    Column,
    ColumnChange,
    DropColumns,
    DropConstraint,
    DropForeignKey,
    DropPrimaryKey,
    ForeignKey,
    Fragment,
    Kind,
    NewColumn,
    Policy,
    Position,
    PrimaryKey,
    Rename,
    RenameColumn,
    SetComment,
    SetDefault,
    SetMask,
    SetNullable,
    SetOwner,
    SetProperties,
    SetRowFilter,
    SetTags,
    SetType,
    SyncIdentity,
    UnsetProperties,
    UnsetTags,
    Unsupported,
)

T = ("a", "t")
A = ("a",)


def new(name: str, type_text: str, **more: Any) -> NewColumn:
    return NewColumn(Column(name, type_text), **more)


def changes(*some: tuple[tuple[str, ...], Any]) -> AlterColumns:
    return AlterColumns(T, tuple(ColumnChange(column, change) for column, change in some))


TABLE = [
    ("ADD COLUMN b INT", AddColumns(T, (new("b", "INT"),))),
    ("ADD COLUMNS (b INT, c STRING)", AddColumns(T, (new("b", "INT"), new("c", "STRING")))),
    ("ADD (b INT)", AddColumns(T, (new("b", "INT"),))),
    ("ADD COLUMN b INT, c STRING", AddColumns(T, (new("b", "INT"), new("c", "STRING")))),
    ("ADD COLUMN b INT FIRST", AddColumns(T, (new("b", "INT", position=Position()),))),
    (
        "ADD COLUMN x.y.b array<int> AFTER c",
        AddColumns(T, (new("b", "array<int>", parent=("x", "y"), position=Position("c")),)),
    ),
    (
        "ADD COLUMNS (b INT NOT NULL DEFAULT 3 COMMENT 'n' AFTER a, c INT PRIMARY KEY)",
        AddColumns(
            T,
            (
                NewColumn(
                    Column("b", "INT", not_null=True, default=Fragment("3", 0), comment="n"),
                    position=Position("a"),
                ),
                new("c", "INT"),
            ),
            (PrimaryKey(("c",)),),
        ),
    ),
    ("DROP COLUMN a", DropColumns(T, (A,))),
    ("DROP COLUMNS IF EXISTS (a, b.c)", DropColumns(T, (A, ("b", "c")), if_exists=True)),
    ("DROP COLUMN a, b", DropColumns(T, (A, ("b",)))),
    ("RENAME COLUMN a.b TO c", RenameColumn(T, ("a", "b"), "c")),
    ("RENAME TO b.u", Rename(Kind.TABLE, T, ("b", "u"))),
    ("ALTER COLUMN a TYPE decimal(12,2)", changes((A, SetType("decimal(12,2)")))),
    ("CHANGE COLUMN a COMMENT 'x'", changes((A, SetComment("x")))),
    ("ALTER a SET NOT NULL", changes((A, SetNullable(False)))),
    ("ALTER COLUMN a DROP NOT NULL", changes((A, SetNullable(True)))),
    ("ALTER COLUMN a SET DEFAULT current_date()", changes((A, SetDefault(Fragment("current_date()", 0))))),
    ("ALTER COLUMN a DROP DEFAULT", changes((A, SetDefault(None)))),
    ("ALTER COLUMN a FIRST", changes((A, Position()))),
    ("ALTER COLUMN a.b AFTER c", changes((("a", "b"), Position("c")))),
    ("ALTER COLUMN a SYNC IDENTITY", changes((A, SyncIdentity()))),
    ("ALTER COLUMN a SET MASK m.f USING COLUMNS (b)", changes((A, SetMask(Policy(("m", "f"), ("b",)))))),
    ("ALTER COLUMN a DROP MASK", changes((A, SetMask(None)))),
    ("ALTER COLUMN a TYPE INT, b COMMENT 'x'", changes((A, SetType("INT")), (("b",), SetComment("x")))),
    (
        "CHANGE COLUMN a A BIGINT COMMENT 'x' FIRST",
        changes((A, SetType("BIGINT")), (A, SetComment("x")), (A, Position())),
    ),
    ("ALTER COLUMN a SET TAGS ('k' = 'v', 'x')", SetTags(Kind.COLUMN, (*T, "a"), (("k", "v"), ("x", "")))),
    ("ALTER COLUMN a UNSET TAGS ('k')", UnsetTags(Kind.COLUMN, (*T, "a"), ("k",))),
    (
        "SET TBLPROPERTIES ('delta.x' = '1', b = false)",
        SetProperties(Kind.TABLE, T, (("delta.x", "1"), ("b", "false"))),
    ),
    ("UNSET TBLPROPERTIES ('a', b.c)", UnsetProperties(Kind.TABLE, T, ("a", "b.c"))),
    ("UNSET TBLPROPERTIES IF EXISTS (a)", UnsetProperties(Kind.TABLE, T, A, if_exists=True)),
    ("SET TAGS ('k' = 'v')", SetTags(Kind.TABLE, T, (("k", "v"),))),
    ("UNSET TAGS ('k', 'l')", UnsetTags(Kind.TABLE, T, ("k", "l"))),
    ("ADD CONSTRAINT c CHECK (a IS NOT NULL)", AddConstraint(T, Check(Fragment("a IS NOT NULL", 0), "c"))),
    ("ADD CONSTRAINT pk PRIMARY KEY (a)", AddConstraint(T, PrimaryKey(A, "pk"))),
    ("ADD FOREIGN KEY (a) REFERENCES p", AddConstraint(T, ForeignKey(A, ("p",)))),
    ("DROP CONSTRAINT c", DropConstraint(T, "c")),
    ("DROP CONSTRAINT IF EXISTS c CASCADE", DropConstraint(T, "c", if_exists=True, cascade=True)),
    ("DROP PRIMARY KEY IF EXISTS CASCADE", DropPrimaryKey(T, if_exists=True, cascade=True)),
    ("DROP PRIMARY KEY RESTRICT", DropPrimaryKey(T)),
    ("DROP FOREIGN KEY IF EXISTS (a, b)", DropForeignKey(T, ("a", "b"), if_exists=True)),
    ("CLUSTER BY (a, b)", ClusterBy(T, Clustering((A, ("b",))))),
    ("CLUSTER BY NONE", ClusterBy(T, Clustering())),
    ("OWNER TO `a@b.c`", SetOwner(Kind.TABLE, T, "a@b.c")),
    ("SET OWNER TO admins", SetOwner(Kind.TABLE, T, "admins")),
    ("SET ROW FILTER m.f ON (a, 'x')", SetRowFilter(T, Policy(("m", "f"), ("a", "'x'")))),
    ("DROP ROW FILTER", SetRowFilter(T, None)),
    ("ADD PARTITION (a = 1)", Unsupported("ALTER TABLE … ADD PARTITION")),
    ("DROP IF EXISTS PARTITION (a = 1)", Unsupported("ALTER TABLE … DROP IF EXISTS PARTITION")),
    ("CHANGE COLUMN a b INT", Unsupported("ALTER TABLE … CHANGE COLUMN with a new name")),
    ("SET LOCATION '/x'", Unsupported("ALTER TABLE … SET LOCATION")),
    ("ENABLE PREDICTIVE OPTIMIZATION", Unsupported("ALTER TABLE … PREDICTIVE OPTIMIZATION")),
]


@pytest.mark.parametrize(("sql", "expected"), TABLE)
def test_alter_table(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(f"ALTER TABLE a.t {sql}") == expected


V = ("v",)
OTHERS = [
    ("ALTER VIEW v AS SELECT 2;", AlterViewQuery(V, Fragment("SELECT 2", 0))),
    ("ALTER VIEW v RENAME TO s.w", Rename(Kind.VIEW, V, ("s", "w"))),
    ("ALTER VIEW v SET TBLPROPERTIES ('a' = 'b')", SetProperties(Kind.VIEW, V, (("a", "b"),))),
    ("ALTER VIEW v UNSET TBLPROPERTIES ('a')", UnsetProperties(Kind.VIEW, V, A)),
    ("ALTER VIEW v SET TAGS ('a' = 'b')", SetTags(Kind.VIEW, V, (("a", "b"),))),
    ("ALTER VIEW v UNSET TAGS ('a')", UnsetTags(Kind.VIEW, V, A)),
    ("ALTER VIEW v OWNER TO u", SetOwner(Kind.VIEW, V, "u")),
    ("ALTER VIEW v ALTER COLUMN c SET TAGS ('a')", SetTags(Kind.COLUMN, ("v", "c"), (("a", ""),))),
    ("ALTER CATALOG v SET OWNER TO `data team`", SetOwner(Kind.CATALOG, V, "data team")),
    ("ALTER CATALOG v SET TAGS ('a' = 'b')", SetTags(Kind.CATALOG, V, (("a", "b"),))),
    ("ALTER CATALOG v UNSET TAGS ('a')", UnsetTags(Kind.CATALOG, V, A)),
    ("ALTER SCHEMA v SET DBPROPERTIES (a = 'b')", SetProperties(Kind.SCHEMA, V, (("a", "b"),))),
    ("ALTER DATABASE v OWNER TO u", SetOwner(Kind.SCHEMA, V, "u")),
    ("ALTER VOLUME v RENAME TO w", Rename(Kind.VOLUME, V, ("w",))),
    ("ALTER VOLUME v SET TAGS ('a')", SetTags(Kind.VOLUME, V, (("a", ""),))),
    ("ALTER FUNCTION v OWNER TO u", SetOwner(Kind.FUNCTION, V, "u")),
    ("ALTER VIEW v WITH SCHEMA BINDING", Unsupported("ALTER VIEW … WITH SCHEMA")),
    ("ALTER EXTERNAL LOCATION x SET URL 'u'", Unsupported("ALTER EXTERNAL LOCATION")),
    ("ALTER MATERIALIZED VIEW v ADD SCHEDULE CRON 'x'", Unsupported("ALTER MATERIALIZED VIEW")),
    ("ALTER SCHEMA v INHERIT PREDICTIVE OPTIMIZATION", Unsupported("ALTER SCHEMA … PREDICTIVE OPTIMIZATION")),
]


@pytest.mark.parametrize(("sql", "expected"), OTHERS)
def test_alter_others(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected
