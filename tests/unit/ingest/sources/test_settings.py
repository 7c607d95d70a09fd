"""Settings of databases: parts or a URL, and errors that show no value."""

from __future__ import annotations

from typing import Any

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest.sources.settings import ServerSettings, login


def test_a_url_is_taken_apart() -> None:
    url = "postgresql+psycopg2://me:p%40%2Fss@db.example.net/shop%20floor?sslmode=require"
    place = login(ServerSettings.read("crm", {"url": url, "options": {"application_name": "x"}}), "crm", 5432)
    assert (place.host, place.port, place.database) == ("db.example.net", 5432, "shop floor")
    assert (place.username, place.secret) == ("me", "p@/ss")
    assert place.options == {"sslmode": "require", "application_name": "x"}
    assert place.place == "db.example.net:5432/shop floor"
    assert "p@/ss" not in repr(place)


def test_parts_may_be_text_and_empty_ones_are_not_given() -> None:
    settings = ServerSettings.read("crm", {"host": "db", "port": "5433", "user": "me", "password": ""})
    place = login(settings, "crm", 5432)
    assert (place.port, place.username, place.secret) == (5433, "me", "")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "either 'host' or 'url' must be given"),
        ({"host": "db", "passwrod": "s3cret"}, "unknown key 'passwrod', did you mean 'password'"),
        ({"host": "db", "port": "s3cret"}, "'port': Input should be a valid integer"),
        ({"host": "db", "url": "x://s3cret@h"}, "'url' says where the database is: leave out host"),
        ({"url": "s3cret"}, "'url' is not of the form"),
        ({"url": "x://me:s3/cret@h"}, r"percent-encoded \(@ is %40"),
        ({"url": "x://me:s3cret@h:port/"}, "'url' is not of the form"),
    ],
)
def test_what_is_wrong_is_named_and_not_shown(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=rf"^\[sources.crm\]: .*{words}") as caught:
        login(ServerSettings.read("crm", settings), "crm", 1)
    assert "s3" not in str(caught.value)
