"""Several workspaces: how to reach each, and what they are one for.

workspaces:
  eu:
    host: https://eu.cloud.databricks.com
    token_variable: EU_TOKEN
    warehouse_id: 1234567890abcdef
"""

from __future__ import annotations

import configparser
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, RootModel

from lakestead.client.profile import Profile
from lakestead.core.config import Declaration
from lakestead.core.errors import ConfigError


class DeclaredWorkspace(Declaration):
    """An entry of the section `workspaces` of governance.yaml.

    Args:
        host: its URL.
        token_variable: the environment variable that has a token for it; without, see `profile_of`.
        warehouse_id: the SQL warehouse that answers questions about it.
        lineage: whether its lineage is part of the one of all workspaces.
        costs: whether its costs are part of the one account of all workspaces.
    """

    host: str
    token_variable: str | None = None
    warehouse_id: str | None = None
    lineage: bool = True
    costs: bool = True


class DeclaredWorkspaces(RootModel[dict[str, DeclaredWorkspace]]):
    """The section `workspaces` of governance.yaml: workspaces by their names."""

    root: dict[str, DeclaredWorkspace] = Field(default_factory=dict)

    def known(self) -> list[KnownWorkspace]:
        """Return the workspaces with the ways in to them.

        Raises:
            ConfigError: one has no credentials; says which.
        """
        return [_known(name, one) for name, one in self.root.items()]


@dataclass(frozen=True)
class KnownWorkspace:
    """A workspace that is seen together with others.

    Args:
        name: what it is called.
        url: where it is.
        profile: the way in.
        lineage: whether its lineage is part of the one of all.
        costs: whether its costs are.
    """

    name: str
    url: str
    profile: Profile
    lineage: bool = True
    costs: bool = True


class Workspaces:
    """The workspaces that a program has named, by their URLs. Many threads may add and ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, KnownWorkspace] = {}

    def add(self, workspace: KnownWorkspace) -> None:
        """Add a workspace, or put it in the place of what was known of its URL."""
        with self._lock:
            self._known[_bare(workspace.url)] = workspace

    def remove(self, url: str) -> None:
        """Forget a workspace, if it is known."""
        with self._lock:
            self._known.pop(_bare(url), None)

    def all(self) -> list[KnownWorkspace]:
        """Return the workspaces, in the order in which they were added."""
        with self._lock:
            return list(self._known.values())

    def for_lineage(self) -> list[KnownWorkspace]:
        """Return those whose lineage is seen as one."""
        return [one for one in self.all() if one.lineage]

    def for_costs(self) -> list[KnownWorkspace]:
        """Return those whose costs are seen as one."""
        return [one for one in self.all() if one.costs]


_named = Workspaces()


def named_workspaces() -> Workspaces:
    """Return the registry of this program's workspaces, for rooms that do not know each other."""
    return _named


def profile_of(
    url: str,
    token: str | None = None,
    warehouse_id: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Profile:
    """Return the way in to a workspace of which the URL is known.

    A token is never sent to another workspace than its own. Looked for are, in this order: `token`; the
    DATABRICKS_* variables, if DATABRICKS_HOST is this workspace; the section of the configuration file that
    has this host; a service principal in DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, which may log in
    to all workspaces of an account.

    Args:
        url: the workspace's URL.
        token: a personal access token for it.
        warehouse_id: the SQL warehouse that runs statements; else that of the place where it was found.
        environment: the variables; the process's own if not given.

    Raises:
        ConfigError: no credentials for this workspace are found.
    """
    variables = os.environ if environment is None else environment
    host = url if "://" in url else f"https://{url}"
    if token:
        return Profile(host=host, token=token, warehouse_id=warehouse_id or _warehouse(variables, url))
    if _bare(variables.get("DATABRICKS_HOST", "")) == _bare(url):
        given = variables.get("DATABRICKS_TOKEN")
        return Profile(host=host, token=given, warehouse_id=warehouse_id or _warehouse(variables, url))
    found = _in_file(variables, host, warehouse_id)
    if found is not None:
        return found
    robot, secret = variables.get("DATABRICKS_CLIENT_ID"), variables.get("DATABRICKS_CLIENT_SECRET")
    if robot and secret:
        return Profile(host=host, client_id=robot, client_secret=secret, warehouse_id=warehouse_id)
    raise ConfigError(
        f"no credentials for {host} are known: give a token, a section of ~/.databrickscfg with this host,"
        " or a service principal in DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
    )


def _known(name: str, declared: DeclaredWorkspace) -> KnownWorkspace:
    token = None
    if declared.token_variable is not None:
        token = os.environ.get(declared.token_variable)
        if not token:
            raise ConfigError(
                f"the variable {declared.token_variable}, which has the token, is not set", where=name
            )
    profile = profile_of(declared.host, token, declared.warehouse_id)
    return KnownWorkspace(name, declared.host, profile, declared.lineage, declared.costs)


def _warehouse(variables: Mapping[str, str], url: str) -> str | None:
    """Return the warehouse that the environment names for its own workspace."""
    if _bare(variables.get("DATABRICKS_HOST", "")) != _bare(url):
        return None
    path = variables.get("DATABRICKS_HTTP_PATH", "").rstrip("/")
    return variables.get("DATABRICKS_WAREHOUSE_ID") or path.rpartition("/")[2] or None


def _in_file(variables: Mapping[str, str], host: str, warehouse_id: str | None) -> Profile | None:
    path = Path(variables.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()
    file = configparser.ConfigParser(interpolation=None)
    try:
        file.read(path, encoding="utf-8")
    except (OSError, configparser.Error) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    for name in ("DEFAULT", *file.sections()):
        section = file[name]
        if _bare(section.get("host", "")) != _bare(host):
            continue
        warehouse = warehouse_id or section.get("warehouse_id")
        if section.get("token"):
            return Profile(host=host, token=section["token"], warehouse_id=warehouse)
        if section.get("client_id") and section.get("client_secret"):
            return Profile(
                host=host,
                client_id=section["client_id"],
                client_secret=section["client_secret"],
                warehouse_id=warehouse,
            )
        return Profile(name=name, warehouse_id=warehouse)
    return None


def _bare(url: str) -> str:
    """Return what tells a workspace's URL from others."""
    return url.rstrip("/").removeprefix("https://").removeprefix("http://").lower()
