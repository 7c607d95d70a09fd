"""The rules of SQL warehouses."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.service import SqlService
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.warehouses import Warehouse
from lakestead.workspace.warehouses.requests import CreateWarehouse, EditWarehouse, WarehouseSettings

_ID = re.compile(r"[0-9a-f]{16}")


class Warehouses:
    """The warehouses of a workspace.

    Args:
        store: where they are recorded.
        sql: runs statements; those of a warehouse that stops are cancelled.
    """

    def __init__(self, store: Store, sql: SqlService) -> None:
        self._store = store
        self._sql = sql
        # Every statement asks for its warehouse: those that run are known without a look into the store.
        self._running: set[str] = set()

    def use(self, warehouse_id: str) -> None:
        """Make sure that a warehouse runs; one that is stopped starts, as for a statement on Databricks.

        Raises:
            ApiError: INVALID_REQUEST when it is no id; NOT_FOUND when there is no such warehouse.
        """
        if warehouse_id not in self._running:
            self.start(warehouse_id)

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

    def delete(self, warehouse_id: str) -> None:
        """Delete a warehouse and cancel what runs on it.

        Raises:
            ApiError: as :meth:`get`.
        """
        with self._store.write() as tx:
            tx.delete(find(tx, warehouse_id))
            self._running.discard(warehouse_id)
        self._sql.cancel_on(warehouse_id)

    def start(self, warehouse_id: str) -> None:
        """Start a warehouse, if it does not run.

        Raises:
            ApiError: as :meth:`get`.
        """
        with self._store.write() as tx:
            find(tx, warehouse_id).running = True
            self._running.add(warehouse_id)

    def stop(self, warehouse_id: str) -> None:
        """Stop a warehouse and cancel what runs on it.

        Raises:
            ApiError: as :meth:`get`.
        """
        with self._store.write() as tx:
            find(tx, warehouse_id).running = False
            self._running.discard(warehouse_id)
        self._sql.cancel_on(warehouse_id)


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
