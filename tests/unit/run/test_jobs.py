"""Jobs as a project places them: their targets, the types that it declares, and where mistakes are."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest import Job
from lakestead.run import load_project
from lakestead.run.ingestion import ProjectJobs

PROJECT = """\
name: shop
catalog: prod
schema: sales
tables:
  orders:
    columns: {id: int, amount: "decimal(10,2)", note: string}
ingest:
"""


def jobs(folder: Path, ingest: str) -> dict[str, Job]:
    (folder / "lakestead.yaml").write_text(PROJECT + ingest, encoding="utf-8")
    found = ProjectJobs(load_project(folder), folder, {}).load_jobs()
    return {job.name: job for job in found}


def types(job: Job) -> dict[str, str]:
    return {name: kind.sql for name, kind in job.types.items()}


def test_a_target_is_in_the_project_unless_it_says_otherwise(tmp_path: Path) -> None:
    found = jobs(
        tmp_path,
        "  defaults: {source_type: postgres, source_name: erp}\n"
        "  jobs:\n"
        "  - {name: here, table_name: customers}\n"
        "  - {name: there, table_name: customers, target_catalog: lab, target_schema: raw}\n",
    )
    assert (found["here"].target_catalog, found["here"].target_schema) == ("prod", "sales")
    assert (found["there"].target_catalog, found["there"].target_schema) == ("lab", "raw")


def test_columns_of_a_declared_table_are_read_in_its_types(tmp_path: Path) -> None:
    found = jobs(
        tmp_path,
        "  defaults: {source_type: postgres, source_name: erp, strategy: append}\n"
        "  jobs:\n"
        "  - {name: all, table_name: sales.Orders}\n"
        "  - {name: some, table_name: o, target_table: orders, columns: [ID, note]}\n"
        "  - {name: own, query: select 1 as id, target_table: orders, types: {ID: bigint}}\n"
        "  - {name: elsewhere, table_name: orders, target_schema: raw}\n"
        "  - {name: many, table_name: old_*}\n",
    )
    assert types(found["all"]) == {"id": "INT", "amount": "DECIMAL(10,2)", "note": "STRING"}
    assert types(found["some"]) == {"id": "INT", "note": "STRING"}
    assert types(found["own"]) == {"ID": "BIGINT", "amount": "DECIMAL(10,2)", "note": "STRING"}
    assert types(found["elsewhere"]) == types(found["many"]) == {}


@pytest.mark.parametrize(
    ("ingest", "message"),
    [
        (
            "  jobs:\n  - {source_type: postgres, sourc_name: erp}\n",
            r"lakestead\.yaml:9:41: unknown key 'sourc_name'",
        ),
        ("  defaults: {}\n", r"lakestead\.yaml:8:3: the key 'jobs' is missing"),
        ("  jobs: 3\n", r"lakestead\.yaml:8:9: jobs: input should be a valid list"),
        ("  [1, 2]\n", r"lakestead\.yaml:8:3: ingest"),
        ("  jobs.yaml\n", r"jobs\.yaml: cannot be read"),
        ("  jobs.txt\n", r"jobs\.txt: must end in one of"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, ingest: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        jobs(tmp_path, ingest)
