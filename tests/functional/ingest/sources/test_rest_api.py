"""APIs as a source: pages of every kind, log-ins, retries, types, and errors that help and tell no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import ConfigError, ConnectionFailed, SourceError
from lakestead.ingest.sources.rest_api import RestApi
from lakestead.ingest.sources.source import Request, Window
from tests.servers.api import ApiServer


class Reading:
    """A source over the server, and what it gives."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.secrets: dict[str, Any] = {"base_url": server.url, "backoff": 0.001}
        self._opened: list[RestApi] = []

    def source(self) -> RestApi:
        self._opened.append(RestApi("crm", self.secrets))
        return self._opened[-1]

    def request(self, endpoint: str, window: Window | None = None, **options: Any) -> Request:
        own = {key: options.pop(key) for key in ("types", "columns") if key in options}
        return Request(window=window, options={"api_endpoint": endpoint, **options}, **own)

    def rows(self, endpoint: str, window: Window | None = None, **options: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for staged in self.source().extract(self.request(endpoint, window, **options), self.folder):
            rows += pq.read_table(staged.path).to_pylist()
            assert staged.rows == len(rows)
            staged.path.unlink()
        return rows

    def close(self) -> None:
        for source in self._opened:
            source.close()


@pytest.fixture
def reading(api_server: ApiServer, tmp_path: Path) -> Iterator[Reading]:
    api_server.rows = [{"id": number, "name": f"name {number}"} for number in range(35)]
    reading = Reading(api_server, tmp_path)
    yield reading
    reading.close()


PAGES: dict[str, Any] = {
    "header_link": "header_link",
    "json_link": "json_link",
    "offset": "offset",
    "page_number": {"type": "page_number", "base_page": 1},
    "cursor": {"type": "cursor", "cursor_path": "cursors.next", "cursor_param": "cursor"},
    "header_cursor": "header_cursor",
    "single": "single_page",
}


@pytest.mark.parametrize("kind", PAGES)
def test_all_pages_are_read_once(kind: str, reading: Reading) -> None:
    rows = reading.rows(kind, pagination_type=PAGES[kind])
    assert sorted(row["id"] for row in rows) == list(range(35))


@pytest.mark.parametrize("kind", ["header_link", "json_link"])
def test_pages_are_found_out(kind: str, reading: Reading) -> None:
    assert len(reading.rows(f"/{kind}")) == 35


def test_a_page_is_as_large_as_is_asked(reading: Reading) -> None:
    assert len(reading.rows("offset", pagination_type="offset", page_size=20)) == 35
    assert [asked.query for asked in reading.server.asked][:2] == [
        {"limit": "20", "offset": "0"},
        {"limit": "20", "offset": "20"},
    ]
    reading.server.asked.clear()
    numbered = {"type": "page_number", "base_page": 1}
    assert len(reading.rows("page_number", pagination_type=numbered, page_size=30)) == 35
    assert reading.server.asked[0].query == {"page": "1", "page_size": "30"}


def test_types_lose_nothing(reading: Reading) -> None:
    reading.server.rows = [
        {
            "id": 1,
            "big": 2**70,
            "x": 1,
            "at": "2025-01-31T10:00:00Z",
            "local": "2025-01-31T10:00:00",
            "day": "2025-01-31",
            "inner": {"a": [1, 2]},
            "code": "007",
            "empty": None,
        },
        {"id": 2, "x": 0.1, "at": "2025-01-31T10:00:00+02:00", "flag": True, "inner": None},
    ]
    source = reading.source()
    request = reading.request("single")
    assert {column.name: column.type.ddl for column in source.shape(request).columns} == {
        "id": "bigint",
        "big": "decimal(38,0)",
        "x": "double",
        "at": "timestamp",
        "local": "timestamp_ntz",
        "day": "date",
        "inner": "string",
        "code": "string",
        "empty": "string",
        "flag": "boolean",
    }
    first, second = reading.rows("single")
    assert first["big"] == Decimal(2**70)
    assert json.loads(first["inner"]) == {"a": [1, 2]}
    assert (first["code"], first["day"]) == ("007", date(2025, 1, 31))
    assert (second["at"], second["x"]) == (datetime(2025, 1, 31, 8, tzinfo=UTC), 0.1)
    types = {"inner": parse_type("struct<a: array<int>>"), "x": parse_type("decimal(9,2)")}
    typed = reading.rows("single", types=types, columns=("x", "inner"))
    assert typed[0] == {"x": Decimal("1.00"), "inner": {"a": [1, 2]}}


def test_shape_and_rows_are_of_one_fetch(reading: Reading) -> None:
    source = reading.source()
    request = reading.request("single")
    assert len(source.shape(request).columns) == 2
    assert source.count(request) == 35
    assert sum(staged.rows for staged in source.extract(request, reading.folder)) == 35
    assert source.count(request) == 35
    assert len(reading.server.asked) == 1


def test_the_window_is_asked_for_and_kept_to(reading: Reading) -> None:
    reading.server.rows = [{"id": day, "at": f"2025-01-{day:02d}T00:00:00Z"} for day in range(1, 31)]
    params = {"since": "{watermark}", "until": "{end:%d/%m/%Y}", "status": "open"}
    window = Window("at", datetime(2025, 1, 20, tzinfo=UTC))
    rows = reading.rows("single", window, params=params)
    assert [row["id"] for row in rows] == list(range(20, 31))
    assert reading.server.asked[-1].query == {"since": "2025-01-20T00:00:00Z", "status": "open"}

    window = Window("at", datetime(2025, 1, 20, tzinfo=UTC), datetime(2025, 1, 22, tzinfo=UTC))
    assert [row["id"] for row in reading.rows("single", window, params={"to": "{end:%d/%m/%Y}"})] == [20, 21]
    assert reading.server.asked[-1].query == {"to": "22/01/2025"}


LOGINS: dict[str, dict[str, Any]] = {
    "bearer": {"token": "s3cret-token"},
    "api_key": {"api_key": "s3cret-key", "api_key_name": "X-Key"},
    "http_basic": {"username": "me", "password": "s3cret-password"},
    "oauth2_client_credentials": {"client_id": "robot", "client_secret": "client-secret"},
}


@pytest.mark.parametrize("kind", LOGINS)
def test_log_ins(kind: str, reading: Reading) -> None:
    server = reading.server
    reading.secrets |= LOGINS[kind]
    if kind == "bearer":
        server.admit("Authorization", "Bearer s3cret-token")
    elif kind == "api_key":
        server.admit("X-Key", "s3cret-key")
    elif kind == "http_basic":
        server.admit_basic("me", "s3cret-password")
    else:
        reading.secrets["access_token_url"] = f"{server.url}/token"
        server.admit("Authorization", "Bearer token-of-robot")
    reading.source().check()
    assert len(reading.rows("json_link", auth_type=kind)) == 35
    assert len(reading.rows("json_link")) == 35  # by the keys that are given


def test_a_key_in_the_query(reading: Reading) -> None:
    reading.server.admit("key", "s3cret-key")
    reading.secrets |= {"api_key": "s3cret-key", "api_key_name": "key", "api_key_location": "query"}
    assert len(reading.rows("single")) == 35


@pytest.mark.parametrize("kind", LOGINS)
def test_a_refused_log_in_tells_no_secret(kind: str, reading: Reading) -> None:
    reading.server.admit("Authorization", "something else")
    secrets = LOGINS[kind]
    reading.secrets |= secrets
    if kind == "oauth2_client_credentials":
        reading.secrets |= {
            "access_token_url": f"{reading.server.url}/token",
            "client_secret": "s3cret-wrong",
        }
    with pytest.raises(
        ConnectionFailed, match="answered 401: the log-in is refused; check auth_type"
    ) as refused:
        reading.rows("single", auth_type=kind)
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(reading.source().__dict__)
    with pytest.raises(ConnectionFailed, match="401"):
        reading.source().check()


def test_failures_that_pass_are_waited_out(reading: Reading) -> None:
    reading.server.failures = [503, 500, 429]
    assert len(reading.rows("json_link")) == 35
    reading.server.failures = [429]
    reading.server.retry_after = "1"
    assert len(reading.rows("json_link")) == 35
    assert reading.server.failures == []


def test_failures_that_stay_are_told(reading: Reading) -> None:
    reading.secrets["max_attempts"] = 2
    reading.server.failures = [503, 503]
    with pytest.raises(SourceError, match=r"/json_link answered 503 .*not now.*try again later"):
        reading.rows("json_link")
    assert len(reading.server.asked) == 2
    reading.server.failures = [429, 429]
    with pytest.raises(SourceError, match=r"429 .*fewer requests"):
        reading.rows("json_link")
    with pytest.raises(SourceError, match=r"/nothing answered 404 .*check base_url and api_endpoint"):
        reading.rows("nothing", params={"token": "s3cret"})
    reading.secrets["base_url"] = "http://127.0.0.1:9"
    with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:9 cannot be reached"):
        reading.rows("single")


def test_no_rows_are_told_from_no_such_place(reading: Reading) -> None:
    assert len(reading.rows("wrapped", data_selector="payload.list", pagination_type="single_page")) == 35
    with pytest.raises(SourceError, match=r"'payload\.rows' selects nothing; the answer has: meta, payload"):
        reading.rows("wrapped", data_selector="payload.rows", pagination_type="single_page")
    with pytest.raises(SourceError, match="no objects"):
        reading.rows("wrapped", data_selector="meta.tags", pagination_type="single_page")
    with pytest.raises(SourceError, match="/text: the answer is no JSON"):
        reading.rows("text")
    reading.server.rows = []
    with pytest.raises(SourceError, match="/json_link gives no rows, so that its columns are not known"):
        reading.rows("json_link")
    types = {"id": parse_type("bigint")}
    declared = reading.source().shape(reading.request("json_link", types=types))
    assert [column.name for column in declared.columns] == ["id"]
    assert reading.rows("json_link", types=types) == []
    nothing_new = Window("at", "2025-01-01")
    assert reading.source().shape(reading.request("json_link", nothing_new)).columns == ()
    assert reading.rows("json_link", nothing_new) == []


def test_pages_without_end_and_pages_elsewhere_are_refused(reading: Reading) -> None:
    with pytest.raises(SourceError, match="/stuck gives the same page again"):
        reading.rows("stuck", pagination_type="page_number")
    reading.secrets["token"] = "s3cret-token"
    with pytest.raises(SourceError, match=r"the next page is at http://other\.example, another place"):
        reading.rows("elsewhere", pagination_type="json_link")


def test_mistakes_are_told_before_anything_is_asked(reading: Reading) -> None:
    with pytest.raises(ConfigError, match="unknown key 'tokn', did you mean 'token'"):
        RestApi("crm", {"base_url": "https://x", "tokn": "s3cret"})
    with pytest.raises(ConfigError, match="auth_type bearer needs token"):
        reading.rows("single", auth_type="bearer")
    with pytest.raises(ConfigError, match="pagination_type"):
        reading.rows("single", pagination_type="pages")
    with pytest.raises(ConfigError, match=r"pagination_type offset: .*unexpected keyword"):
        reading.rows("offset", pagination_type={"type": "offset", "lmit": 3})
    with pytest.raises(ConfigError, match="does not tell its resources"):
        reading.source().tables(None, "*")
    assert reading.server.asked == []


def test_nothing_is_left_in_the_home_folder(reading: Reading, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    program = (
        "import sys, pathlib\n"
        "from lakestead.ingest.sources.rest_api import RestApi\n"
        "from lakestead.ingest.sources.source import Request\n"
        f"source = RestApi('crm', {{'base_url': {reading.server.url!r}}})\n"
        "request = Request(options={'api_endpoint': 'json_link'})\n"
        f"print(sum(staged.rows for staged in source.extract(request, pathlib.Path({str(tmp_path)!r}))))\n"
    )
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=home, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "35"
    assert list(home.rglob("*")) == []
