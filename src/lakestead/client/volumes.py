"""Folders of a volume that hold files for a while: named by their time, removed by whoever comes later."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_TIME = "%Y%m%dT%H%M%SZ"
_LEFT_BEHIND = dt.timedelta(days=1)


def folder_name(now: dt.datetime | None = None) -> str:
    """Return a name that no other folder has, and that sorts by time.

    Args:
        now: the time, in UTC; the present one if not given.
    """
    return f"{now or dt.datetime.now(dt.UTC):{_TIME}}-{uuid.uuid4().hex}"


def is_left_behind(name: str) -> bool:
    """Return whether a folder is older than a day; one that is not named by its time is not."""
    try:
        made = dt.datetime.strptime(name.partition("-")[0], _TIME).replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return dt.datetime.now(dt.UTC) - made > _LEFT_BEHIND


def left_behind(client: WorkspaceClient, volume: str) -> list[str]:
    """Return the names of a volume's folders that are older than a day; none if there is no volume.

    Args:
        client: of the workspace.
        volume: its folder, `/Volumes/…`.
    """
    from databricks.sdk.errors import NotFound

    try:
        entries = list(client.files.list_directory_contents(volume))
    except NotFound:
        return []
    names = [str(entry.path).rstrip("/").rpartition("/")[2] for entry in entries if entry.is_directory]
    return [name for name in names if is_left_behind(name)]


def remove_folder(client: WorkspaceClient, folder: str) -> None:
    """Remove a folder of a volume with all that is in it, as far as it is there."""
    from databricks.sdk.errors import NotFound

    try:
        for entry in list(client.files.list_directory_contents(folder)):
            if entry.is_directory:
                remove_folder(client, str(entry.path).rstrip("/"))
            else:
                client.files.delete(str(entry.path))
        client.files.delete_directory(folder)
    except NotFound:
        return
