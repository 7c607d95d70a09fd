"""A workspace that is killed: its record is whole, each event is there once, and what ran has an end."""

from __future__ import annotations

from pathlib import Path

from lakestead.workspace.system.chain import verify
from tests.contract.conftest import Sql
from tests.contract.test_kill import Server

KILLS = 3


def test_the_record_survives_kills(tmp_path: Path) -> None:
    seen: set[str] = set()
    for _ in range(KILLS):
        server = Server(tmp_path)
        connection = server.connect()
        sql = Sql(connection)
        found = [event for (event,) in sql("SELECT event_id FROM system.access.audit")]
        assert len(found) == len(set(found))
        assert seen <= set(found)
        seen = set(found)
        sql("SELECT count(*) FROM system.billing.usage")
        server.kill()
        connection.close()
        assert not [fault for chain in verify(tmp_path / "system.db") for fault in chain.faults]
    server = Server(tmp_path)
    with server.connect() as connection:
        sql = Sql(connection)
        kinds = sql("SELECT event_type, count(*) FROM system.compute.warehouse_events GROUP BY 1 ORDER BY 1")
        usage = sql("SELECT usage_start_time, usage_end_time FROM system.billing.usage ORDER BY 1")
    server.stop()
    started = KILLS + 1
    assert kinds == [("RUNNING", started), ("STARTING", started), ("STOPPED", KILLS), ("STOPPING", KILLS)]
    assert len(usage) >= KILLS
    assert all(start < end for start, end in usage)
