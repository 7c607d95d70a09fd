"""The configuration and the workspace that `lakestead profile` goes by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.cli.failures import explained_refusals
from lakestead.cli.profile.app import DEFAULT_PATH
from lakestead.core.errors import ConfigError

if TYPE_CHECKING:
    from lakestead.client import Warehouse
    from lakestead.profiling import OrchestratorConfig


def declared(path: Path) -> OrchestratorConfig:
    """Return what a configuration says.

    Raises:
        ConfigError: it is not there, or wrong.
    """
    from lakestead.profiling import load_config

    if not path.exists() and path == DEFAULT_PATH:
        raise ConfigError(f"there is no {path} here: write one with `lakestead profile init`, or name yours")
    return load_config(path)


@contextmanager
def opened(path: Path, workspace: str | None) -> Iterator[tuple[OrchestratorConfig, Warehouse]]:
    """Yield a configuration and the warehouse; Databricks' refusals end the program with their message.

    Args:
        path: the configuration.
        workspace: a profile of ~/.databrickscfg; the usual workspace if there is none.
    """
    from lakestead.client import Profile
    from lakestead.profiling.opening import opened as opening

    config = declared(path)
    with explained_refusals(), opening(config, Profile(name=workspace)) as warehouse:
        yield config, warehouse
