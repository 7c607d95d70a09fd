"""Records that reach one of two workspaces, each once, whatever becomes of the workspaces meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any

import urllib3
from databricks.sdk.errors.base import DatabricksError
from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.core.errors import LakesteadError
from lakestead.core.names import quote_name
from lakestead.govern.workspaces.failover import Failover, Member
from lakestead.govern.workspaces.spool import Record, Spool, as_json

TABLE = "_lakestead_records"

_BATCH = 500
# A workspace that is gone is given up soon: the records are safe, and the other one may take new ones.
_IMPATIENT = {
    "_retry_stop_after_attempts_count": 2,
    "_retry_stop_after_attempts_duration": 10.0,
    "_retry_delay_min": 0.1,
    "_retry_delay_max": 1.0,
}
_SHAPE = "array<struct<record_id:string,recorded_at:string,kind:string,body:string>>"

logger = logging.getLogger("lakestead.govern.workspaces")


class Recorder:
    """Takes records at once and delivers them later. Many threads may record.

    Each workspace has a thread that delivers to it, so that one that hangs does not keep the other from its
    own.

    A record is merged by its id, so that a delivery whose answer was lost is repeated and counts once; and
    since it is repeated at the same workspace only, both workspaces together have each record once.

    Args:
        spool: keeps what is not delivered; also from one run of a program to the next.
        failover: says which workspace gets new records.
        schema: catalog and schema, in both workspaces, that get the table `_lakestead_records`.
    """

    def __init__(self, spool: Spool, failover: Failover, schema: tuple[str, str]) -> None:
        self._spool = spool
        self._failover = failover
        self._schema = schema
        self._table = quote_name(*schema, TABLE)
        self._warehouses: dict[str, Warehouse] = {}
        self._changed = threading.Condition()
        self._due: set[str] = set()
        self._closed = False
        failover.watch(self._wake)
        self._threads = [
            threading.Thread(target=self._run, args=(member,), name="lakestead-recorder", daemon=True)
            for member in failover.members
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many records no workspace has for certain."""
        return len(self._spool)

    def record(self, kind: str, values: Mapping[str, Any]) -> str:
        """Record something; it is safe when this returns, and delivered later.

        Args:
            kind: `audit`, `lineage`, or a word of one's own.
            values: what, of what JSON can tell.

        Returns:
            The record's id.

        Raises:
            ConnectionFailed: too many records wait already.
        """
        made = Record(str(uuid.uuid4()), dt.datetime.now(dt.UTC).isoformat(), kind, as_json(values))
        self._spool.add(made)
        self._wake()
        return made.record_id

    def flush(self, seconds: float) -> bool:
        """Wait until everything is delivered; return whether it is.

        Args:
            seconds: how long to wait at most.
        """
        self._wake()
        with self._changed:
            return self._changed.wait_for(lambda: not len(self._spool), seconds)

    def close(self) -> None:
        """Deliver no more; what waits stays in the spool."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        for warehouse in self._warehouses.values():
            warehouse.close()
        self._spool.close()

    def _wake(self) -> None:
        with self._changed:
            self._due = {member.url for member in self._failover.members}
            self._changed.notify_all()

    def _run(self, member: Member) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: member.url in self._due or self._closed)
                self._due.discard(member.url)
                if self._closed:
                    return
            if member in self._failover.answering:
                self._deliver_all(member)

    def _deliver_all(self, member: Member) -> None:
        while not self._closed:
            fresh = member is self._failover.active
            records = self._spool.take(member.url, fresh=fresh, most=_BATCH)
            if not records or not self._deliver(member, records):
                return
            self._spool.done(records)
            with self._changed:
                self._changed.notify_all()

    def _deliver(self, member: Member, records: list[Record]) -> bool:
        """Bring records to a workspace; return whether it has them."""
        batch = [
            {"record_id": one.record_id, "recorded_at": one.recorded_at, "kind": one.kind, "body": one.body}
            for one in records
        ]
        try:
            self._warehouse(member).repeat(
                f"MERGE INTO {self._table} AS kept USING (SELECT one.record_id,"
                " CAST(one.recorded_at AS TIMESTAMP) AS recorded_at, one.kind, one.body"
                f" FROM (SELECT explode(from_json(:batch, '{_SHAPE}')) AS one)) AS new"
                " ON kept.record_id = new.record_id WHEN NOT MATCHED THEN INSERT *",
                batch=json.dumps(batch),
            ).close()
        except (Error, DatabricksError, LakesteadError, urllib3.exceptions.HTTPError, OSError) as error:
            # They stay in the spool, for this workspace, until it has answered that it has them.
            logger.warning("%d records could not be delivered to %s: %s", len(batch), member.url, error)
            return False
        return True

    def _warehouse(self, member: Member) -> Warehouse:
        """Return the way to a workspace, where the table is there."""
        if member.url not in self._warehouses:
            warehouse = Warehouse(member.profile, sessions=1, options=_IMPATIENT)
            warehouse.repeat(f"CREATE SCHEMA IF NOT EXISTS {quote_name(*self._schema)}").close()
            warehouse.repeat(
                f"CREATE TABLE IF NOT EXISTS {self._table} (record_id STRING NOT NULL,"
                " recorded_at TIMESTAMP NOT NULL, kind STRING NOT NULL, body STRING NOT NULL COMMENT 'JSON')"
                " COMMENT 'Audits and lineage that programs told of'"
            ).close()
            self._warehouses[member.url] = warehouse
        return self._warehouses[member.url]
