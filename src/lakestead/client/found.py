"""Which workspace a program means: the one it names, else the configured one, else the embedded one."""

from __future__ import annotations

import configparser
import os
import threading
from pathlib import Path

from lakestead.client.embedded import DEFAULT_FOLDER, EmbeddedWorkspace
from lakestead.client.profile import Profile
from lakestead.core.errors import ConfigError

# Any of them says that the environment names a workspace.
_VARIABLES = ("DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID")


class FoundWorkspace:
    """A workspace that was found; an embedded one is started when it is first needed.

    Args:
        given: the way in; None for the embedded workspace.
        folder: keeps the embedded workspace.
    """

    def __init__(self, given: Profile | None, folder: Path) -> None:
        self._given = given
        self._folder = folder
        self._starting = threading.Lock()
        self._embedded: EmbeddedWorkspace | None = None

    def __repr__(self) -> str:
        return repr(self._given) if self._given else f"embedded, in {str(self._folder)!r}"

    @property
    def profile(self) -> Profile:
        """The way in.

        Raises:
            LakesteadError: the embedded workspace cannot be started; see `EmbeddedWorkspace`.
        """
        if self._given is not None:
            return self._given
        with self._starting:
            if self._embedded is None:
                self._embedded = EmbeddedWorkspace(self._folder)
            return self._embedded.profile

    def close(self) -> None:
        """Leave an embedded workspace; it stops if nobody else uses it."""
        with self._starting:
            embedded, self._embedded = self._embedded, None
        if embedded is not None:
            embedded.close()


def find_workspace(profile: Profile, folder: Path | str | None = None) -> FoundWorkspace:
    """Return the workspace that is meant.

    Args:
        profile: what is known of it.
        folder: of an embedded workspace, which then is meant.

    Raises:
        ConfigError: both say where it is.
    """
    named = profile != Profile(sql_path=profile.sql_path, warehouse_id=profile.warehouse_id)
    if folder is not None and named:
        raise ConfigError(f"give a workspace, or the folder '{folder}' of an embedded one, not both")
    if folder is None and (named or _is_configured()):
        return FoundWorkspace(profile, DEFAULT_FOLDER)
    return FoundWorkspace(None, Path(folder if folder is not None else DEFAULT_FOLDER).absolute())


def standing_workspace() -> FoundWorkspace | None:
    """Return the configured workspace, else the embedded one if its usual folder is there; else None.

    For parts that do without a workspace rather than make one.
    """
    if _is_configured():
        return FoundWorkspace(Profile(), DEFAULT_FOLDER)
    return FoundWorkspace(None, DEFAULT_FOLDER.absolute()) if DEFAULT_FOLDER.exists() else None


def _is_configured() -> bool:
    """Return whether the environment or the configuration file names a workspace."""
    if any(os.environ.get(variable) for variable in _VARIABLES):
        return True
    file = Path(os.environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()
    config = configparser.ConfigParser(interpolation=None)
    try:
        config.read(file, encoding="utf-8")
    except (OSError, configparser.Error) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from error
    # A default profile can also be named by the CLI's own settings.
    default = config.get("__settings__", "default_profile", fallback=None)
    return bool(config.defaults().get("host")) or default is not None
