"""What a monitored run brings about: monitors that are up to date, row checks, alerts, dashboards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.client import Profile, Warehouse
from lakestead.core.errors import MissingExtra, SourceError
from lakestead.run.changes import Reporter, Step
from lakestead.run.project import Project

if TYPE_CHECKING:
    from lakestead.profiling import OrchestratorConfig
    from lakestead.profiling.alerting import AlertState
    from lakestead.profiling.checks import CheckReport
    from lakestead.profiling.observability import Observability
    from lakestead.profiling.targets import Target

# Of each kind of finding; the dashboard and `lakestead profile report` have all.
_SHOWN_FINDINGS = 3


@dataclass(frozen=True)
class Monitor:
    """How the monitor of a table is doing.

    Args:
        table: its full name.
        group: the monitor group.
        status: ACTIVE if it is well.
        message: what the last failure was.
    """

    table: str
    group: str
    status: str
    message: str | None


@dataclass(frozen=True)
class Alert:
    """An alert of a monitor group.

    Args:
        group: the monitor group.
        finding: what it looks for.
        state: TRIGGERED, OK, ERROR or UNKNOWN.
        findings: the worst of what it found, in words.
    """

    group: str
    finding: str
    state: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """A check of a table's rows that has not passed.

    Args:
        table: its full name.
        check: the rule's name.
        severity: `error` or `warn`.
        failed: how many rows break it; None if it could not be checked.
        pass_rate: the share of rows that keep it, 0 to 1.
        quarantine: the table with the rows that break rules, if there is one.
    """

    table: str
    check: str
    severity: str
    failed: int | None
    pass_rate: float | None
    quarantine: str | None


@dataclass(frozen=True)
class Monitored:
    """What a monitored run ends with.

    Args:
        monitors: of the tables.
        alerts: of the monitor groups.
        checks: how many checks of rows there are.
        failed_checks: those that have not passed.
        dashboards: paths of the dashboards below the workspace's URL, by monitor group.
    """

    monitors: tuple[Monitor, ...]
    alerts: tuple[Alert, ...]
    checks: int
    failed_checks: tuple[Check, ...]
    dashboards: dict[str, str]


def monitor(
    project: Project, folder: Path, profile: Profile, reporter: Reporter
) -> tuple[list[Step], Monitored | None]:
    """Bring about what a project's profiling file says; nothing if it has none.

    Args:
        project: what is declared.
        folder: the project's.
        profile: the workspace.
        reporter: is told of each step.

    Returns:
        The changes, and how it all is then.

    Raises:
        ConfigError: the profiling file is wrong, or tables cannot be monitored as it says.
        MissingExtra: without `lakestead[profiling]`.
        SourceError: a monitor or a refresh failed; says why.
        DatabricksError, databricks.sql.Error: when the workspace refuses something.
    """
    if project.profiling is None:
        return [], None
    try:
        from lakestead.profiling import load_config
    except ImportError as error:
        raise MissingExtra("monitoring of a project", "profiling") from error
    config = load_config(folder / project.profiling)
    with closing(Warehouse(profile, {"lakestead": "profiling"})) as warehouse:
        return _Monitoring(config, warehouse, reporter).run()


@dataclass(frozen=True)
class _Monitoring:
    config: OrchestratorConfig
    warehouse: Warehouse
    reporter: Reporter

    def run(self) -> tuple[list[Step], Monitored]:
        from lakestead.profiling import get_monitor_statuses
        from lakestead.profiling.config import Mode
        from lakestead.profiling.observability import deploy

        targets, steps = self._make()
        steps += self._refresh(targets, {step.title for step in steps})
        deployed = None
        if self.config.mode is Mode.FULL:
            self.reporter.started("make views, alerts and dashboards")
            deployed = deploy(self.config, targets, self.warehouse, self.warehouse.client)
        groups = {target.full_name: target.group for target in targets}
        checks = sum(len(one.rules) for one in self.config.checks.root.values())
        return steps, Monitored(
            monitors=tuple(
                Monitor(one.table_name, groups[one.table_name], one.status, one.error_message)
                for one in get_monitor_statuses(targets, warehouse=self.warehouse)
            ),
            alerts=self._alerts(deployed) if deployed else (),
            checks=checks,
            failed_checks=self._check() if checks else (),
            dashboards={group: f"/dashboardsv3/{one}" for group, one in deployed.dashboard_ids.items()}
            if deployed
            else {},
        )

    def _make(self) -> tuple[list[Target], list[Step]]:
        """Make the monitors; one step for each that is new or changed."""
        from lakestead.profiling import apply, plan

        self.reporter.started("monitor tables")
        changes = plan(self.config, warehouse=self.warehouse)
        applied = apply(changes, warehouse=self.warehouse)
        if refused := [f"{one.table}: {one.error}" for one in applied if one.error]:
            raise SourceError("tables cannot be monitored:\n" + "\n".join(refused))
        steps = [Step(_title(one.action.value, one.table), None, one.seconds) for one in applied]
        for step in steps:
            self.reporter.finished(step)
        return changes.targets, steps

    def _refresh(self, targets: Sequence[Target], made: Collection[str]) -> list[Step]:
        """Bring the metrics of tables up to date that have changed since they were computed.

        What new monitors compute first is a part of their making.
        """
        from lakestead.profiling.refreshing import CURRENT, refresh_monitors

        self.reporter.started("refresh monitors")
        steps = []
        for one in refresh_monitors(targets, warehouse=self.warehouse):
            if one.state not in (CURRENT, "SUCCESS"):
                raise SourceError(
                    f"the refresh of the monitor of {one.table_name} {one.state.lower()}: {one.message}"
                )
            if one.state != CURRENT and _title("create", one.table_name) not in made:
                steps.append(Step(f"profile {one.table_name}", None, one.seconds or 0.0))
                self.reporter.finished(steps[-1])
        return steps

    def _check(self) -> tuple[Check, ...]:
        from lakestead.profiling.checks.running import run_checks

        self.reporter.started("check rows")
        return tuple(_failed(run_checks(self.config, warehouse=self.warehouse)))

    def _alerts(self, observability: Observability) -> tuple[Alert, ...]:
        from lakestead.profiling.alerting import evaluate_alerts
        from lakestead.profiling.opening import warehouse_id

        self.reporter.started("evaluate alerts")
        client, ids = self.warehouse.client, observability.alerts.ids
        states = evaluate_alerts(client, ids, warehouse_id(self.warehouse))
        return tuple(
            Alert(one.group, one.finding.value, one.state, self._findings(observability, one))
            for one in states
        )

    def _findings(self, observability: Observability, alert: AlertState) -> tuple[str, ...]:
        """Return what a triggered alert found, the worst first."""
        from lakestead.profiling.findings import breaches

        relations = observability.views.groups[alert.group].relations
        query = breaches(alert.finding, relations, self.config.alerting)
        if alert.state != "TRIGGERED" or query is None:
            return ()
        rows = self.warehouse.rows(f"SELECT finding FROM ({query}) LIMIT {_SHOWN_FINDINGS}")
        return tuple(row["finding"] for row in rows)


def _title(action: str, table: str) -> str:
    return f"{action} monitor of {table}"


def _failed(report: CheckReport) -> Iterator[Check]:
    for table in report.tables:
        for one in table.results:
            if not one.passed:
                yield Check(
                    table.table, one.check, one.severity, one.failed, one.pass_rate, table.quarantine_table
                )
