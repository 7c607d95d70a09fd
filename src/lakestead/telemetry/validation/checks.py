"""Each check: what it looks at, and the remedy if that is not well."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.sql import State, StatementState

from lakestead.client import Profile
from lakestead.core.attribution import current
from lakestead.core.errors import ConfigError
from lakestead.telemetry.settings import Protocol, Settings
from lakestead.telemetry.validation.result import Check, Status

SECONDS = 10
"""How long a check waits for an answer: nobody wants to wait for the SDK's five minutes."""

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

# What the toolkit reads beside a company's own tables, and what for.
_SYSTEM_TABLES = {
    "system.access.audit": "audits",
    "system.access.table_lineage": "lineage",
    "system.query.history": "costs of statements",
    "system.billing.usage": "costs",
    "system.billing.list_prices": "costs",
}
_PORTS = {Protocol.GRPC: 4317, Protocol.HTTP: 4318}
# The SDK tells its whole configuration behind an error.
_CONFIGURATION = ". Config:"
_LOG_IN = "set DATABRICKS_TOKEN, or log in: databricks auth login"


@dataclass
class Setup:
    """What is checked.

    Args:
        profile: the workspace.
        settings: of telemetry.
    """

    profile: Profile
    settings: Settings

    @cached_property
    def client(self) -> WorkspaceClient:
        return self.profile.workspace_client()

    @cached_property
    def warehouse_id(self) -> str:
        """The SQL warehouse.

        Raises:
            ConfigError: when none is named.
        """
        return self.profile.http_path.rpartition("/")[2]


@dataclass(frozen=True)
class Step:
    """A check before it is made.

    Args:
        name: what is checked.
        make: yields what it finds; its errors are failures.
        remedy: what to do about an error.
        needs: what must not have failed before.
    """

    name: str
    make: Callable[[Setup], Iterator[Check]]
    remedy: str
    needs: tuple[str, ...] = ()


def attempt(step: Step, setup: Setup) -> list[Check]:
    """Make a check."""
    try:
        return list(step.make(setup))
    except (ConfigError, DatabricksError, OSError, ValueError, TimeoutError) as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        return [Check(step.name, Status.FAILED, said[0].partition(_CONFIGURATION)[0], step.remedy)]


def _host(setup: Setup) -> Iterator[Check]:
    yield Check("host", Status.PASSED, setup.profile.url)


def _token(setup: Setup) -> Iterator[Check]:
    setup.profile.config.authenticate()
    yield Check("token", Status.PASSED, f"credentials by {setup.profile.config.auth_type}")


def _connectivity(setup: Setup) -> Iterator[Check]:
    yield Check("connectivity", Status.PASSED, f"connected as {setup.client.current_user.me().user_name}")


def _unity_catalog(setup: Setup) -> Iterator[Check]:
    metastore = setup.client.metastores.summary().metastore_id or ""
    names = [catalog.name for catalog in setup.client.catalogs.list()]
    wanted = os.environ.get("DATABRICKS_METASTORE_ID")
    if wanted and wanted != metastore:
        message = f"the workspace's metastore is {metastore}, and DATABRICKS_METASTORE_ID says {wanted}"
        yield Check("Unity Catalog", Status.WARNING, message, "set it right, or leave it out: it is found")
    elif names:
        yield Check("Unity Catalog", Status.PASSED, f"metastore {metastore}, {len(names)} catalogs")
    else:
        remedy = "ask for USE CATALOG on the catalogs that you work with"
        yield Check("Unity Catalog", Status.WARNING, "you see no catalog", remedy)


def _warehouse(setup: Setup) -> Iterator[Check]:
    found = setup.client.warehouses.get(setup.warehouse_id)
    state = found.state.value if found.state else "unknown"
    if found.state in (State.DELETED, State.DELETING):
        remedy = "name another in DATABRICKS_WAREHOUSE_ID"
        yield Check("warehouse", Status.FAILED, f"{found.name} is {state}", remedy)
    else:
        yield Check("warehouse", Status.PASSED, f"{found.name}, {found.cluster_size}, {state}")


