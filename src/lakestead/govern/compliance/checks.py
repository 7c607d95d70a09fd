"""Checks: each looks at one thing in a workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from urllib.parse import urlsplit

from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.core.names import quote
from lakestead.govern.compliance.audits import AuditStatus
from lakestead.govern.policies.declared import Governance
from lakestead.govern.policies.findings import Problem
from lakestead.govern.policies.rules.access import Grants
from lakestead.govern.policies.rules.kept import Retained
from lakestead.govern.policies.rules.masks import Masked
from lakestead.govern.policies.rules.names import Documented
from lakestead.govern.policies.rules.owners import Owned
from lakestead.govern.policies.rules.rule import Rule
from lakestead.govern.policies.view import View, tagged
from lakestead.govern.retention.overdue import Overdue, overdue

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_FRESH = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Result:
    """What a check has seen.

    Args:
        status: `unknown` when it cannot be seen from here, which is no pass.
        evidence: what was seen, in a sentence.
        findings: what is wrong, one by one.
        remedy: what to do.
    """

    status: AuditStatus
    evidence: str
    findings: tuple[str, ...] = ()
    remedy: str = ""


class Subject:
    """What checks look at.

    Args:
        warehouse: of the workspace.
        governance: what governance.yaml says.
        now: the time of the audit.
        system: the catalog that has `information_schema` of all catalogs, and `access`.
    """

    def __init__(
        self, warehouse: Warehouse, governance: Governance, now: dt.datetime, system: str = "system"
    ) -> None:
        self.warehouse = warehouse
        self.governance = governance
        self.now = now
        self.system = system
        self.view = View(warehouse, governance.classification, governance.retention, system)

    @property
    def scope(self) -> tuple[str, ...]:
        """The tables that have to comply."""
        return self.governance.compliance.scope

    @cached_property
    def tables(self) -> int:
        """How many tables those are."""
        return int(self.view.rows("SELECT count(*) AS n FROM scoped", self.scope)[0]["n"])

    @cached_property
    def overdue(self) -> list[Overdue]:
        """What was seen of the tables with a retention."""
        return overdue(self.view, self.governance.retention, self.now)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _by_rule(subject: Subject, rule: Rule, good: str, remedy: str) -> Result:
    """Return what a rule finds in the tables that have to comply."""
    return _of(list(rule.problems(subject.view)), subject, good, remedy)


def _of(problems: list[Problem], subject: Subject, good: str, remedy: str) -> Result:
    if not subject.tables:
        return Result(AuditStatus.UNKNOWN, "there are no tables, or none that you may see", remedy=remedy)
    if not problems:
        return Result(AuditStatus.PASS, f"{good} ({_counted(subject.tables, 'table')})")
    findings = tuple(f"{one.resource}: {one.what}" for one in problems)
    return Result(
        AuditStatus.FAIL,
        f"{_counted(len(findings), 'finding')} in {_counted(subject.tables, 'table')}",
        findings,
        remedy,
    )


def _classified(subject: Subject, days: int) -> Result:
    known = {level.lower() for level in subject.governance.classification.levels}
    rows = subject.view.rows(
        f"SELECT full_name, value FROM {tagged(':tag')} ORDER BY full_name",
        subject.scope,
        tag=subject.governance.classification.tag,
    )
    wrong = [
        Problem(
            row["full_name"], f"'{row['value']}' is no level" if row["value"] else "has no classification", ""
        )
        for row in rows
        if (row["value"] or "").lower() not in known
    ]
    tag = subject.governance.classification.tag
    return _of(
        wrong, subject, "every table has a level", f"set the tag '{tag}' on tables, schemas or catalogs"
    )


def _pii_masked(subject: Subject, days: int) -> Result:
    rule = Masked(rule="masked", scope=subject.scope)
    columns = rule.tagged(subject.view)
    if not columns:
        return Result(
            AuditStatus.UNKNOWN,
            "no column is tagged as personal data: whether there is none cannot be seen",
            remedy="lakestead govern pii scan, then tag what it finds",
        )
    good = f"all {len(columns)} columns tagged as personal data are masked"
    return _by_rule(subject, rule, good, "lakestead govern apply, with a policy `masked`")


def _retention_declared(subject: Subject, days: int) -> Result:
    rule = Retained(rule="retention", scope=subject.scope)
    return _by_rule(
        subject, rule, "every table has a retention", "add them to `retention` in governance.yaml"
    )


def _retention_kept(subject: Subject, days: int) -> Result:
    seen = subject.overdue
    late = tuple(
        f"{one.table}: {one.rows} rows from before {one.before:%Y-%m-%d}" for one in seen if one.rows
    )
    hidden = tuple(f"{one.table}: {one.problem}" for one in seen if one.problem)
    if late:
        return Result(
            AuditStatus.FAIL,
            f"{_counted(len(late), 'table')} with overdue rows",
            late + hidden,
            "lakestead govern retention --apply",
        )
    if hidden or not seen:
        what = (
            f"{_counted(len(hidden), 'table')} could not be looked at"
            if hidden
            else "no retention is declared"
        )
        return Result(AuditStatus.UNKNOWN, what, hidden, "mend `retention` in governance.yaml")
    return Result(AuditStatus.PASS, f"no rows are overdue ({_counted(len(seen), 'table')})")


def _owned(subject: Subject, days: int) -> Result:
    rule = Owned(rule="ownership", scope=subject.scope)
    good = "every table is owned by a group or service principal"
    return _by_rule(subject, rule, good, "ALTER TABLE … OWNER TO a group")


def _documented(subject: Subject, days: int) -> Result:
    rule = Documented(rule="documented", scope=subject.scope)
    return _by_rule(subject, rule, "every table has a comment", "COMMENT ON TABLE … IS '…'")


def _shared_with_all(subject: Subject, days: int) -> Result:
    rule = Grants(rule="grants", scope=subject.scope)
    return _by_rule(subject, rule, "nothing is granted to all users", "REVOKE … FROM `account users`")


def _direct_grants(subject: Subject, days: int) -> Result:
    rule = Grants(rule="grants", scope=subject.scope, never_to=("*@*",))
    return _by_rule(subject, rule, "privileges are granted to groups only", "grant to groups, not to users")


def _transport(subject: Subject, days: int) -> Result:
    url = subject.warehouse.profile.url
    if url.startswith("https://"):
        return Result(AuditStatus.PASS, "the workspace is reached over TLS")
    if urlsplit(url).hostname in _LOOPBACK:
        return Result(AuditStatus.PASS, "the connection does not leave this machine")
    return Result(AuditStatus.FAIL, f"{url} is reached without TLS", (url,), "use https")


def _at_rest(subject: Subject, days: int) -> Result:
    return Result(
        AuditStatus.UNKNOWN,
        "whether storage is encrypted cannot be seen from here",
        remedy="look at the storage account's or bucket's own settings",
    )


def _lineage(subject: Subject, days: int) -> Result:
    table = f"{quote(subject.system)}.access.table_lineage"
    try:
        (row,) = subject.warehouse.rows(f"SELECT count(*) AS n FROM {table}")
    except Error as error:
        return Result(
            AuditStatus.UNKNOWN, f"lineage cannot be read: {error}", remedy=f"get SELECT on {table}"
        )
    if row["n"]:
        return Result(AuditStatus.PASS, f"lineage is recorded ({row['n']} records)")
    return Result(AuditStatus.UNKNOWN, "no lineage is recorded yet", remedy="enable the schema system.access")


def _audit_log(subject: Subject, days: int) -> Result:
    table, schema = f"{quote(subject.system)}.access.audit", subject.view.schema
    try:
        (log,) = subject.warehouse.rows(
            f"SELECT min(event_time) AS oldest, max(event_time) AS newest FROM {table}"
        )
        (store,) = subject.warehouse.rows(f"SELECT min(created) AS created FROM {schema}.metastores")
    except Error as error:
        return Result(
            AuditStatus.UNKNOWN, f"the audit log cannot be read: {error}", remedy=f"get SELECT on {table}"
        )
    if log["oldest"] is None or log["newest"] < subject.now - _FRESH:
        return Result(
            AuditStatus.FAIL, "nothing was logged in the last day", (table,), "enable system.access"
        )
    needed = max(subject.now - dt.timedelta(days=days), store["created"] or log["oldest"])
    if log["oldest"] > needed + _FRESH:
        what = f"it reaches back to {log['oldest']:%Y-%m-%d}, and should to {needed:%Y-%m-%d}"
        return Result(
            AuditStatus.FAIL, what, (what,), "copy system.access.audit to a table before it expires"
        )
    return Result(AuditStatus.PASS, f"it is on, and reaches back to {log['oldest']:%Y-%m-%d}")


CHECKS: Mapping[str, tuple[str, Callable[[Subject, int], Result]]] = MappingProxyType(
    {
        "at_rest": ("Storage is encrypted", _at_rest),
        "audit_log": ("The audit log is on and reaches back", _audit_log),
        "classified": ("Tables are classified", _classified),
        "direct_grants": ("Privileges go to groups, not users", _direct_grants),
        "documented": ("Tables say what they are", _documented),
        "lineage": ("Lineage is recorded", _lineage),
        "owned": ("Tables are owned by groups", _owned),
        "pii_masked": ("Personal data is masked", _pii_masked),
        "retention_declared": ("It is said how long data is kept", _retention_declared),
        "retention_kept": ("No data is kept for longer", _retention_kept),
        "shared_with_all": ("Nothing is granted to all users", _shared_with_all),
        "transport": ("Connections are encrypted", _transport),
    }
)
"""Titles and functions by the names that frameworks.yaml uses."""
