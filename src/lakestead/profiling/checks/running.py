"""A run: the rules of tables checked, rows that break them set aside, results recorded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from lakestead.client import Profile, Warehouse
from lakestead.core.errors import ConfigError, LakesteadError
from lakestead.core.names import quote, split_name
from lakestead.profiling.checks.counting import Count, Table, count
from lakestead.profiling.checks.history import History
from lakestead.profiling.checks.preflight import problems
from lakestead.profiling.checks.quarantine import Quarantine
from lakestead.profiling.checks.results import CheckReport, CheckResult, TableReport
from lakestead.profiling.checks.rules import AnyRule, ForeignKey, RowRule, TableChecks
from lakestead.profiling.checks.scope import Scope
from lakestead.profiling.checks.source import Source, find
from lakestead.profiling.opening import opened
from lakestead.profiling.problems import PreflightError, Problem

if TYPE_CHECKING:
    from lakestead.profiling.config import OrchestratorConfig

_AT_A_TIME = 4


def run_checks(
    config: OrchestratorConfig,
    tables: Collection[str] | None = None,
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    full: bool = False,
    run_id: str | None = None,
    progress: Callable[[TableReport], None] | None = None,
) -> CheckReport:
    """Check the rows of tables by the rules that are declared for them.

    Args:
        config: has the rules.
        tables: the full names of the tables to check; all that have rules if not given.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        full: whether all rows are checked of tables where else only new ones are.
        run_id: marks the results and the rows; a new one if not given. A run of the same id again takes the
            place of what it wrote before.
        progress: is told what came of each table when that is known.

    Raises:
        PreflightError: rules do not fit their tables; nothing was checked.
        ConfigError: a table has no rules.
        DatabricksError: the workspace cannot be asked.
    """
    chosen = _chosen(config, tables)
    run = run_id or str(uuid.uuid4())
    with opened(config, profile, warehouse) as used, ThreadPoolExecutor(_AT_A_TIME) as pool:
        sources = _sources(used, chosen, pool)
        _refuse_problems(config, chosen, sources)

        def one(name: str) -> TableReport:
            source = sources[tuple(name.split("."))]
            assert source is not None
            report = _Task(used, source, chosen[name], _schema(config, name), run).report(full=full)
            if progress is not None:
                progress(report)
            return report

        return CheckReport(run, tuple(pool.map(one, chosen)))


@dataclass(frozen=True)
class _Task:
    """A table to check.

    Args:
        warehouse: runs the statements.
        source: the table.
        checks: its rules.
        schema: where results and quarantine are: catalog, schema.
        run_id: the run's.
    """

    warehouse: Warehouse
    source: Source
    checks: TableChecks
    schema: tuple[str, str]
    run_id: str

    def report(self, *, full: bool) -> TableReport:
        now = dt.datetime.now(dt.UTC)
        found = TableReport(self.source.full_name, (), now)
        try:
            history = History(self.warehouse, self.schema)
            history.prepare()
            scope = self._scope(history, full=full)
            version = self.source.version(self.warehouse)
            table = Table(self.warehouse, self.source.at(version), scope)
            found = replace(found, source_version=version, watermark=self._watermark(table))
            counts = count(table, self.checks.rules)
            results = tuple(_result(rule, counts[rule.title]) for rule in self.checks.rules)
            found = replace(found, results=results)
            found = self._with_quarantine(table, found)
            history.record(self.run_id, found)
        except _refusals() as error:
            return replace(found, problem=str(error))
        return found

    def _scope(self, history: History, *, full: bool) -> Scope:
        if self.checks.since is None or full:
            return Scope()
        titles = [rule.title for rule in self.checks.rules]
        return Scope(self.checks.since, history.watermark(self.source.full_name, titles))

    def _watermark(self, table: Table) -> dt.datetime | None:
        """Return up to where rows will have been checked; times to come would hide rows of before them."""
        if self.checks.since is None:
            return None
        time = f"CAST({quote(self.checks.since)} AS TIMESTAMP)"
        (row,) = self.warehouse.rows(
            f"SELECT max(CASE WHEN {time} <= current_timestamp() THEN {time} END) AS newest FROM {table.text}"
        )
        newest: dt.datetime | None = row["newest"]
        return newest

    def _with_quarantine(self, table: Table, report: TableReport) -> TableReport:
        failed = {result.check for result in report.results if result.failed}
        rules = [rule for rule in self.checks.rules if isinstance(rule, RowRule) and rule.quarantine]
        if not rules:
            return report
        quarantine = Quarantine(table, self.source, (*self.schema, f"{self.source.parts[-1]}_quarantine"))
        broken = [rule for rule in rules if rule.title in failed]
        try:
            rows = quarantine.replace(broken, self.run_id, report.checked_at)
            if rows is not None and self.checks.quarantine_days is not None:
                quarantine.expire(report.checked_at - dt.timedelta(days=self.checks.quarantine_days))
        except _refusals() as error:
            # The rows count as not checked, lest the next run leave them out.
            return replace(report, watermark=None, problem=f"{quarantine.full_name}: {error}")
        if rows is None:
            return report
        return replace(report, quarantine_table=quarantine.full_name, quarantined=rows)


def _refusals() -> tuple[type[Exception], ...]:
    """Return what ends the checks of one table and not the others'."""
    from databricks.sdk.errors.base import DatabricksError
    from databricks.sql.exc import Error

    return Error, DatabricksError, LakesteadError


