"""Where secrets are looked for, and which place wins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.ingest.secrets import Secrets, resolve

NONE: Mapping[str, str] = {}


def secrets(folder: Path, text: str, environment: Mapping[str, str] = NONE, *names: str) -> Secrets:
    path = folder / "secrets.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return resolve(path, environment, names)


def test_the_file_as_it_is(tmp_path: Path) -> None:
    text = """
[destination]
type = "databricks"

[destination.databricks.credentials]
access_token = "dapi1"

[sources.erp]
host = "db"
port = 5432
tables = ["a", "b"]
"""
    tree = secrets(tmp_path, text).tree()
    assert tree.get("destination", {}).get("type", "filesystem") == "databricks"
    assert tree["destination"]["databricks"]["credentials"]["access_token"] == "dapi1"
    assert dict(tree["sources"]["erp"]) == {"host": "db", "port": 5432, "tables": ["a", "b"]}


def test_variables_win_over_the_file_ours_first(tmp_path: Path) -> None:
    text = '[sources.erp]\npassword = "of the file"\nhost = "db"\n'
    environment = {"DLT_ERP_PASSWORD": "ours", "SOURCES__ERP__PASSWORD": "dlt's", "SOURCES__ERP__PORT": "1"}
    found = secrets(tmp_path, text, environment)
    assert dict(found.source("erp")) == {"password": "ours", "host": "db", "port": "1"}
    entry = next(one for one in found.entries if one.path[-1] == "password")
    assert str(entry.origin) == "environment DLT_ERP_PASSWORD"
    shadows = [str(one) for one in entry.shadows]
    assert shadows == ["environment SOURCES__ERP__PASSWORD", f"{tmp_path}/secrets.toml:2"]


def test_variables_alone_are_enough_for_sources_that_jobs_name(tmp_path: Path) -> None:
    environment = {"DLT_MY_CRM_API_KEY": "k", "DLT_OTHER_PASSWORD": "x", "DLT_DATA_DIR": "/x", "HOME": "/"}
    found = resolve(tmp_path / "none.toml", environment, ["my crm"])
    assert found.tree() == {"sources": {"my crm": {"api_key": "k"}}}


def test_the_longest_source_that_fits_has_the_variable(tmp_path: Path) -> None:
    environment = {"DLT_ERP_PROD_PASSWORD": "p", "DLT_ERP_PASSWORD": "e"}
    found = resolve(tmp_path / "none.toml", environment, ["erp", "erp-prod"])
    assert dict(found.source("erp-prod")) == {"password": "p"}
    assert dict(found.source("erp")) == {"password": "e"}


def test_dlts_variables_of_other_sections(tmp_path: Path) -> None:
    environment = {
        "DESTINATION__TYPE": "filesystem",
        "DESTINATION__FILESYSTEM__CREDENTIALS__AWS_SECRET_ACCESS_KEY": "s",
        "SOURCES__CRM__AUTH__TOKEN": "t",
    }
    tree = secrets(tmp_path, '[destination]\ntype = "databricks"\n', environment).tree()
    assert tree == {
        "destination": {
            "type": "filesystem",
            "filesystem": {"credentials": {"aws_secret_access_key": "s"}},
        },
        "sources": {"crm": {"auth": {"token": "t"}}},
    }


def test_a_value_and_a_table_of_one_name_do_not_mix(tmp_path: Path) -> None:
    text = '[sources.erp.credentials]\nusername = "u"\npassword = "p"\n'
    found = secrets(tmp_path, text, {"DLT_ERP_CREDENTIALS": "postgres://x"})
    assert dict(found.source("erp")) == {"credentials": "postgres://x"}
    (entry,) = found.entries
    assert len(entry.shadows) == 2


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    found = secrets(tmp_path, '[sources.erp]\npassword = "p"\n', {"DLT_ERP_PASSWORD": ""})
    assert found.source("erp")["password"] == "p"


def test_sources_that_variables_cannot_tell_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'ERP-1' and 'erp_1' have the same variables DLT_ERP_1_…; rename"):
        resolve(tmp_path / "none.toml", NONE, ["ERP-1", "erp_1"])


def test_every_origin_has_its_line(tmp_path: Path) -> None:
    text = '''# a comment
[destination]
type = "databricks"  # another

[ sources."my crm" ]
key = """
[sources.erp]
host = 1
"""
token = 'x = 1'
auth.user = "u"
url = """one line"""
last = { a = 1, b = 2 }
many = [
  "x",
  "y = 2",
]
end = true
'''
    found = secrets(tmp_path, text)
    lines = {".".join(one.path): one.origin.place.rpartition(":")[2] for one in found.entries}
    inline = lines.pop("sources.my crm.last.a")
    assert inline == lines.pop("sources.my crm.last.b") == f"{tmp_path}/secrets.toml".rpartition(":")[2]
    assert lines == {
        "destination.type": "3",
        "sources.my crm.key": "6",
        "sources.my crm.token": "10",
        "sources.my crm.auth.user": "11",
        "sources.my crm.url": "12",
        "sources.my crm.many": "14",
        "sources.my crm.end": "18",
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[sources.erp]\npassword = hunter2\n", ":2:12: is not valid TOML: invalid value"),
        ('[sources.erp]\npassword = "hunter2\n', ":2:20: is not valid TOML: illegal character"),
        ('a = "hunter2"\na = "hunter3"\n', ":2:14: is not valid TOML: cannot overwrite a value"),
        ("[sources.erp\nx = 1", ":1:13: is not valid TOML"),
    ],
)
def test_toml_mistakes_name_the_line_and_no_value(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(ConfigError) as raised:
        secrets(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path}/secrets.toml{place}")
    assert "hunter" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_what_secrets_itself_cannot_have(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"\[secrets\] cannot have scop; it has scope, key_vault_url, profile"
    ):
        secrets(tmp_path, '[secrets]\nscop = "x"\n')
    with pytest.raises(ConfigError, match=r"\[secrets\] cannot have scope"):
        secrets(tmp_path, "[secrets]\nscope = 5\n")


def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text("", encoding="utf-8")
    path.chmod(0o640)
    ((place, text),) = resolve(path, NONE).warnings
    assert place == str(path)
    assert text.endswith(f"(mode 0640): chmod 600 {path}")
    path.chmod(0o600)
    assert resolve(path, NONE).warnings == ()


def test_nothing_shows_a_value(tmp_path: Path) -> None:
    text = '[sources.erp]\npassword = "hunter2"\n[sources.erp.auth]\ntoken = "hunter3"\n'
    found = secrets(tmp_path, text, {"DLT_ERP_USER": "hunter4"})
    tree = found.tree()
    shown = [repr(found), str(tree), f"{tree}", f"{tree['sources']['erp']}", repr(list(found.entries))]
    assert not any("hunter" in one for one in shown)
    assert "'password': ***" in shown[1]
    assert "DLT_ERP_USER" in shown[4]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("secret://only", "secret://scope/key"),
        ("secret:///key", "secret://scope/key"),
        ("secret://a/b/c", "secret://scope/key"),
        ("keyvault://a_b", "letters, digits, -"),
        ("keyvault://", "letters, digits, -"),
        ("keyvault://name", r"needs key_vault_url under \[secrets\]"),
    ],
)
def test_references_that_are_not_complete(tmp_path: Path, value: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        secrets(tmp_path, f'[sources.erp]\npassword = "{value}"\n')
    assert str(raised.value).startswith(f"{tmp_path}/secrets.toml:2: ")


def test_a_reference_is_shown_and_not_read_before_it_is_needed(tmp_path: Path) -> None:
    found = secrets(tmp_path, '[sources.erp]\npassword = "secret://ingest/erp"\nhost = "db"\n')
    origin = found.origin("sources", "erp", "password")
    assert str(origin) == f"{tmp_path}/secrets.toml:2 → secret://ingest/erp"
    assert found.get("sources", "erp", "host") == "db"
