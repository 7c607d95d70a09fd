"""One run of one peer, in a process and an environment of its own: `peers.py NAME JSON`.

It prints its seconds and the most memory that it had, as JSON; importing does not count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = Callable[[], object]


def duckdb_delta(given: dict[str, Any]) -> Work:
    """DuckDB's scanner of PostgreSQL, written by delta-rs."""
    import duckdb
    from deltalake import write_deltalake

    connection = duckdb.connect()
    connection.execute(f"LOAD '{given['extension']}'")
    connection.execute(f"ATTACH '{given['dsn']}' AS source (TYPE postgres, READ_ONLY)")

    def work() -> None:
        rows = connection.execute(f"SELECT * FROM source.public.{given['table']}").fetch_record_batch(122_880)
        write_deltalake(given["out"], rows)

    return work


def connectorx_delta(given: dict[str, Any]) -> Work:
    """The rows by connectorx in batches, written by delta-rs."""
    import connectorx
    from deltalake import write_deltalake

    def work() -> None:
        rows = connectorx.read_sql(
            given["url"],
            f"SELECT * FROM {given['table']}",
            return_type="arrow_stream",
            batch_size=100_000,
        )
        write_deltalake(given["out"], rows)

    return work


def dlt_database(given: dict[str, Any]) -> Work:
    """The sql_database of dlt with its fastest back end, into its filesystem destination as Delta."""
    import dlt
    from dlt.sources.sql_database import sql_table

    def work() -> None:
        table = sql_table(
            credentials=given["url"].replace("postgresql://", "postgresql+psycopg2://"),
            table=given["table"],
            backend="connectorx",
            backend_kwargs={"return_type": "arrow", "conn": given["url"]},
            reflection_level="full",
        )
        _dlt(dlt, given).run(table, table_format="delta", write_disposition="replace")

    return work


def dlt_files(given: dict[str, Any]) -> Work:
    """The filesystem source of dlt with its own readers, into its filesystem destination as Delta."""
    import dlt
    from dlt.sources.filesystem import filesystem, read_csv, read_jsonl, read_parquet

    readers: dict[str, Any] = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet}
    kind = given["format"]
    options = {"parquet": {"use_pyarrow": True}}.get(kind, {})

    def work() -> None:
        files = filesystem(bucket_url=Path(given["folder"]).as_uri(), file_glob=f"*.{kind}")
        rows = (files | readers[kind](**options)).with_name("files")
        _dlt(dlt, given).run(rows, table_format="delta", write_disposition="replace")

    return work


def _dlt(dlt: Any, given: dict[str, Any]) -> Any:
    return dlt.pipeline(
        "bench",
        pipelines_dir=given["work"],
        destination=dlt.destinations.filesystem(bucket_url=Path(given["out"]).as_uri()),
        dataset_name="bench",
    )


def ingestr(given: dict[str, Any]) -> Work:
    """The ingestr command, into Parquet or DuckDB: it writes no Delta."""
    command = [
        str(Path(sys.executable).parent / "ingestr"),
        "ingest",
        f"--source-uri={given['url']}",
        f"--source-table=public.{given['table']}",
        f"--dest-uri=duckdb:///{given['out']}.duckdb",
        "--dest-table=main.bench",
        "--yes",
    ]
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def delta_merge(given: dict[str, Any]) -> Work:
    """delta-rs' own merge, with pruning."""
    import pyarrow.parquet as pq
    from deltalake import DeltaTable

    source = pq.read_table(given["source"])
    on = " AND ".join(f"t.{key} = s.{key}" for key in given["keys"])

    def work() -> None:
        table = DeltaTable(given["out"])
        merge = table.merge(source, on, source_alias="s", target_alias="t", streamed_exec=False)
        merge.when_matched_update_all().when_not_matched_insert_all().execute()

    return work


def main() -> None:
    """Run what was asked for."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    work = globals()[sys.argv[1]](json.loads(sys.argv[2]))
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    sys.stdout.write("\n" + json.dumps({"seconds": seconds, "peak": _peak()}) + "\n")


def _peak() -> float | None:
    """Return the most resident memory of this process, MB; None where that is not known.

    What `getrusage` tells begins with the memory of the process that started this one.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return None
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e6


if __name__ == "__main__":
    main()
