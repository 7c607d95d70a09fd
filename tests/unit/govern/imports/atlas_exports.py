"""Exports of Atlas as its REST API gives them: two tables, the query between them, and its columns."""

from __future__ import annotations

from typing import Any

RAW, CLEAN, QUERY, STEP = "guid-raw", "guid-clean", "guid-query", "guid-step"
RAW_ID, CLEAN_KEY, FILE = "guid-raw-id", "guid-clean-key", "guid-file"
ENDED = 1_767_268_800_000  # 2026-01-01 12:00 UTC


def entity(guid: str, kind: str, name: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    attributes = {"qualifiedName": name, "name": name.partition("@")[0], **more.pop("attributes", {})}
    return {"guid": guid, "typeName": kind, "status": status, "attributes": attributes, **more}


def reference(guid: str, kind: str) -> dict[str, Any]:
    return {"guid": guid, "typeName": kind}


def classified(name: str, guid: str, **attributes: Any) -> dict[str, Any]:
    return {"typeName": name, "attributes": attributes, "entityGuid": guid, "propagate": True}


def bulk() -> dict[str, Any]:
    """The answer of `/api/atlas/v2/entity/bulk`."""
    raw = entity(
        RAW,
        "hive_table",
        "Sales.raw@cl1",
        attributes={"owner": "etl", "columns": [reference(RAW_ID, "hive_column")]},
        classifications=[classified("PII", RAW, level="high", until=None)],
    )
    clean = entity(CLEAN, "hive_table", "sales.clean@cl1", attributes={"owner": "ada"})
    query = entity(
        QUERY,
        "hive_process",
        "sales.clean@cl1:1767268800000",
        attributes={
            "inputs": [reference(RAW, "hive_table"), reference(FILE, "hdfs_path")],
            "outputs": [{"typeName": "hive_table", "uniqueAttributes": {"qualifiedName": "sales.clean@cl1"}}],
            "userName": "etl",
            "operationType": "CREATETABLE_AS_SELECT",
            "queryText": "create table clean as select id as key from raw",
            "startTime": ENDED - 1000,
            "endTime": ENDED,
        },
    )
    step = entity(
        STEP,
        "hive_column_lineage",
        "sales.clean@cl1:1767268800000:key",
        attributes={
            "query": reference(QUERY, "hive_process"),
            "inputs": [reference(RAW_ID, "hive_column")],
            "outputs": [reference(CLEAN_KEY, "hive_column")],
            "depenendencyType": "SIMPLE",
        },
    )
    gone = entity("guid-gone", "hive_table", "sales.gone@cl1", "DELETED")
    columns = [
        entity(RAW_ID, "hive_column", "sales.raw.ID@cl1", classifications=[classified("PII.Id", RAW_ID)]),
        entity(CLEAN_KEY, "hive_column", "sales.clean.key@cl1"),
    ]
    path = entity(
        FILE, "hdfs_path", "hdfs://nn:8020/in/raw.csv@cl1", attributes={"path": "hdfs://nn:8020/in/raw.csv"}
    )
    return {
        "entities": [raw, clean, query, gone],
        "referredEntities": {one["guid"]: one for one in [*columns, path, step]},
    }


def lineage() -> dict[str, Any]:
    """The answer of `/api/atlas/v2/lineage/{guid}`: headers, and relations by way of the process."""
    headers = [
        entity(RAW, "hive_table", "sales.raw@cl1", classificationNames=["PII"]),
        entity(CLEAN, "hive_table", "sales.clean@cl1"),
        entity("guid-load", "sqoop_load", "load@cl1"),
        entity(FILE, "aws_s3_v2_object", "s3a://bucket/in/raw.csv@cl1"),
    ]
    return {
        "baseEntityGuid": CLEAN,
        "lineageDirection": "BOTH",
        "lineageDepth": 3,
        "guidEntityMap": {one["guid"]: one for one in headers},
        "relations": [
            {"fromEntityId": RAW, "toEntityId": "guid-load", "relationshipId": "r1"},
            {"fromEntityId": FILE, "toEntityId": "guid-load", "relationshipId": "r2"},
            {"fromEntityId": "guid-load", "toEntityId": CLEAN, "relationshipId": "r3"},
        ],
    }
