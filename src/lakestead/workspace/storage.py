"""Where a workspace keeps files: ``tables/``, ``volumes/`` and ``monitors/``.

Each managed table and volume, and each table that is monitored, has a folder there named by its id. Those of
objects are made before, and removed after, their record. A folder without a record is therefore what a killed
process left behind, or belonged to a table that is gone, and is removed at the next start.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import select

from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Kind, Securable


class Storage:
    """The folders of a workspace.

    Args:
        root: the workspace's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.tables = self.root / "tables"
        self.volumes = self.root / "volumes"
        self.monitors = self.root / "monitors"
        self.scratch = self.root / "scratch"
        self.results = self.root / "results"
        for folder in (self.tables, self.volumes, self.monitors, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)

    def managed(self, kind: Kind, object_id: str) -> Path:
        """Return the folder of a managed table or volume."""
        return (self.tables if kind is Kind.TABLE else self.volumes) / object_id

    def remove(self, folder: Path) -> None:
        """Remove a managed object's folder; nothing else is ever removed.

        Raises:
            ValueError: the folder is not one of a managed object.
        """
        if folder.parent not in (self.tables, self.volumes, self.monitors):
            raise ValueError(f"{folder} is not the folder of a managed object")
        shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, store: Store) -> list[Path]:
        """Remove what a killed process left behind; return the folders that were removed."""
        with store.read() as tx:
            known = set(tx.execute(select(Securable.id)).scalars())
        left = [
            folder
            for parent in (self.tables, self.volumes, self.monitors)
            for folder in parent.iterdir()
            if folder.name not in known
        ]
        for folder in left:
            self.remove(folder)
        shutil.rmtree(self.scratch)
        self.scratch.mkdir()
        return left
