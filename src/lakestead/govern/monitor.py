"""One object for a metastore's governance: lineage, policies and audits, and what came of them in numbers."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence

from lakestead.client import Warehouse, standing_workspace
from lakestead.core import attribution
from lakestead.core.errors import ConfigError
from lakestead.core.governance import DEFAULT_PATH, section
from lakestead.core.names import InvalidName
from lakestead.govern.lineage.event import LineageMetrics, full_name
from lakestead.govern.lineage.settings import LineageSettings
from lakestead.govern.lineage.stores import FileStore, LineageStore, MemoryStore, TableStore
from lakestead.govern.summary import GovernanceSummary, Tally


class DatabricksGovernanceMonitor:
    """Governance of what one metastore holds. Many threads may use it.

    Args:
        metastore_id: the metastore; any word that tells it from others.
        warehouse: the workspace; else the one that the environment names, or the embedded one in `.lakestead`
            if that is there. Without any, the monitor knows what it is told and nothing else.
        settings: where lineage is kept and read. Tracked lineage stays in memory unless they say otherwise: a
            program that only tells what it does must not start a warehouse, need privileges or leave files.
    """

    def __init__(
        self,
        metastore_id: str | None = None,
        *,
        warehouse: Warehouse | None = None,
        settings: LineageSettings | None = None,
    ) -> None:
        self.metastore_id = metastore_id
        self.settings = settings or LineageSettings()
        self._tally = Tally()
        self._making = threading.RLock()
        self._warehouse = warehouse
        self._store: LineageStore | None = None

    def track_data_lineage(
        self,
        lineage_type: str,
        source_catalog: str,
        source_schema: str,
        source_table: str,
        target_catalog: str | None = None,
        target_schema: str | None = None,
        target_table: str | None = None,
        transformation_logic: str | None = None,
        data_owner: str | None = None,
        data_steward: str | None = None,
        data_classification: str | None = None,
        compliance_tags: Sequence[str] = (),
        columns: Mapping[str, Sequence[str]] | None = None,
        **governance_attrs: str | None,
    ) -> LineageMetrics:
        """Record that data went from one table to another, or was read.

        Args:
            lineage_type: what was done: `read`, `write`, `transform`, `copy`, or a word of one's own.
            source_catalog: of the table that was read.
            source_schema: of that table.
            source_table: its name.
            target_catalog: of the table that was written; None, as the next two, if data was only read.
            target_schema: of that table.
            target_table: its name.
            transformation_logic: how, as text; mostly SQL.
            data_owner: who answers for the data.
            data_steward: who looks after it.
            data_classification: its level; else that of the surrounding `attribution`.
            compliance_tags: what it falls under, such as `gdpr`.
            columns: the source's columns that each column of the target is made of.
            governance_attrs: `team`, `project`, `environment`, `cost_center`; else those of `attribution`.

        Returns:
            What was recorded.

        Raises:
            InvalidName: for a name that no table can have.
            TypeError: for an attribute that is not one of those.
            databricks.sql.Error, OSError: when the table or file that keeps lineage cannot be written.
        """
        known = attribution.current(data_classification=data_classification, **governance_attrs)
        attributes = known.known()
        level = attributes.pop("data_classification", None)
        try:
            source = full_name(source_catalog, source_schema, source_table)
            target = full_name(target_catalog, target_schema, target_table)
            if source is None:
                raise InvalidName("lineage needs the table that was read: catalog, schema and name")
        except InvalidName:
            self._tally.add("lineage_refused")
            raise
        event = LineageMetrics(
            lineage_type,
            source,
            target,
            columns={name.lower(): [one.lower() for one in made] for name, made in (columns or {}).items()},
            transformation_logic=transformation_logic,
            data_owner=data_owner,
            data_steward=data_steward,
            data_classification=level,
            compliance_tags=tuple(compliance_tags),
            attributes=attributes,
        )
        self.store.add(event)
        self._tally.add("lineage_events")
        return event

    def get_governance_summary(self) -> GovernanceSummary:
        """Return what the monitor has seen so far, in numbers."""
        return self._tally.summary(self.metastore_id)

    @property
    def warehouse(self) -> Warehouse | None:
        """The workspace; None if there is none."""
        with self._making:
            if self._warehouse is None:
                found = standing_workspace()
                self._warehouse = None if found is None else Warehouse(found.profile)
            return self._warehouse

    @property
    def store(self) -> LineageStore:
        """What keeps tracked lineage.

        Raises:
            ConfigError: when it is to be a table and there is no workspace.
        """
        with self._making:
            if self._store is None:
                self._store = self._make_store()
            return self._store

    def _make_store(self) -> LineageStore:
        if self.settings.file:
            return FileStore(self.settings.file)
        if self.settings.table_in is None:
            return MemoryStore()
        if self.warehouse is None:
            raise ConfigError(
                f"lineage is to be kept in '{self.settings.table_in}', but no workspace is configured:"
                " set DATABRICKS_HOST and DATABRICKS_TOKEN"
            )
        return TableStore(self.warehouse, self.settings.table_in)


class _Monitors:
    """The monitors of this program, one for each metastore: parts that do not know each other share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str | None, DatabricksGovernanceMonitor] = {}

    def get(self, metastore_id: str | None) -> DatabricksGovernanceMonitor:
        with self._lock:
            if metastore_id not in self._made:
                settings = LineageSettings()
                if DEFAULT_PATH.exists():
                    settings = section(DEFAULT_PATH, "lineage", LineageSettings)
                self._made[metastore_id] = DatabricksGovernanceMonitor(metastore_id, settings=settings)
            return self._made[metastore_id]


_monitors = _Monitors()


def get_governance_monitor(metastore_id: str | None = None) -> DatabricksGovernanceMonitor:
    """Return the monitor of a metastore: the same one each time.

    It is configured by `governance.yaml` in the working directory, if that is there.

    Args:
        metastore_id: the metastore; else DATABRICKS_METASTORE_ID, else the one that has no name here.

    Raises:
        ConfigError: when `governance.yaml` is wrong.
    """
    return _monitors.get(metastore_id or os.environ.get("DATABRICKS_METASTORE_ID") or None)
