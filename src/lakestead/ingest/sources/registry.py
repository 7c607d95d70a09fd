"""The kinds of sources, by the name that a job's `source_type` gives."""

from __future__ import annotations

from lakestead.core.registry import Registry

SOURCES = Registry(
    "source type",
    {
        "postgres": "lakestead.ingest.sources.postgres:Postgres",
        "postgresql": "lakestead.ingest.sources.postgres:Postgres",
        "mysql": "lakestead.ingest.sources.mysql:MySQL",
        "mariadb": "lakestead.ingest.sources.mysql:MySQL",
        "mssql": "lakestead.ingest.sources.mssql:SQLServer",
        "azure_sql": "lakestead.ingest.sources.mssql:SQLServer",
        "oracle": "lakestead.ingest.sources.oracle:Oracle",
        "sqlite": "lakestead.ingest.sources.sqlite:SQLite",
        "duckdb": "lakestead.ingest.sources.duckdb:DuckDB",
        "api": "lakestead.ingest.sources.rest_api:RestApi",
        "rest_api": "lakestead.ingest.sources.rest_api:RestApi",
        "filesystem": "lakestead.ingest.sources.files:Files",
    },
    "lakestead.sources",
)
