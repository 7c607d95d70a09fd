"""What laws and standards ask for, looked up in the workspace, and audits that programs tell of."""

from __future__ import annotations

from lakestead.govern.compliance.audits import AuditStatus, ComplianceAudit
from lakestead.govern.compliance.settings import FRAMEWORKS, ComplianceSettings

__all__ = ["FRAMEWORKS", "AuditStatus", "ComplianceAudit", "ComplianceSettings"]