def _permissions(setup: Setup) -> Iterator[Check]:
    """Read nothing of each system table; a warehouse that stands still is not started for that."""
    state = setup.client.warehouses.get(setup.warehouse_id).state
    if state is not State.RUNNING:
        remedy = "start it, to check what may be read"
        yield Check("permissions", Status.SKIPPED, "the warehouse does not run", remedy)
        return
    lacking = [table for table in _SYSTEM_TABLES if not _readable(setup, table)]
    for table in lacking:
        schema = table.rpartition(".")[0]
        remedy = f"an admin enables {schema} and grants: GRANT USE SCHEMA, SELECT ON SCHEMA {schema} TO …"
        message = f"{table} cannot be read; {_SYSTEM_TABLES[table]} are not seen"
        yield Check("permissions", Status.WARNING, message, remedy)
    if not lacking:
        yield Check("permissions", Status.PASSED, f"{len(_SYSTEM_TABLES)} system tables can be read")


def _readable(setup: Setup, table: str) -> bool:
    answer = setup.client.statement_execution.execute_statement(
        f"SELECT 1 FROM {table} LIMIT 0", setup.warehouse_id, wait_timeout=f"{SECONDS}s"
    )
    return answer.status is not None and answer.status.state is StatementState.SUCCEEDED


def _governance(setup: Setup) -> Iterator[Check]:
    known = current().known()
    missing = [name for name in ("team", "project") if name not in known]
    if missing:
        variables = " and ".join(f"GENOPS_{name.upper()}" for name in missing)
        message = f"nothing says for which {' and '.join(missing)} this program works"
        yield Check("attribution", Status.WARNING, message, f"set {variables}, or use attribution()")
    else:
        told = ", ".join(f"{name} {value}" for name, value in known.items())
        yield Check("attribution", Status.PASSED, told)


def _exporter(setup: Setup) -> Iterator[Check]:
    collector = setup.settings.collector
    if collector is None:
        remedy = "set OTEL_EXPORTER_OTLP_ENDPOINT, or give otlp_endpoint"
        yield Check("exporter", Status.WARNING, "spans are sent nowhere", remedy)
        return
    _reach(collector, setup.settings)
    yield Check("exporter", Status.PASSED, f"{collector} by {setup.settings.protocol.value}")


def _reach(collector: str, settings: Settings) -> None:
    """Open a connection as an exporter would, and close it.

    Raises:
        OSError: when that cannot be.
    """
    found = urlsplit(collector if "://" in collector else f"//{collector}")
    address = (found.hostname or "", found.port or _PORTS[settings.protocol])
    with socket.create_connection(address, SECONDS) as connection:
        if found.scheme == "https":
            context = ssl.create_default_context(cafile=_path(settings.otlp_certificate))
            if settings.otlp_client_certificate is not None:
                context.load_cert_chain(settings.otlp_client_certificate, settings.otlp_client_key)
            context.wrap_socket(connection, server_hostname=found.hostname).close()


def _path(path: Any) -> str | None:
    return None if path is None else str(path)


IDENTITY = (
    Step("host", _host, "set DATABRICKS_HOST, or start a workspace of your own: lakestead up"),
    Step("token", _token, _LOG_IN, ("host",)),
)
CONNECTIVITY = (
    Step("connectivity", _connectivity, f"is the address right, and the token valid? {_LOG_IN}", ("token",)),
    Step(
        "Unity Catalog",
        _unity_catalog,
        "a metastore must be assigned to the workspace, and you must be in the workspace",
        ("connectivity",),
    ),
    Step(
        "warehouse",
        _warehouse,
        "name one that you may use in DATABRICKS_WAREHOUSE_ID, or DATABRICKS_HTTP_PATH",
        ("connectivity",),
    ),
)
GOVERNANCE = (
    Step("permissions", _permissions, "ask an admin of the metastore", ("warehouse",)),
    Step("attribution", _governance, "set GENOPS_TEAM and GENOPS_PROJECT"),
)
EXPORTER = (Step("exporter", _exporter, "start the collector, or set its address right"),)
