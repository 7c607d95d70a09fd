"""Rows of a database become files of a folder, a bucket or a container, whole and by and by."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from lakestead.core.errors import ConfigError, ConnectionFailed, PolicyError, SourceError
from lakestead.ingest.destinations import ADLSGen2Destination, FilesystemDestination
from lakestead.ingest.loading.windows import Backfill

from .places import Database, Place, azure, load

_INCREMENTAL = {"load_type": "INCREMENTAL", "watermark_column": "changed"}
_ITEMS = "SELECT * FROM items ORDER BY ALL"
_ADD = "INSERT INTO items VALUES "


def test_a_full_load_takes_the_place_of_the_last(place: Place, database: Database) -> None:
    done = load(place, database, target_schema="Raw")
    assert (done.strategy, done.read, done.counts.inserted, done.source_rows) == ("replace", 5, 5, 5)
    assert place.rows("raw/items") == database.rows(_ITEMS)
    database.run("DELETE FROM items WHERE id < 4; UPDATE items SET name = NULL WHERE id = 5")
    assert load(place, database, target_schema="Raw").counts.inserted == 2
    assert place.rows("raw/items") == database.rows(_ITEMS)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    files = place.keys("raw/items/load_date=*/*.parquet")
    if place.form == "parquet":
        assert len(files) == 1
    assert re.fullmatch(rf"raw/items/load_date={today}/\d{{8}}T\d{{6}}Z-\w{{32}}-00000\.parquet", files[0])
    assert not place.keys("_lakestead/staging/**")


def test_late_and_equal_watermarks_lose_and_double_nothing(place: Place, database: Database) -> None:
    fields = _INCREMENTAL | {"lag": "2 hours"}
    first = load(place, database, **fields)
    assert (first.strategy, first.counts.inserted) == ("append", 5)
    assert first.after is not None
    assert first.after.value == datetime(2024, 1, 1, 4, tzinfo=UTC)
    unchanged = load(place, database, **fields)
    assert (unchanged.read, unchanged.counts.inserted, unchanged.files) == (4, 0, 0)
    # As late as the lag, at the watermark itself, just like one that is there, later than the lag, new.
    database.run(
        _ADD + "(10, 'late', 1, '2024-01-01 02:00:00+00'), (11, 'equal', 1, '2024-01-01 04:00:00+00'),"
        " (5, 'item 5', 6.25, '2024-01-01 04:00:00+00'), (12, 'lost', 1, '2024-01-01 01:59:59+00'),"
        " (13, 'new', 1, '2024-01-01 05:00:00+00')"
    )
    assert load(place, database, **fields).counts.inserted == 4
    assert load(place, database, **fields).counts.inserted == 0
    assert place.rows("items") == database.rows("SELECT * FROM items WHERE id <> 12 ORDER BY ALL")


def test_many_rows_come_again_beside_many_new_ones(folder: Place, database: Database) -> None:
    load(folder, database, **_INCREMENTAL)
    database.run(
        "INSERT INTO items SELECT i, 'more', 1, TIMESTAMPTZ '2024-01-02 00:00:00+00' + INTERVAL (i) SECOND"
        " FROM range(2500) r(i)"
    )
    done = load(folder, database, **_INCREMENTAL)
    assert (done.read, done.counts.inserted) == (2502, 2500)
    assert folder.rows("items") == database.rows(_ITEMS)


def test_a_lag_that_has_grown_doubles_nothing(folder: Place, database: Database) -> None:
    load(folder, database, **_INCREMENTAL)
    database.run(_ADD + "(9, 'late', 1, '2024-01-01 02:00:00+00')")
    done = load(folder, database, **_INCREMENTAL | {"lag": "3 hours"})
    assert (done.read, done.counts.inserted) == (6, 1)
    assert folder.rows("items") == database.rows(_ITEMS)


def test_a_job_that_becomes_incremental_goes_on_from_what_is_there(folder: Place, database: Database) -> None:
    load(folder, database)
    database.run(_ADD + "(9, 'new', 1, '2024-01-01 09:00:00+00')")
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 1
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 0
    assert folder.rows("items") == database.rows(_ITEMS)


def test_two_jobs_fill_one_table(folder: Place, database: Database) -> None:
    for job in ("east", "west"):
        load(folder, database, name=job, **_INCREMENTAL)
    database.run(_ADD + "(9, 'new', 1, '2024-01-01 09:00:00+00')")
    for job in ("east", "west"):
        assert load(folder, database, name=job, **_INCREMENTAL).counts.inserted == 1
    assert len(folder.rows("items")) == 12


def test_rows_without_a_watermark_are_not_doubled(folder: Place, database: Database) -> None:
    database.run("UPDATE items SET changed = NULL")
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 5
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 0
    database.run(_ADD + "(6, 'new', 1, '2024-01-01 05:00:00+00')")
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 1
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 0
    assert folder.rows("items") == database.rows(_ITEMS)


def test_too_many_rows_at_one_watermark_are_refused(folder: Place, database: Database) -> None:
    database.run(
        "INSERT INTO items SELECT i, 'same', 1, TIMESTAMPTZ '2024-01-02 00:00:00+00' FROM range(200001) r(i)"
    )
    with pytest.raises(ConfigError, match=r"200001 rows have the changed 2024-01-02 .* at most 200000"):
        load(folder, database, **_INCREMENTAL | {"chunk_size": 300_000})
    assert not folder.keys("items/load_date=*/*")
    assert not folder.keys("_lakestead/staging/**")


def test_appending_whole_loads_keeps_all_of_them(folder: Place, database: Database) -> None:
    for _ in range(2):
        load(folder, database, strategy="append")
    assert len(folder.rows("items")) == 10


def test_a_backfill_adds_what_is_missing_and_the_next_run_does_not_double_it(
    folder: Place, database: Database
) -> None:
    fields = _INCREMENTAL | {"last_watermark": "2024-01-01T03:00:00Z"}
    assert load(folder, database, **fields).counts.inserted == 3
    database.run(
        _ADD + "(9, 'behind', 1, '2024-01-01 02:30:00+00'), (8, 'ahead', 1, '2024-01-01 09:00:00+00')"
    )
    filled = load(folder, database, backfill=Backfill("2024-01-01T01:00:00Z", None), **fields)
    assert (filled.read, filled.counts.inserted) == (7, 4)
    assert filled.after == filled.before
    assert load(folder, database, **fields).counts.inserted == 0
    assert folder.rows("items") == database.rows(_ITEMS)
    with pytest.raises(ConfigError, match="a backfill would leave only its own"):
        load(
            folder, database, backfill=Backfill(None, None), watermark_column="changed", target_table="other"
        )


def test_columns_come_and_go(folder: Place, database: Database) -> None:
    load(folder, database, **_INCREMENTAL)
    database.run(
        "ALTER TABLE items ADD COLUMN note VARCHAR;"
        "INSERT INTO items VALUES (6, 'six', 6, '2024-01-01 04:00:00+00', 'noted')"
    )
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 1
    assert folder.rows("items") == database.rows(_ITEMS)
    rows = database.rows(_ITEMS)
    database.run(
        "ALTER TABLE items DROP COLUMN name; INSERT INTO items VALUES (7, 7, '2024-01-01 04:00:00+00', NULL)"
    )
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 1
    assert load(folder, database, **_INCREMENTAL).counts.inserted == 0
    seventh = (7, None, Decimal("7.00"), datetime(2024, 1, 1, 4, tzinfo=UTC), None)
    assert folder.rows("items", "SELECT id, name, amount, changed, note FROM rows ORDER BY id") == [
        *rows,
        seventh,
    ]


@pytest.mark.parametrize(
    ("evolution", "change", "refused"),
    [
        ("freeze", "ADD COLUMN note VARCHAR", "has no column 'note'"),
        ("freeze", "ALTER id TYPE BIGINT", "'id' is INT, the source's is BIGINT now"),
        (
            "evolve",
            "ALTER id TYPE BIGINT",
            "'id' is INT, the source's is BIGINT now, and files that are there",
        ),
        ("evolve", "ALTER amount TYPE VARCHAR", "'amount' is DECIMAL"),
        ("discard_value", "ALTER amount TYPE VARCHAR", "'amount' is DECIMAL"),
        ("discard_row", "ADD COLUMN note VARCHAR", "cannot be rejected one by one"),
    ],
)
def test_changed_columns_that_do_not_go_into_the_files_are_refused(
    folder: Place, database: Database, evolution: str, change: str, refused: str
) -> None:
    fields = {"strategy": "append", "evolution": evolution}
    load(folder, database, **fields)
    database.run(f"ALTER TABLE items {change}")
    with pytest.raises(PolicyError, match=refused):
        load(folder, database, **fields)
    assert len(folder.rows("items")) == 5


def test_changed_columns_that_go_into_the_files_are_taken(folder: Place, database: Database) -> None:
    load(folder, database, strategy="append", evolution="discard_value")
    database.run("ALTER TABLE items ALTER id TYPE SMALLINT; ALTER TABLE items ADD COLUMN note VARCHAR")
    load(folder, database, strategy="append", evolution="discard_value")
    rows = folder.rows("items", "SELECT DISTINCT COLUMNS(*), typeof(id) FROM rows ORDER BY ALL")
    assert len(rows) == 5
    assert all(len(row) == 6 and row[-1] == "INTEGER" for row in rows)


def test_a_full_load_may_change_all_columns(folder: Place, database: Database) -> None:
    load(folder, database)
    database.run(
        "DROP TABLE items; CREATE TABLE items AS SELECT 'a' AS id, TIMESTAMP '2024-01-01 10:00' AS t"
    )
    load(folder, database)
    assert folder.rows("items") == [("a", datetime(2024, 1, 1, 10))]  # noqa: DTZ001 - it has no zone
    database.run("ALTER TABLE items ADD COLUMN u INTEGER")
    with pytest.raises(PolicyError, match="has no column 'u'"):
        load(folder, database, evolution="freeze")


def test_a_table_without_rows_has_its_columns(folder: Place, database: Database) -> None:
    load(folder, database)
    database.run("DELETE FROM items")
    assert load(folder, database).counts.inserted == 0
    assert folder.rows("items", "SELECT count(*) FROM rows") == [(0,)]
    assert folder.rows("items", "SELECT column_name FROM (DESCRIBE rows)") == [
        (name,) for name in ("id", "name", "amount", "changed", "load_date")
    ]


def test_types_are_kept(folder: Place, database: Database) -> None:
    database.run(
        "DROP TABLE items; CREATE TABLE items AS SELECT 1::TINYINT AS a, 2::SMALLINT AS b, 3::BIGINT AS c,"
        " 1.5::FLOAT AS d, 'NaN'::DOUBLE AS e, 12345678901234567890123456789012345.678::DECIMAL(38, 3) AS f,"
        " true AS g, DATE '0001-01-01' AS h, TIMESTAMP '9999-12-31 23:59:59.999999' AS i,"
        " '\\x00\\xFF'::BLOB AS j, ['x', NULL] AS k, {'l': 1, 'm': ['y']} AS \"o p\","
        " TIMESTAMP '2024-01-01 00:00:00' AS changed"
    )
    for _ in range(2):
        load(folder, database, **_INCREMENTAL)
    assert len(folder.rows("items")) == 1
    kinds = folder.rows("items", "SELECT typeof(COLUMNS(* EXCLUDE load_date)) FROM rows")[0]
    assert kinds == (
        "TINYINT", "SMALLINT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(38,3)", "BOOLEAN", "DATE", "TIMESTAMP",
        "BLOB", "VARCHAR[]", "STRUCT(l INTEGER, m VARCHAR[])", "TIMESTAMP",
    )  # fmt: skip
    assert folder.rows("items", "SELECT f, j, k, o_p FROM rows") == database.rows(
        'SELECT f, j, k, "o p" FROM items'
    )


def test_what_files_cannot_hold_is_refused(folder: Place, database: Database) -> None:
    with pytest.raises(PolicyError, match="do not hold the column 'name' as VARIANT"):
        load(folder, database, types={"name": "variant"})
    database.run("ALTER TABLE items RENAME COLUMN changed TO Load_Date")
    with pytest.raises(PolicyError, match="'Load_Date' is called as the folders are"):
        load(folder, database)


def test_a_folder_has_one_format(tmp_path: Path, database: Database) -> None:
    parquet, delta = (Place(str(tmp_path / "lake"), form=form) for form in ("parquet", "delta"))
    load(parquet, database)
    load(delta, database, target_table="other")
    with pytest.raises(ConfigError, match=r"items is parquet, target_format is delta now"):
        load(delta, database)
    with pytest.raises(ConfigError, match=r"items has Parquet files that are of no Delta table"):
        load(delta, database, name="another job")
    with pytest.raises(ConfigError, match=r"other is a Delta table"):
        load(parquet, database, name="another job", target_table="other")


def test_a_source_that_fails_leaves_nothing(folder: Place, database: Database) -> None:
    load(folder, database)
    before = folder.keys()
    database.run("CREATE VIEW broken AS SELECT id, error('no more') AS x FROM items WHERE id > 3")
    with pytest.raises(SourceError, match="no more"):
        load(folder, database, table_name="broken", target_table="items", name="shop.items")
    assert folder.keys() == before


def test_usual_readers_see_a_partitioned_table(tmp_path: Path, database: Database) -> None:
    place = Place((tmp_path / "lake").as_uri())
    load(place, database, strategy="append")
    found = ds.dataset(tmp_path / "lake" / "items", partitioning="hive").to_table()
    assert found.num_rows == 5
    assert found.column_names == ["id", "name", "amount", "changed", "load_date"]
    mode = next((tmp_path / "lake" / "items").rglob("*.parquet")).stat().st_mode
    assert mode & 0o777 == database.path.stat().st_mode & 0o777


def test_files_are_compared_byte_by_byte_if_asked(folder: Place, database: Database) -> None:
    assert load(folder, database, reconcile="hash").counts.inserted == 5
    assert '"digest": "' in folder.store().read(folder.keys("_lakestead/state/**/*.json")[0]).decode()


def test_what_is_known_of_a_container_shows_no_secret(request: pytest.FixtureRequest) -> None:
    place = azure(request, signed=True)
    with closing(ADLSGen2Destination("adls_gen2", place.secrets)) as destination:
        assert destination.get_destination_type() == "filesystem"
        assert destination.validate_connection()
        known = destination.get_metadata()
        assert known["bucket_url"].startswith("abfss://")
        assert "write" in known["signature"]
        assert known["until"].endswith("UTC")
        token = place.credentials["azure_storage_sas_token"].partition("sig=")[2]
        assert token not in str(known) + repr(destination)
        config = destination.get_dlt_destination_config()
        assert config["destination"].destination_type == "dlt.destinations.filesystem"


def test_a_container_that_may_only_be_read_is_refused(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    place = azure(request, signed=True)
    container = place.url.partition("://")[2].partition("@")[0]
    token = request.getfixturevalue("azurite").other.sas(container, "rl")
    place.credentials["azure_storage_sas_token"] = token
    with closing(ADLSGen2Destination("adls_gen2", place.secrets)) as destination:
        assert not destination.validate_connection()
        with pytest.raises(ConnectionFailed, match="refuses the credentials"):
            destination.check()
    assert "refuses the credentials" in caplog.text
    assert token.partition("sig=")[2] not in caplog.text


def test_a_folder_that_cannot_be_written_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with closing(FilesystemDestination("files", Place("/proc/nothing").secrets)) as destination:
        assert not destination.validate_connection()
    assert "file:///proc/nothing cannot be written" in caplog.text


def test_mistakes_in_the_secrets_are_named() -> None:
    with pytest.raises(ConfigError, match="bucket_url is missing"):
        FilesystemDestination("files", {"destination": {"type": "filesystem"}})
    with pytest.raises(ConfigError, match="not in Azure"):
        ADLSGen2Destination("adls_gen2", {"destination": {"filesystem": {"bucket_url": "s3://raw"}}})
