"""A workspace to talk to, and the official clients for it.

Authentication is the SDK's own ("unified authentication"): personal access tokens, OAuth, Azure, Google,
`~/.databrickscfg` and the DATABRICKS_* environment all work as they do for any Databricks program.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import ConfigError

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config
    from databricks.sql.client import Connection

PRODUCT = "lakestead"
# Environment variables that the SDK would put above a profile's own values.
_OVERRIDES = ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET")
# A path that cannot exist: the SDK then reads no configuration file.
_NO_FILE = os.path.join(os.devnull, "none")


@dataclass(frozen=True)
class Profile:
    """Which workspace, as whom, and with which SQL warehouse.

    With `host` and `token` it is complete in itself. With `name` it is that section of `~/.databrickscfg`.
    With neither it is what the environment says.

    Args:
        host: the workspace's URL.
        token: a personal access token; never shown.
        warehouse_id: the SQL warehouse that runs statements; else DATABRICKS_WAREHOUSE_ID,
            DATABRICKS_HTTP_PATH or the profile's `warehouse_id`.
        name: a section of `~/.databrickscfg`.
        sql_path: the SQL warehouse's path, instead of `warehouse_id`.
        client_id: of a service principal that logs in by OAuth, instead of `token`.
        client_secret: its secret; never shown.
        azure_tenant_id: the tenant of `client_id`, if that is a service principal of Microsoft Entra.
        patience: the seconds after which the SDK stops trying to reach the workspace; its own are 300.
    """

    host: str | None = None
    token: str | None = field(default=None, repr=False)
    warehouse_id: str | None = None
    name: str | None = None
    sql_path: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    azure_tenant_id: str | None = None
    patience: int | None = None

    @cached_property
    def config(self) -> Config:
        """The SDK's resolved configuration.

        Raises:
            ConfigError: when no workspace or no credentials are found, or the environment contradicts `name`.
        """
        from databricks.sdk.core import Config

        try:
            return Config(**self._settings(), product=PRODUCT, product_version=version(PRODUCT))
        except ValueError as error:
            raise ConfigError(
                f"cannot log in to a workspace: {str(error).rstrip('.')}. Set DATABRICKS_HOST and"
                " DATABRICKS_TOKEN, or name a profile of ~/.databrickscfg"
            ) from error

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {"warehouse_id": self.warehouse_id}
        if self.patience is not None:
            settings |= {"retry_timeout_seconds": self.patience, "http_timeout_seconds": self.patience}
        credentials = self._credentials()
        if credentials and self.name is not None:
            raise ConfigError(f"give credentials, or the profile '{self.name}' that has some")
        if self.host and credentials:
            return {**settings, "host": self.host, **credentials, "config_file": _NO_FILE}
        if self.name is None:
            return {**settings, "host": self.host, **credentials}
        overrides = [variable for variable in _OVERRIDES if os.environ.get(variable)]
        if overrides:
            raise ConfigError(
                f"{', '.join(overrides)} would override the profile '{self.name}': unset it,"
                " or use the environment's workspace instead"
            )
        return {**settings, "profile": self.name}

    def _credentials(self) -> dict[str, str]:
        """Return what is given to log in with; its kind is told, so that others are no conflict."""
        if self.token:
            return {"token": self.token, "auth_type": "pat"}
        if bool(self.client_id) != bool(self.client_secret):
            raise ConfigError("client_id and client_secret belong together: give both")
        if not self.client_id or not self.client_secret:
            return {}
        if not self.azure_tenant_id:
            return {
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "auth_type": "oauth-m2m",
            }
        return {
            "azure_client_id": self.client_id,
            "azure_client_secret": self.client_secret,
            "azure_tenant_id": self.azure_tenant_id,
            "auth_type": "azure-client-secret",
        }

    def environment(self) -> dict[str, str]:
        """Return the variables with which another program finds this workspace, as the same principal.

        They may hold a secret: do not print them.
        """
        known = self._settings()
        variables = {"DATABRICKS_HTTP_PATH": self.http_path}
        if not self.sql_path and self.config.warehouse_id:
            variables["DATABRICKS_WAREHOUSE_ID"] = str(self.config.warehouse_id)
        if "profile" in known:
            return {**variables, "DATABRICKS_CONFIG_PROFILE": known["profile"]}
        named = {
            "DATABRICKS_HOST": "host",
            "DATABRICKS_TOKEN": "token",
            "DATABRICKS_AUTH_TYPE": "auth_type",
            "DATABRICKS_CLIENT_ID": "client_id",
            "DATABRICKS_CLIENT_SECRET": "client_secret",
            "ARM_CLIENT_ID": "azure_client_id",
            "ARM_CLIENT_SECRET": "azure_client_secret",
            "ARM_TENANT_ID": "azure_tenant_id",
        }
        return variables | {variable: known[key] for variable, key in named.items() if known.get(key)}

    @property
    def url(self) -> str:
        """The workspace's URL, without a trailing slash."""
        return str(self.config.host)

    @property
    def http_path(self) -> str:
        """The path of the SQL warehouse.

        Raises:
            ConfigError: when none is named.
        """
        if self.sql_path:
            return "/" + self.sql_path.lstrip("/")
        if self.config.warehouse_id:
            return f"/sql/1.0/warehouses/{self.config.warehouse_id}"
        path = None if self.name else os.environ.get("DATABRICKS_HTTP_PATH")
        if path:
            return "/" + path.lstrip("/")
        raise ConfigError(
            f"no SQL warehouse is named for {self.url}: set DATABRICKS_WAREHOUSE_ID,"
            " or `warehouse_id` in the profile"
        )

    def workspace_client(self) -> WorkspaceClient:
        """Return a `databricks.sdk.WorkspaceClient` for this workspace."""
        from databricks.sdk import WorkspaceClient

        return WorkspaceClient(config=self.config)

    def sql_connection(self, **options: Any) -> Connection:
        """Open a `databricks.sql` connection to the SQL warehouse.

        Args:
            options: further keywords of `databricks.sql.connect`, such as `catalog` and `schema`.
        """
        from databricks import sql

        connection: Connection = sql.connect(**{**self.sql_options(), **options})
        _send_once(connection)
        return connection

    def sql_options(self) -> Mapping[str, Any]:
        """Return the keywords with which `databricks.sql.connect` reaches the SQL warehouse.

        They hold a token: do not print them.
        """
        options: dict[str, Any] = {
            "server_hostname": self.config.hostname,
            "http_path": self.http_path,
            "user_agent_entry": PRODUCT,
            # The connector waits for the longer of this and what Retry-After asks for; its default is 60 s.
            "_retry_delay_max": 5.0,
        }
        if self.config.auth_type == "pat":
            options["access_token"] = self.config.token
        else:
            # The connector asks for headers at each request, so that tokens are refreshed.
            options["credentials_provider"] = lambda: self.config.authenticate
        if self.url.startswith("http://"):
            # The connector assumes https and port 443 unless it is given the whole address; its telemetry
            # and feature flag look-ups would retry there for half a minute.
            options["server_hostname"] = self.url
            options["_connection_uri"] = self.url + self.http_path
            options["enable_telemetry"] = False
        return options


def _send_once(connection: Connection) -> None:
    """Keep a connection from sending a statement again when its answer is lost.

    The connector leaves that to urllib3, which takes every POST for one that may be repeated: an INSERT whose
    connection breaks would be carried out twice. What did not reach the service at all is still sent again.
    """
    # Only the Thrift back end has such a policy.
    policy = getattr(connection.session.backend, "retry_policy", None)
    if policy is not None:
        policy.read = False
