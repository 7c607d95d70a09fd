"""An audit of a workspace by frameworks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lakestead.client import Warehouse
from lakestead.govern.compliance.audits import AuditStatus
from lakestead.govern.compliance.checks import CHECKS, Result, Subject
from lakestead.govern.compliance.frameworks import frameworks
from lakestead.govern.policies.declared import Governance
from lakestead.govern.policies.evaluation import evaluate
from lakestead.govern.policies.findings import Finding

_WORST = (AuditStatus.FAIL, AuditStatus.WARNING, AuditStatus.UNKNOWN, AuditStatus.PASS)


@dataclass(frozen=True, slots=True)
class Checked:
    """A check as part of a requirement.

    Args:
        name: of the check.
        title: what it looks at.
        result: what it has seen.
    """

    name: str
    title: str
    result: Result


@dataclass(frozen=True, slots=True)
class Required:
    """A requirement, and what was seen of it.

    Args:
        framework: its framework's short name.
        id: its article or section.
        title: what it is about.
        checks: what was seen.
    """

    framework: str
    id: str
    title: str
    checks: tuple[Checked, ...]

    @property
    def status(self) -> AuditStatus:
        """The worst of its checks'."""
        return min((one.result.status for one in self.checks), key=_WORST.index)


@dataclass(frozen=True)
class Report:
    """What an audit has seen.

    Args:
        workspace: its URL.
        time: of the audit, in UTC.
        tables: how many tables had to comply.
        titles: the frameworks' full names.
        requirements: of all frameworks.
        findings: what the policies of governance.yaml do not allow.
    """

    workspace: str
    time: dt.datetime
    tables: int
    titles: dict[str, str]
    requirements: tuple[Required, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements ended how."""
        counted = Counter(one.status.value for one in self.requirements)
        return {status.value: counted[status.value] for status in AuditStatus}

    def of(self, framework: str) -> list[Required]:
        """Return the requirements of a framework."""
        return [one for one in self.requirements if one.framework == framework]

    def status(self, framework: str) -> AuditStatus:
        """Return the worst status of a framework's requirements."""
        return min((one.status for one in self.of(framework)), key=_WORST.index)

    def wrong(self, framework: str) -> tuple[str, ...]:
        """Return what is wrong or cannot be seen, each once."""
        checks = [check for one in self.of(framework) for check in one.checks]
        told = [
            f"{check.title}: {one}"
            for check in checks
            if check.result.status is not AuditStatus.PASS
            for one in check.result.findings or (check.result.evidence,)
        ]
        return tuple(dict.fromkeys(told))

    def values(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "workspace": self.workspace,
            "time": self.time.isoformat(),
            "tables": self.tables,
            "counts": self.counts,
            "frameworks": {
                name: {
                    "title": title,
                    "status": self.status(name).value,
                    "requirements": [_requirement(one) for one in self.of(name)],
                }
                for name, title in self.titles.items()
            },
            "policy_findings": [finding.values() for finding in self.findings],
        }


def audit(
    warehouse: Warehouse,
    governance: Governance,
    *,
    only: Sequence[str] = (),
    now: dt.datetime | None = None,
    system: str = "system",
) -> Report:
    """Look at everything that frameworks ask for, each thing once.

    Args:
        warehouse: of the workspace; its user must see what is to be judged.
        governance: what governance.yaml says.
        only: names of frameworks; else those of governance.yaml.
        now: the time of the audit; else now.
        system: the catalog that has `information_schema` of all catalogs, and `access`.

    Raises:
        databricks.sql.Error: when the workspace refuses a query.
    """
    moment = now or dt.datetime.now(dt.UTC)
    subject = Subject(warehouse, governance, moment, system)
    known = frameworks()
    chosen = [name.upper() for name in only] or list(governance.compliance.chosen)
    seen: dict[tuple[str, int], Result] = {}

    def look(check: str, days: int) -> Checked:
        title, function = CHECKS[check]
        key = (check, days if check == "audit_log" else 0)
        if key not in seen:
            seen[key] = function(subject, days)
        return Checked(check, title, seen[key])

    requirements = tuple(
        Required(
            name,
            part.id,
            part.title,
            tuple(look(one, part.audit_days or governance.compliance.audit_days) for one in part.checks),
        )
        for name in chosen
        for part in known[name].requirements
    )
    return Report(
        warehouse.profile.url,
        moment,
        subject.tables,
        {name: known[name].title for name in chosen},
        requirements,
        tuple(evaluate(warehouse, governance, system=system)),
    )


def _requirement(one: Required) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "status": one.status.value,
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "status": check.result.status.value,
                "evidence": check.result.evidence,
                "findings": list(check.result.findings),
                "remedy": check.result.remedy,
            }
            for check in one.checks
        ],
    }
