"""Audits that programs tell of: what was looked at, and what was found."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import quote_name

TABLE = "_lakestead_audits"


class AuditStatus(StrEnum):
    """How an audit ended. What could not be seen is no pass."""

    PASS = "pass"
    WARNING = "warning"
    FAIL = "fail"
    UNKNOWN = "unknown"


_WORDS = {"passed": "pass", "ok": "pass", "compliant": "pass", "warn": "warning", "failed": "fail"} | {
    "non_compliant": "fail",
    "not_visible": "unknown",
}


@dataclass(frozen=True, slots=True)
class ComplianceAudit:
    """An audit as it was recorded.

    Args:
        audit_type: what kind it is, such as `pii_scan`.
        resource_path: what was looked at, such as a table's full name.
        compliance_status: how it ended.
        findings: what was found.
        audit_id: unique to the audit.
        audit_time: when, in UTC.
    """

    audit_type: str
    resource_path: str
    compliance_status: AuditStatus
    findings: tuple[str, ...] = ()
    audit_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    audit_time: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def passed(self) -> bool:
        """Whether it ended well."""
        return self.compliance_status is AuditStatus.PASS

    def values(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {**asdict(self), "audit_time": self.audit_time.isoformat(), "findings": list(self.findings)}


def make_audit(
    audit_type: str, resource_path: str, compliance_status: str, findings: Sequence[str]
) -> ComplianceAudit:
    """Return an audit.

    Raises:
        ConfigError: the type or path is empty, the status is none, or findings are one text.
    """
    if not audit_type or not resource_path:
        raise ConfigError("an audit needs an audit_type and a resource_path")
    if isinstance(findings, str):
        raise ConfigError("findings are a list of texts, not one text")
    word = compliance_status.lower()
    word = _WORDS.get(word, word)
    if word not in list(AuditStatus):
        raise ConfigError(
            f"unknown compliance_status '{compliance_status}'; give one of {', '.join(AuditStatus)}"
        )
    return ComplianceAudit(audit_type, resource_path, AuditStatus(word), tuple(findings))


class AuditStore(Protocol):
    """Keeps audits. Many threads add at once."""

    def add(self, audit: ComplianceAudit) -> None:
        """Keep an audit; it is kept when this returns."""

    def audits(self) -> Iterator[ComplianceAudit]:
        """Yield all audits that are kept, in no order."""


class MemoryAudits:
    """Keeps audits as long as the program runs."""

    def __init__(self) -> None:
        self._audits: list[ComplianceAudit] = []

    def add(self, audit: ComplianceAudit) -> None:
        self._audits.append(audit)

    def audits(self) -> Iterator[ComplianceAudit]:
        yield from tuple(self._audits)


class TableAudits:
    """Keeps audits in a table `_lakestead_audits` of a workspace, made with its first audit.

    Args:
        warehouse: writes and reads it.
        schema: where the table is: catalog and schema.
    """

    def __init__(self, warehouse: Warehouse, schema: tuple[str, str]) -> None:
        self._warehouse = warehouse
        self._name = quote_name(*schema, TABLE)
        self._lock = threading.Lock()
        self._made = False

    def add(self, audit: ComplianceAudit) -> None:
        self._make()
        # A statement whose answer is lost is sent again: the audit is there once all the same.
        self._warehouse.repeat(
            f"MERGE INTO {self._name} AS kept USING (SELECT :id AS audit_id, :time AS audit_time,"
            " :type AS audit_type, :path AS resource_path, :status AS compliance_status,"
            " :findings AS findings) AS new ON kept.audit_id = new.audit_id WHEN NOT MATCHED THEN INSERT *",
            id=audit.audit_id,
            time=audit.audit_time,
            type=audit.audit_type,
            path=audit.resource_path,
            status=str(audit.compliance_status),
            findings=json.dumps(audit.findings, ensure_ascii=False),
        ).close()

    def audits(self) -> Iterator[ComplianceAudit]:
        self._make()
        for batch in self._warehouse.batches(f"SELECT * FROM {self._name}"):
            for row in batch.to_pylist():
                yield ComplianceAudit(
                    row["audit_type"],
                    row["resource_path"],
                    AuditStatus(row["compliance_status"]),
                    tuple(json.loads(row["findings"])),
                    row["audit_id"],
                    row["audit_time"],
                )

    def _make(self) -> None:
        with self._lock:
            if not self._made:
                self._warehouse.repeat(
                    f"CREATE TABLE IF NOT EXISTS {self._name} (audit_id STRING NOT NULL,"
                    " audit_time TIMESTAMP NOT NULL, audit_type STRING NOT NULL,"
                    " resource_path STRING NOT NULL, compliance_status STRING NOT NULL,"
                    " findings STRING NOT NULL COMMENT 'JSON')"
                    " COMMENT 'Compliance audits that programs told of'"
                ).close()
                self._made = True
