"""Names of span attributes and metrics: `genops.*`, as `schema.json` has them, and OpenTelemetry's own."""

from __future__ import annotations

from lakestead.core.attribution import Attribution

PROVIDER = "databricks_unity_catalog"
FRAMEWORK = "data_platform"
SPAN_PREFIX = "genops.databricks.unity_catalog."

GENOPS_PROVIDER = "genops.provider"
GENOPS_FRAMEWORK_TYPE = "genops.framework_type"
GENOPS_OPERATION_TYPE = "genops.operation_type"
GENOPS_WORKSPACE_URL = "genops.workspace_url"
GENOPS_METASTORE_ID = "genops.metastore_id"
GENOPS_CATALOG_NAME = "genops.catalog_name"
GENOPS_SCHEMA_NAME = "genops.schema_name"
GENOPS_TABLE_NAME = "genops.table_name"
GENOPS_WAREHOUSE_ID = "genops.sql_warehouse_id"
GENOPS_TEAM = "genops.team"
GENOPS_PROJECT = "genops.project"
GENOPS_ENVIRONMENT = "genops.environment"
GENOPS_COST_CENTER = "genops.cost_center"
GENOPS_COST_TOTAL = "genops.cost.total"
GENOPS_COST_CURRENCY = "genops.cost.currency"
GENOPS_COST_RESOURCE_TYPE = "genops.cost.resource_type"
GENOPS_ROW_COUNT = "genops.data.row_count"
GENOPS_SIZE_BYTES = "genops.data.size_bytes"
GENOPS_PII_TYPES = "genops.data.pii_types"
GENOPS_POLICY_CHECK = "genops.governance.policy_check"
GENOPS_POLICY_RULES = "genops.governance.policy_rules"
GENOPS_DATA_CLASSIFICATION = "genops.governance.data_classification"
GENOPS_LINEAGE_UPSTREAM = "genops.governance.lineage_upstream"
GENOPS_LINEAGE_DOWNSTREAM = "genops.governance.lineage_downstream"
GENOPS_COMPLIANCE_FRAMEWORKS = "genops.governance.compliance_frameworks"
GENOPS_RETENTION_DAYS = "genops.governance.data_retention_days"
GENOPS_CUSTOM = "genops.custom."

DB_SYSTEM_NAME = "db.system.name"
DB_NAMESPACE = "db.namespace"
DB_COLLECTION_NAME = "db.collection.name"
DB_OPERATION_NAME = "db.operation.name"
DB_BATCH_SIZE = "db.operation.batch.size"
DB_QUERY_SUMMARY = "db.query.summary"
DB_QUERY_TEXT = "db.query.text"
DB_STATUS_CODE = "db.response.status_code"
ERROR_TYPE = "error.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
HTTP_METHOD = "http.request.method"
HTTP_STATUS = "http.response.status_code"

# OpenTelemetry's list of systems has no Databricks; this is its name for those that it does not list.
DB_SYSTEM = "other_sql"

_ATTRIBUTION = {
    "team": GENOPS_TEAM,
    "project": GENOPS_PROJECT,
    "environment": GENOPS_ENVIRONMENT,
    "cost_center": GENOPS_COST_CENTER,
    "data_classification": GENOPS_DATA_CLASSIFICATION,
}


def of_attribution(attribution: Attribution) -> dict[str, str]:
    """Return what is known of who an operation is for, as span attributes."""
    return {_ATTRIBUTION[name]: value for name, value in attribution.known().items()}
