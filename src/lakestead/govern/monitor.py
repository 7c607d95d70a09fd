"""One object for a metastore's governance: lineage, policies and audits, and what came of them in numbers."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lakestead.client import Warehouse, standing_workspace
from lakestead.core import attribution
from lakestead.core.errors import ConfigError
from lakestead.core.governance import DEFAULT_PATH, section
from lakestead.core.names import InvalidName
from lakestead.govern.classification import Classification, enforce
from lakestead.govern.compliance.audits import (
    AuditStore,
    ComplianceAudit,
    MemoryAudits,
    TableAudits,
    make_audit,
)
from lakestead.govern.compliance.settings import ComplianceSettings
from lakestead.govern.lineage.event import LineageMetrics, full_name
from lakestead.govern.lineage.settings import LineageSettings
from lakestead.govern.lineage.stores import FileStore, LineageStore, MemoryStore, TableStore
from lakestead.govern.summary import GovernanceSummary, Tally

if TYPE_CHECKING:
    from lakestead.govern.compliance.auditing import Report
    from lakestead.govern.lineage.edges import Direction, Level
    from lakestead.govern.lineage.graph import LineageGraph
    from lakestead.govern.lineage.impact import Impact
    from lakestead.govern.policies import Governance


class DatabricksGovernanceMonitor:
    """Governance of what one metastore holds. Many threads may use it.

    Args:
        metastore_id: the metastore; any word that tells it from others.
        warehouse: the workspace; else the one that the environment names, or the embedded one in `.lakestead`
            if that is there. Without any, the monitor knows what it is told and nothing else.
        settings: where lineage is kept and read. Tracked lineage stays in memory unless they say otherwise: a
            program that only tells what it does must not start a warehouse, need privileges or leave files.
        classification: the levels of data, and who is cleared for which.
        compliance: where audits are kept: in memory, for the same reasons, or in a table.
    """

    def __init__(
        self,
        metastore_id: str | None = None,
        *,
        warehouse: Warehouse | None = None,
        settings: LineageSettings | None = None,
        classification: Classification | None = None,
        compliance: ComplianceSettings | None = None,
    ) -> None:
        self.metastore_id = metastore_id
        self.settings = settings or LineageSettings()
        self.classification = classification or Classification()
        self.compliance = compliance or ComplianceSettings()
        self._tally = Tally()
        self._making = threading.RLock()
        self._warehouse = warehouse
        self._store: LineageStore | None = None
        self._audits: AuditStore | None = None
        self._record: Callable[[str, Mapping[str, Any]], object] | None = None

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
        if self._record is not None:
            self._record("lineage", event.values())
        self._tally.add("lineage_events")
        return event

    def impact(self, name: str, days: int = 30) -> Impact:
        """Return what breaks when a table or a column is dropped; see `lakestead.govern.lineage.impact`.

        Args:
            name: of the table, `catalog.schema.table`, or of a column of it.
            days: how far back queries count.

        Raises:
            ConfigError: when the name is none of a table or column, or there is no workspace.
            SourceError: when there is none of this name, or it may not be seen.
        """
        from lakestead.govern.lineage.impact import impact

        if self.warehouse is None:
            raise ConfigError("impact needs a workspace: set DATABRICKS_HOST and DATABRICKS_TOKEN")
        system = self.settings.system or "system"
        return impact(self.warehouse, name, system=system, store=self.store, days=days)

    def enforce_data_classification_policy(
        self, catalog: str, schema: str, table: str, required_classification: str, user_clearance: str
    ) -> dict[str, Any]:
        """Return whether somebody may see a table: `access_granted`, `reasons` and what they stand on.

        The table's tags count, and `required_classification` where that is higher or there are none.

        Args:
            catalog: of the table.
            schema: of the table.
            table: its name.
            required_classification: the level that the caller takes the table for.
            user_clearance: the level up to which somebody may see.

        Returns:
            See `lakestead.govern.classification.enforce`.

        Raises:
            ConfigError: a level is unknown; names those that are known.
            databricks.sql.Error: the workspace answers with an error.
        """
        decision = enforce(
            (catalog, schema, table),
            required_classification,
            user_clearance,
            classification=self.classification,
            warehouse=self.warehouse,
        )
        self._tally.add("access_granted" if decision["access_granted"] else "access_denied")
        return decision

    def track_compliance_audit(
        self,
        audit_type: str,
        resource_path: str,
        compliance_status: str,
        findings: Sequence[str] = (),
    ) -> ComplianceAudit:
        """Record an audit.

        Args:
            audit_type: what kind it is, such as `pii_scan`.
            resource_path: what was looked at, such as a table's full name.
            compliance_status: how it ended: `pass`, `warning`, `fail` or `unknown`.
            findings: what was found.

        Returns:
            What was recorded.

        Raises:
            ConfigError: for a status that is none, or when audits are to be in a table and there is no
                workspace.
            databricks.sql.Error: when that table cannot be written.
        """
        audit = make_audit(audit_type, resource_path, compliance_status, findings)
        self.audits.add(audit)
        if self._record is not None:
            self._record("audit", audit.values())
        self._tally.add("audits_passed" if audit.passed else "audits_failed")
        self._tally.add("audit_findings", len(audit.findings))
        return audit

    def get_lineage_graph(
        self,
        root: str | None = None,
        *,
        level: Level | str = "table",
        direction: Direction | str = "both",
        hops: int | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
    ) -> LineageGraph:
        """Return the graph of lineage: what was tracked, with what the workspace's system tables have.

        Args:
            root: where to start: `catalog`, `catalog.schema`, `catalog.schema.table`, or a column of it, or a
                path; everything if None.
            level: `table` or `column`. A column as the root means columns.
            direction: `upstream` (what the root is made of), `downstream`, or `both`.
            hops: how many edges far; to the end if None.
            since: the first moment at which lineage counts; UTC if it has no zone.
            until: the first moment after it.

        Raises:
            InvalidName: when the root is no name.
            ValueError: for a level or direction that is none.
            databricks.sql.Error: when the system tables cannot be read; `settings.system` None leaves them.
        """
        from lakestead.govern.lineage.reading import graph

        return graph(
            self.store,
            self.warehouse if self.settings.system is not None else None,
            self.settings.system,
            root,
            level=level,
            direction=direction,
            hops=hops,
            since=since,
            until=until,
        )

    def audit_compliance(self, governance: Governance, frameworks: Sequence[str] = ()) -> Report:
        """Look at what laws and standards ask for, and record an audit for each of them.

        Args:
            governance: what governance.yaml says (`Governance.load`).
            frameworks: `GDPR`, `CCPA`, `SOX`, `HIPAA`; else what governance.yaml says.

        Raises:
            ConfigError: there is no workspace.
            databricks.sql.Error: when the workspace refuses a query.
        """
        from lakestead.govern.compliance.auditing import audit

        if self.warehouse is None:
            raise ConfigError("no workspace is configured: set DATABRICKS_HOST and DATABRICKS_TOKEN")
        report = audit(self.warehouse, governance, only=frameworks)
        for name in report.titles:
            self.track_compliance_audit(name, report.workspace, report.status(name), report.wrong(name))
        return report

    def get_governance_summary(self) -> GovernanceSummary:
        """Return what the monitor has seen so far, in numbers."""
        return self._tally.summary(self.metastore_id)

    def record_with(self, record: Callable[[str, Mapping[str, Any]], object] | None) -> None:
        """Have audits and lineage recorded elsewhere, too.

        Args:
            record: takes what it is, `audit` or `lineage`, and its values; None to have it no more.
        """
        self._record = record

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

    @property
    def audits(self) -> AuditStore:
        """What keeps audits.

        Raises:
            ConfigError: when it is to be a table and there is no workspace.
        """
        with self._making:
            if self._audits is None:
                self._audits = self._make_audits()
            return self._audits

    def _make_audits(self) -> AuditStore:
        schema = self.compliance.schema_name
        if schema is None:
            return MemoryAudits()
        if self.warehouse is None:
            raise ConfigError(
                f"audits are to be kept in '{self.compliance.table_in}', but no workspace is configured:"
                " set DATABRICKS_HOST and DATABRICKS_TOKEN"
            )
        return TableAudits(self.warehouse, schema)

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
                self._made[metastore_id] = _configured(metastore_id)
            return self._made[metastore_id]


def _configured(metastore_id: str | None) -> DatabricksGovernanceMonitor:
    if not DEFAULT_PATH.exists():
        return DatabricksGovernanceMonitor(metastore_id)
    return DatabricksGovernanceMonitor(
        metastore_id,
        settings=section(DEFAULT_PATH, "lineage", LineageSettings),
        classification=section(DEFAULT_PATH, "classification", Classification),
        compliance=section(DEFAULT_PATH, "compliance", ComplianceSettings),
    )


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
