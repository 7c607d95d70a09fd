from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakestead.workspace.sql.grammar.ast import (
    AnalyzeTable,
    AnalyzeTables,
    CacheTable,
    ClearCache,
    CopyInto,
    CopySource,
    Fragment,
    GetFile,
    Kind,
    ListFiles,
    Optimize,
    PutFile,
    Refresh,
    RemoveFile,
    Repair,
    ResetOption,
    Restore,
    SetOption,
    SetTimeZone,
    ShowOptions,
    UncacheTable,
    Unsupported,
    UseCatalog,
    UseSchema,
    Vacuum,
)

T = ("a", "t")

UPKEEP = [
    ("OPTIMIZE a.t", Optimize(T)),
    ("OPTIMIZE a.t FULL", Optimize(T, full=True)),
    ("OPTIMIZE '/p'", Optimize(("delta", "/p"))),
    (
        "OPTIMIZE a.t WHERE d >= '2020-01-01' AND x IN (1, 2) ZORDER BY (x, y.z)",
        Optimize(T, where=Fragment("d >= '2020-01-01' AND x IN (1, 2)", 0), zorder_by=(("x",), ("y", "z"))),
    ),
    ("OPTIMIZE a.t ZORDER BY x, y", Optimize(T, zorder_by=(("x",), ("y",)))),
    ("VACUUM a.t", Vacuum(T)),
    ("VACUUM delta.`/p` LITE RETAIN 0.5 HOURS DRY RUN", Vacuum(("delta", "/p"), "LITE", 0.5, dry_run=True)),
    ("VACUUM '/p' RETAIN 168 HOURS", Vacuum(("delta", "/p"), retain_hours=168.0)),
    ("RESTORE TABLE a.t TO VERSION AS OF 3", Restore(T, version=3)),
    ("RESTORE a.t VERSION AS OF 0", Restore(T, version=0)),
    ("RESTORE a.t TO TIMESTAMP AS OF '2020-01-01'", Restore(T, timestamp=Fragment("'2020-01-01'", 0))),
    (
        "RESTORE a.t TO TIMESTAMP AS OF current_timestamp() - INTERVAL '1' HOUR",
        Restore(T, timestamp=Fragment("current_timestamp() - INTERVAL '1' HOUR", 0)),
    ),
    ("ANALYZE TABLE a.t COMPUTE STATISTICS", AnalyzeTable(T)),
    ("ANALYZE TABLE a.t COMPUTE DELTA STATISTICS NOSCAN", AnalyzeTable(T, noscan=True)),
    ("ANALYZE TABLE a.t COMPUTE STATISTICS FOR ALL COLUMNS", AnalyzeTable(T, columns=())),
    ("ANALYZE TABLE a.t COMPUTE STATISTICS FOR COLUMNS x, y", AnalyzeTable(T, columns=("x", "y"))),
    ("ANALYZE TABLES IN a COMPUTE STATISTICS NOSCAN", AnalyzeTables(("a",), noscan=True)),
    ("CACHE TABLE a.t", CacheTable(T)),
    ("CACHE LAZY TABLE a.t OPTIONS ('storageLevel' = 'DISK_ONLY')", CacheTable(T, lazy=True)),
    ("UNCACHE TABLE IF EXISTS a.t", UncacheTable(T, if_exists=True)),
    ("CLEAR CACHE", ClearCache()),
    ("REFRESH a.t", Refresh(Kind.TABLE, T)),
    ("REFRESH TABLE a.t", Refresh(Kind.TABLE, T)),
    ("REFRESH FUNCTION a.t", Refresh(Kind.FUNCTION, T)),
    ("REPAIR TABLE a.t", Repair(T)),
    ("MSCK REPAIR TABLE a.t SYNC PARTITIONS", Repair(T, "SYNC PARTITIONS")),
    ("MSCK REPAIR TABLE a.t SYNC METADATA", Repair(T, "SYNC METADATA")),
    ("CACHE SELECT * FROM t", Unsupported("CACHE SELECT")),
    ("CACHE TABLE t AS SELECT 1", Unsupported("CACHE TABLE … AS query")),
    ("REFRESH MATERIALIZED VIEW v", Unsupported("REFRESH MATERIALIZED VIEW")),
    ("REFRESH '/p'", Unsupported("REFRESH 'path'")),
    ("ANALYZE TABLE t COMPUTE STORAGE METRICS", Unsupported("ANALYZE TABLE … COMPUTE STORAGE METRICS")),
    ("MSCK REPAIR PRIVILEGES t", Unsupported("MSCK REPAIR PRIVILEGES")),
]

