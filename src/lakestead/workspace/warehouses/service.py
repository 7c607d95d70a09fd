"""The rules of SQL warehouses."""

from __future__ import annotations

import re
import secrets
import threading
import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.service import SqlService
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.warehouses import Warehouse
from lakestead.workspace.system.warehouses import WarehouseLog
from lakestead.workspace.warehouses.requests import CreateWarehouse, EditWarehouse, WarehouseSettings

_ID = re.compile(r"[0-9a-f]{16}")
# How often warehouses are looked after that have had nothing to do.
_IDLE_CHECK_SECONDS = 30


class Warehouses:
    """The warehouses of a workspace.

    A warehouse runs from its creation, its start, or the first statement that it gets, until it is stopped,
    was idle for its minutes, or the workspace is closed.

    Args:
        store: where they are recorded.
        sql: runs statements; those of a warehouse that stops are cancelled.
        log: what happens to warehouses is recorded there.
    """

    def __init__(self, store: Store, sql: SqlService, log: WarehouseLog) -> None:
        self._store = store
        self._sql = sql
        self._log = log
        # Every statement asks for its warehouse: those that run are known without a look into the store,
        # and when they were last used, in seconds of the monotonic clock.
        self._used: dict[str, float] = {}
        self._closing = threading.Event()
        self._recover()
        self._watch = threading.Thread(target=self._stop_all_idle, name="warehouses", daemon=True)
        self._watch.start()

    def _recover(self) -> None:
        """Stop what a killed process left running, at the last sign that there was of it."""
        known = self._log.known()
        with self._store.write() as tx:
            for warehouse in tx.execute(select(Warehouse)).scalars():
                if warehouse.id not in known:
                    self._log.changed(warehouse, warehouse.created_at)
                if warehouse.running:
                    warehouse.running = False
                    # Of a release that did not record when they ran, there is nothing to stop.
                    if warehouse.id in known:
                        self._log.stopped(warehouse.id, self._log.last_sign())

    def use(self, warehouse_id: str) -> None:
        """Make sure that a warehouse runs; one that is stopped starts, as for a statement on Databricks.

        Raises:
            ApiError: INVALID_REQUEST when it is no id; NOT_FOUND when there is no such warehouse.
        """
        if warehouse_id not in self._used:
            self.start(warehouse_id)
        self.used(warehouse_id)

    def used(self, warehouse_id: str) -> None:
        """Note that a running warehouse has just had something to do."""
        if warehouse_id in self._used:
            self._used[warehouse_id] = time.monotonic()

    def stop_idle(self, now: float) -> None:
        """Stop the warehouses that have had nothing to do for as long as their settings say.

        Args:
            now: seconds of the monotonic clock.
        """
        for warehouse in self.list():
            minutes = warehouse.effective["auto_stop_mins"]
            since = self._used.get(warehouse.id)
            if not (minutes and since is not None and since + minutes * 60 <= now):
                continue
            if self._sql.runs_on(warehouse.id):
                self.used(warehouse.id)
            else:
                self.stop(warehouse.id)

    def _stop_all_idle(self) -> None:
        while not self._closing.wait(_IDLE_CHECK_SECONDS):
            self.stop_idle(time.monotonic())

    def close(self) -> None:
        """Stop all warehouses."""
        self._closing.set()
        self._watch.join()
        for warehouse_id in list(self._used):
            self.stop(warehouse_id)

    def list(self) -> list[Warehouse]:
        """Return all warehouses by name."""
        with self._store.read() as tx:
            return list(tx.execute(select(Warehouse).order_by(Warehouse.name)).scalars())

    def get(self, warehouse_id: str) -> Warehouse:
        """Return a warehouse.

        Raises:
            ApiError: INVALID_REQUEST when it is no id; NOT_FOUND when there is no such warehouse.
        """
        with self._store.read() as tx:
            return find(tx, warehouse_id)

    def create(self, actor: Principal, request: CreateWarehouse) -> Warehouse:
        """Create a warehouse, which runs at once.

        Raises:
            ApiError: ALREADY_EXISTS when the name is taken.
        """
        with self._store.write() as tx:
            _check_name(tx, request.name)
            warehouse = Warehouse(
                id=secrets.token_hex(8), name=request.name, creator=actor.name, settings=_settings(request)
            )
            tx.add(warehouse)
            tx.flush()
            self._log.changed(warehouse)
        self.start(warehouse.id)
        return warehouse

    def edit(self, warehouse_id: str, request: EditWarehouse) -> None:
        """Change what is given of a warehouse.

        Raises:
            ApiError: as :meth:`get`; ALREADY_EXISTS when the name is taken.
        """
        with self._store.write() as tx:
            warehouse = find(tx, warehouse_id)
            if request.name is not None and request.name != warehouse.name:
                _check_name(tx, request.name)
                warehouse.name = request.name
            warehouse.settings = {**warehouse.settings, **_settings(request)}
            self._log.changed(warehouse)

    def delete(self, warehouse_id: str) -> None:
        """Delete a warehouse and cancel what runs on it.

        Raises:
            ApiError: as :meth:`get`.
        """
        with self._store.write() as tx:
            warehouse = find(tx, warehouse_id)
            self._halt(warehouse)
            tx.delete(warehouse)
            self._log.changed(warehouse, deleted=True)
        self._sql.cancel_on(warehouse_id)

    def start(self, warehouse_id: str) -> None:
        """Start a warehouse, if it does not run.

        Raises:
            ApiError: as :meth:`get`.
        """
        with self._store.write() as tx:
            warehouse = find(tx, warehouse_id)
            if not warehouse.running:
                warehouse.running = True
                self._log.started(warehouse_id)
            self._used[warehouse_id] = time.monotonic()

    def stop(self, warehouse_id: str) -> None:
        """Stop a warehouse and cancel what runs on it.

        Raises:
            ApiError: as :meth:`get`.
        """
        with self._store.write() as tx:
            self._halt(find(tx, warehouse_id))
        self._sql.cancel_on(warehouse_id)

    def _halt(self, warehouse: Warehouse) -> None:
        if warehouse.running:
            warehouse.running = False
            self._log.stopped(warehouse.id)
        self._used.pop(warehouse.id, None)


def find(tx: Session, warehouse_id: str) -> Warehouse:
    """Return a warehouse.

    Raises:
        ApiError: INVALID_REQUEST when it is no id; NOT_FOUND when there is no such warehouse.
    """
    if not _ID.fullmatch(warehouse_id):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{warehouse_id[:64]} is not a valid endpoint id.")
    warehouse = tx.get(Warehouse, warehouse_id)
    if warehouse is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"SQL warehouse {warehouse_id} does not exist.")
    return warehouse


def _check_name(tx: Session, name: str) -> None:
    if tx.execute(select(Warehouse.id).where(Warehouse.name == name)).first() is not None:
        raise ApiError(ErrorCode.ALREADY_EXISTS, f"SQL warehouse with name `{name}` already exists")


def _settings(request: WarehouseSettings) -> dict[str, object]:
    return request.model_dump(mode="json", include=set(WarehouseSettings.model_fields), exclude_none=True)
