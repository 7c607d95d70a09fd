"""Which workspace, and as whom."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lakestead.client import Profile

TOKEN = "dapi-of-this-test"

SHOW = """
from lakestead.client import Profile
profile = Profile({arguments})
print(profile.url, profile.http_path, profile.config.auth_type, profile.config.token)
"""


def show(arguments: str, environment: dict[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    """Resolve a profile in a process whose environment has these variables and no others of Databricks."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DATABRICKS_")}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SHOW.format(arguments=arguments)],
        env={**clean, "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A host that knows nothing: the SDK looks for its metadata, and goes on without."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, host: str) -> Path:
    """A home folder whose ~/.databrickscfg has the profile `prod`."""
    text = f"[prod]\nhost = {host}\ntoken = of-prod\nwarehouse_id = w-prod\n"
    (tmp_path / ".databrickscfg").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_token_is_never_shown() -> None:
    assert TOKEN not in repr(Profile(host="http://127.0.0.1", token=TOKEN))


def test_given_values_stand_above_the_environment(host: str, home: Path) -> None:
    others = {
        "DATABRICKS_CONFIG_PROFILE": "nowhere",
        "DATABRICKS_CLIENT_ID": "x",
        "DATABRICKS_CLIENT_SECRET": "y",
    }
    done = show(f"host='{host}', token='{TOKEN}', warehouse_id='w'", others, home)
    assert done.stdout.split() == [host, "/sql/1.0/warehouses/w", "pat", TOKEN], done.stderr


def test_a_profile_of_the_file(host: str, home: Path) -> None:
    done = show("name='prod'", {}, home)
    assert done.stdout.split() == [host, "/sql/1.0/warehouses/w-prod", "pat", "of-prod"], done.stderr


def test_the_environment(host: str, home: Path) -> None:
    environment = {
        "DATABRICKS_HOST": host,
        "DATABRICKS_TOKEN": TOKEN,
        "DATABRICKS_HTTP_PATH": "sql/1.0/warehouses/h",
    }
    done = show("", environment, home)
    assert done.stdout.split() == [host, "/sql/1.0/warehouses/h", "pat", TOKEN], done.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        ("name='nowhere'", (), "has no nowhere profile configured"),
        ("name='prod'", ("DATABRICKS_HOST",), "DATABRICKS_HOST would override the profile 'prod'"),
        ("", ("DATABRICKS_HOST",), "cannot log in to a workspace"),
        ("", ("DATABRICKS_HOST", "DATABRICKS_TOKEN"), "no SQL warehouse is named"),
    ],
)
def test_a_mistake_says_what_to_do(
    arguments: str, variables: tuple[str, ...], message: str, host: str, home: Path
) -> None:
    values = {"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": TOKEN}
    done = show(arguments, {name: values[name] for name in variables}, home)
    assert "ConfigError" in done.stderr
    assert message in done.stderr
    assert TOKEN not in done.stderr


def test_plain_http_gets_the_connectors_keywords(host: str) -> None:
    options = Profile(host=host, token=TOKEN, warehouse_id="w").sql_options()
    assert options["_connection_uri"] == f"{host}/sql/1.0/warehouses/w"
    assert options["server_hostname"] == host
    assert options["enable_telemetry"] is False