P = CopySource("/Volumes/x")
FILES = [
    ("COPY INTO a.t FROM '/Volumes/x' FILEFORMAT = PARQUET", CopyInto(T, P, "PARQUET")),
    ("COPY INTO delta.`/p` FROM '/Volumes/x' FILEFORMAT = json", CopyInto(("delta", "/p"), P, "JSON")),
    ("COPY INTO a.t BY POSITION FROM '/Volumes/x' FILEFORMAT = CSV", CopyInto(T, P, "CSV", by_position=True)),
    ("COPY INTO a.t (x, `y z`) FROM '/Volumes/x' FILEFORMAT = CSV", CopyInto(T, P, "CSV", ("x", "y z"))),
    (
        "COPY INTO a.t FROM (SELECT _c0::int AS x, concat(_c1, ',') y FROM '/Volumes/x')\n"
        "FILEFORMAT = CSV VALIDATE 5 ROWS",
        CopyInto(
            T,
            CopySource("/Volumes/x", Fragment("_c0::int AS x, concat(_c1, ',') y", 0)),
            "CSV",
            validate=True,
            validate_rows=5,
        ),
    ),
    (
        "COPY INTO a.t FROM '/Volumes/x' FILEFORMAT = CSV VALIDATE ALL FILES = ('a.csv', 'b.csv')\n"
        "FORMAT_OPTIONS ('header' = 'true', inferSchema = false)\n"
        "COPY_OPTIONS ('force' = 'true', 'mergeSchema' = true)",
        CopyInto(
            T,
            P,
            "CSV",
            validate=True,
            files=("a.csv", "b.csv"),
            format_options=(("header", "true"), ("inferSchema", "false")),
            copy_options=(("force", "true"), ("mergeSchema", "true")),
        ),
    ),
    (
        "COPY INTO a.t FROM '/Volumes/x' FILEFORMAT = CSV PATTERN = 'part*.csv' VALIDATE",
        CopyInto(T, P, "CSV", validate=True, pattern="part*.csv"),
    ),
    (
        "COPY INTO a.t FROM 's3://b' WITH (CREDENTIAL cred) FILEFORMAT = ORC",
        CopyInto(T, CopySource("s3://b", credential="cred"), "ORC"),
    ),
    (
        "COPY INTO a.t FROM 's3://b' WITH\n"
        "(CREDENTIAL (AWS_ACCESS_KEY = 'k') ENCRYPTION (TYPE = 'AWS_SSE_C'))\n"
        "FILEFORMAT = ORC",
        CopyInto(
            T,
            CopySource("s3://b", credentials=(("AWS_ACCESS_KEY", "k"),), encryption=(("TYPE", "AWS_SSE_C"),)),
            "ORC",
        ),
    ),
    ("PUT '/tmp/a' INTO '/Volumes/c/s/v/a' OVERWRITE", PutFile("/tmp/a", "/Volumes/c/s/v/a", overwrite=True)),
    (
        "COPY INTO a.t FROM (SELECT a IS DISTINCT FROM b AS x, c.from FROM '/Volumes/x') FILEFORMAT = CSV",
        CopyInto(T, CopySource("/Volumes/x", Fragment("a IS DISTINCT FROM b AS x, c.from", 0)), "CSV"),
    ),
    ("PUT 'a' INTO 'b'", PutFile("a", "b")),
    ("GET '/Volumes/c/s/v/a' TO '/tmp/a'", GetFile("/Volumes/c/s/v/a", "/tmp/a")),
    ("REMOVE '/Volumes/c/s/v/a'", RemoveFile("/Volumes/c/s/v/a")),
    ("LIST '/Volumes/c/s/v' LIMIT 10", ListFiles("/Volumes/c/s/v", limit=10)),
    ("LIST '/Volumes/c/s/v' RECURSIVE", ListFiles("/Volumes/c/s/v", recursive=True)),
    ("LIST JARS", Unsupported("LIST JARS")),
    ("LIST 's3://b' WITH (CREDENTIAL c)", Unsupported("LIST … WITH (CREDENTIAL …)")),
]

SESSION = [
    ("USE CATALOG c", UseCatalog("c")),
    ("USE CATALOG 'c d'", UseCatalog("c d")),
    ("SET CATALOG c", UseCatalog("c")),
    ("USE s", UseSchema(("s",))),
    ("USE c.s", UseSchema(("c", "s"))),
    ("USE SCHEMA c.s", UseSchema(("c", "s"))),
    ("USE DATABASE `s t`;", UseSchema(("s t",))),
    ("USE catalog", UseSchema(("catalog",))),
    ("USE catalog.s", UseSchema(("catalog", "s"))),
    ("SET", ShowOptions()),
    ("SET -v", ShowOptions(verbose=True)),
    ("SET spark.sql.ansi.enabled;", ShowOptions("spark.sql.ansi.enabled")),
    ("SET a.b = c d", SetOption("a.b", "c d")),
    ("SET a=1;", SetOption("a", "1")),
    ("SET `a b` = 'it''s", SetOption("a b", "'it''s")),
    ("SET a = ", SetOption("a", "")),
    ("SET a = b = c", SetOption("a", "b = c")),
    ("SET tag = 1", SetOption("tag", "1")),
    ("SET TIME ZONE 'Europe/Berlin'", SetTimeZone("Europe/Berlin")),
    ("set time zone LOCAL", SetTimeZone(None)),
    ("RESET", ResetOption()),
    ("RESET a.b;", ResetOption("a.b")),
    ("SET VAR x = 1", Unsupported("SET VAR")),
    ("SET VARIABLE x = 1", Unsupported("SET VARIABLE")),
    ("SET TIME ZONE INTERVAL 2 HOURS", Unsupported("SET TIME ZONE INTERVAL")),
]


@pytest.mark.parametrize(("sql", "expected"), [*UPKEEP, *FILES, *SESSION])
def test_statement(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected


def test_inline_secrets_stay_out_of_the_repr(read: Callable[..., Any]) -> None:
    copy = read(
        "COPY INTO t FROM 's3://b' WITH (CREDENTIAL (AWS_SECRET_KEY = 'hidden')\n"
        "ENCRYPTION (MASTER_KEY = 'hidden')) "
        "FILEFORMAT = CSV"
    )
    assert copy.source.credentials == (("AWS_SECRET_KEY", "hidden"),)
    assert "hidden" not in repr(copy)
