"""The composition root: makes the services of a workspace and puts their routes together."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route as StarletteRoute

from lakestead.engine.sail import shared_engine
from lakestead.workspace import routes
from lakestead.workspace.alerts.evaluation import Alerts
from lakestead.workspace.bootstrap import bootstrap, default_warehouse
from lakestead.workspace.files import service as files
from lakestead.workspace.files.uploads import Uploads
from lakestead.workspace.history.recorder import Recorder
from lakestead.workspace.http import endpoint, not_served
from lakestead.workspace.identity.authenticate import Authenticator
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.identity.sessions import Sessions
from lakestead.workspace.monitors.keeper import Monitors
from lakestead.workspace.notifications.service import Notifications
from lakestead.workspace.notifications.smtp import VARIABLE as SMTP_URL
from lakestead.workspace.notifications.smtp import smtp_server
from lakestead.workspace.results.links import ResultLinks
from lakestead.workspace.runs.runner import Runs
from lakestead.workspace.schedules.service import Schedules
from lakestead.workspace.signing import Signer
from lakestead.workspace.sql.router import Router
from lakestead.workspace.sql.service import SqlService
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.statements.asking import Asking
from lakestead.workspace.statements.pool import EnginePool
from lakestead.workspace.statements.service import StatementService
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Kind, Securable
from lakestead.workspace.system.audit.recorder import Audit
from lakestead.workspace.system.history import Queries
from lakestead.workspace.system.home import system_tables
from lakestead.workspace.system.lineage.events import Recorder as Lineage
from lakestead.workspace.system.lineage.graph import Graph
from lakestead.workspace.system.log import Log
from lakestead.workspace.system.warehouses import WarehouseLog
from lakestead.workspace.thrift.reader import Readers
from lakestead.workspace.warehouses.service import Warehouses

logger = logging.getLogger(__name__)
_REQUEST_THREADS = 512


class Workspace:
    """All services of one workspace.

    Args:
        path: the folder that holds everything.
        url: where it is served, for links that clients follow.

    Attributes:
        nobody: the principal of requests that need none; it is in no group and has no privilege.
    """

    nobody = Principal(0, "", "NOBODY", frozenset())

    def __init__(self, path: Path, url: str) -> None:
        smtp = smtp_server(os.environ.get(SMTP_URL))
        # Before all else that takes time: it starts while everything else is made.
        self.engine = shared_engine()
        self.path = path
        self.url = url
        self.storage = Storage(path)
        self.store = Store(path / "metastore.db")
        self.admin_token = bootstrap(self.store, path / "admin.token")
        for folder in self.storage.sweep(self.store):
            logger.warning("removed %s: left by a process that was killed", folder)
        with self.store.read() as tx:
            self.default_warehouse_id = default_warehouse(tx)
            files.sweep(tx.scalars(select(Securable).where(Securable.kind == Kind.VOLUME)))
        self.authenticator = Authenticator(self.store)
        self.history = Recorder(self.store)
        self.log = Log(path / "system.db")
        self.system = system_tables(self.store, self.log, self.storage.root / "system", url)
        self.lineage = Lineage(self.log)
        self.lineage_graph = Graph(path / "lineage.db", self.log)
        self.router = Router(self.store, self.storage, self.system)
        self.router.recover()
        self.audit = Audit(self.log)
        self.queries = Queries(self.log)
        self.sql = SqlService(
            self.engine, self.router.execute, self.storage.results, self._submitted, self._ended
        )
        self.warehouses = Warehouses(self.store, self.sql, WarehouseLog(self.log))
        sessions = EnginePool(self.engine)
        self.statements = StatementService(self.sql, sessions)
        self.asking = Asking(self.store, self.sql, sessions)
        self.signer = Signer()
        self.sessions = Sessions(self.signer, url)
        self.uploads = Uploads()
        self.result_links = ResultLinks(url, self.signer)
        self.thrift = Readers()
        self.notifications = Notifications(self.store, self.log, smtp)
        self.schedules = Schedules()
        self.alerts = Alerts(self.store, self.log, self.asking, self.notifications, self.schedules, url)
        self.alerts.start()
        self.runs = Runs(self.store, self.asking, self.alerts)
        self.monitors = Monitors(self)
        self.monitors.start()
        # Last of all: what is due finds everything.
        self.schedules.start()

    def _submitted(self, statement: Statement) -> None:
        if statement.client.warehouse_id:
            self.warehouses.use(statement.client.warehouse_id)
        self.audit.submitted(statement)

    def _ended(self, statement: Statement) -> None:
        self.router.finished(statement)
        self.warehouses.used(statement.client.warehouse_id)
        self.audit.finished(statement)
        self.queries.record(statement, self.history.record(statement))
        self.lineage.record(statement)

    def stop_statements(self) -> None:
        """Cancel every statement and close every session; nothing sends any more."""
        self.schedules.stop()
        self.runs.stop()
        self.monitors.stop()
        self.sql.stop()

    def close(self) -> None:
        """Close the database; the statements were stopped before. The engine is the process's."""
        self.schedules.close()
        self.runs.close()
        self.monitors.close()
        self.notifications.close()
        self.warehouses.close()
        self.history.close()
        self.log.close()
        self.store.close()


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    # A request that waits for a statement holds a thread: with the usual 40, others would wait for those.
    to_thread.current_default_thread_limiter().total_tokens = _REQUEST_THREADS
    yield


def application(workspace: Workspace) -> Starlette:
    """Return the ASGI application that serves a workspace."""
    served = [
        StarletteRoute(route.path, endpoint(workspace, route), methods=[route.method]) for route in routes.ALL
    ]
    served_by = Starlette(
        routes=served, exception_handlers={404: not_served, 405: not_served}, lifespan=_lifespan
    )
    # A path that is nearly right is an error of the client, not a place to be sent to.
    served_by.router.redirect_slashes = False
    return served_by
