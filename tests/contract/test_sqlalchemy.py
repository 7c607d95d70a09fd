"""databricks-sqlalchemy: tables made, filled, reflected, changed and dropped by the unmodified dialect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa
from databricks.sqlalchemy import TIMESTAMP, TIMESTAMP_NTZ
from sqlalchemy.exc import DatabaseError

from lakestead.testing import Workspace

metadata = sa.MetaData()
carriers = sa.Table(
    "carriers",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String),
)
flights = sa.Table(
    "flights",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("tail", sa.String, nullable=False, comment="registration"),
    sa.Column("fare", sa.Numeric(10, 2)),
    sa.Column("left", TIMESTAMP),
    sa.Column("scheduled", TIMESTAMP_NTZ),
    sa.Column("day", sa.Date),
    sa.Column("late", sa.Boolean),
    sa.Column("hours", sa.Float),
    sa.Column("seats", sa.Integer),
    sa.Column("carrier", sa.BigInteger, sa.ForeignKey("carriers.id")),
    comment="every flight",
)
FLIGHT = {
    "tail": "N1'23",
    "fare": Decimal("99.50"),
    "left": dt.datetime(2013, 1, 1, 5, 17, tzinfo=dt.UTC),
    "scheduled": dt.datetime(2013, 1, 1, 5, 15),  # noqa: DTZ001
    "day": dt.date(2013, 1, 1),
    "late": True,
    "hours": 1.5,
    "seats": 180,
    "carrier": 1,
}


@pytest.fixture
def engine(workspace: Workspace) -> Iterator[sa.Engine]:
    address = workspace.host.removeprefix("http://")
    engine = sa.create_engine(
        f"databricks://token:{workspace.token}@{address}"
        f"?http_path={workspace.http_path}&catalog=main&schema=default",
        connect_args={
            "server_hostname": workspace.host,
            "_connection_uri": workspace.host + workspace.http_path,
            "enable_telemetry": False,
        },
    )
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_insert_select_update_delete(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(carriers.insert(), [{"id": 1, "name": "UA"}])
        connection.execute(flights.insert().values(**FLIGHT))
        connection.execute(flights.insert(), [{"tail": "b", "seats": 2}, {"tail": "c", "seats": None}])
    with engine.connect() as connection:
        first = connection.execute(sa.select(flights).order_by(flights.c.id).limit(1)).mappings().one()
        assert {key: first[key] for key in FLIGHT} == FLIGHT
    with engine.begin() as connection:
        changed = connection.execute(flights.update().where(flights.c.tail == "b").values(seats=9))
        assert changed.rowcount in (-1, 1)
        connection.execute(flights.delete().where(flights.c.seats.is_(None)))
        joined = (
            sa.select(carriers.c.name, sa.func.sum(flights.c.seats)).join(flights).group_by(carriers.c.name)
        )
        assert connection.execute(joined).all() == [("UA", 180)]
        assert connection.execute(sa.select(flights.c.id).order_by(flights.c.id)).scalars().all() == [1, 2]


def test_reflection(engine: sa.Engine) -> None:
    reflected = sa.MetaData()
    reflected.reflect(engine)
    table = reflected.tables["flights"]
    assert [column.name for column in table.primary_key] == ["id"]
    assert {key.target_fullname for key in table.foreign_keys} == {"carriers.id"}
    assert table.comment == "every flight"
    assert table.c.tail.comment == "registration"
    assert not table.c.tail.nullable
    kinds = {column.name: type(column.type) for column in table.columns}
    assert kinds == {
        "id": sa.BigInteger,
        "tail": sa.String,
        "fare": sa.Numeric,
        "left": TIMESTAMP,
        "scheduled": TIMESTAMP_NTZ,
        "day": sa.Date,
        "late": sa.Boolean,
        "hours": sa.Float,
        "seats": sa.Integer,
        "carrier": sa.BigInteger,
    }
    assert (table.c.fare.type.precision, table.c.fare.type.scale) == (10, 2)


def test_inspection(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE VIEW late AS SELECT * FROM flights WHERE late"))
    inspector = sa.inspect(engine)
    assert sorted(inspector.get_table_names()) == ["carriers", "flights"]
    assert inspector.get_view_names() == ["late"]
    assert "default" in inspector.get_schema_names()
    assert inspector.has_table("flights")
    assert not inspector.has_table("nothing")


def test_errors_are_the_connectors(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(DatabaseError, match="DELTA_NOT_NULL"):
        connection.execute(flights.insert().values(seats=1, tail=sa.null()))


def test_drop(engine: sa.Engine) -> None:
    metadata.drop_all(engine)
    assert sa.inspect(engine).get_table_names() == []