def _result(rule: AnyRule, found: Count | Exception) -> CheckResult:
    threshold = rule.threshold if isinstance(rule, RowRule) else 1.0
    if isinstance(found, Exception):
        problem = str(found)
        return CheckResult(
            rule.title, rule.kind, rule.severity, None, None, threshold, passed=False, problem=problem
        )
    # As decimals: 0.07 * 100 is more than 7 otherwise.
    enough = found.rows - found.failed >= Decimal(str(threshold)) * found.rows
    return CheckResult(
        rule.title, rule.kind, rule.severity, found.rows, found.failed, threshold, enough, found.observed
    )


def _chosen(config: OrchestratorConfig, tables: Collection[str] | None) -> dict[str, TableChecks]:
    known = config.checks.root
    if tables is None:
        return known
    names = [".".join(part.lower() for part in split_name(table)) for table in tables]
    lacking = [name for name in names if name not in known]
    if lacking:
        raise ConfigError(
            f"no checks are declared for {', '.join(lacking)}; there are for: {', '.join(known)}"
        )
    return {name: known[name] for name in names}


def _sources(
    warehouse: Warehouse, chosen: Mapping[str, TableChecks], pool: ThreadPoolExecutor
) -> dict[tuple[str, ...], Source | None]:
    """Return what is known of tables, and of those that their rules refer to."""
    wanted = {tuple(name.split(".")) for name in chosen}
    for checks in chosen.values():
        wanted |= {rule.referenced[0] for rule in checks.rules if isinstance(rule, ForeignKey)}
    names = sorted(wanted)
    return dict(zip(names, pool.map(lambda parts: find(warehouse, parts), names), strict=True))


def _schema(config: OrchestratorConfig, name: str) -> tuple[str, str]:
    """Return where the results of a table's checks are: where its metrics are, unless it says otherwise."""
    own = config.checks.root[name].output_schema_name
    settings = config.monitored_tables.get(name)
    inherited = settings.output_schema_name if settings else None
    catalog = name.split(".")[0]
    return catalog, (own or inherited or config.profile_defaults.output_schema_name).lower()


def _refuse_problems(
    config: OrchestratorConfig,
    chosen: Mapping[str, TableChecks],
    sources: Mapping[tuple[str, ...], Source | None],
) -> None:
    found = [problem for name, checks in chosen.items() for problem in problems(name, checks, sources)]
    owners: dict[tuple[str, ...], str] = {}
    for name in config.checks.root:
        table = (*_schema(config, name), name.split(".")[-1])
        first = owners.setdefault(table, name)
        if first != name:
            text = (
                f"'{name}' and '{first}' have the same quarantine table: give one another output_schema_name"
            )
            found.append(Problem(name, "output_schema_name", text))
    if found:
        raise PreflightError(found)
