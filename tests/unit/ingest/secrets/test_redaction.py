"""No text holds a secret."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakestead.ingest.secrets import RedactingFilter, Redactor, resolve

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("hunter2", "password 'hunter2' is wrong, hunter2"),
        ("p@ss/w rd&", "postgres://u:p%40ss%2Fw%20rd%26@h/db or p%40ss/w+rd%26 or p%40ss/w%20rd%26"),
        ('a"b\\c\nd', json.dumps({"token": 'a"b\\c\nd'})),
        ('a"b\\c\nd', repr({"token": 'a"b\\c\nd'})),
        ("?sv=2024&sig=abc%3D", "https://x/y?sv=2024&sig=abc%3D"),
        (" padded ", "token=padded;"),
        (PEM, "9w0BAQEFAASCBKcwggSj and MIIEvQIBADANBgkqhkiG"),
        ("postgres://u:hunter2@h/db", "FATAL: hunter2 is wrong"),
        ("postgres://u:p%40ss@h/db", "FATAL: p@ss is wrong"),
        ("Server=h;User Id=u;Password=hunter2;Encrypt=yes", "login failed with hunter2"),
        ("DefaultEndpointsProtocol=https;AccountKey=abcd1234==", "key abcd1234=="),
        ("42", "pin 42"),
    ],
)
def test_every_form_of_a_secret_is_masked(secret: str, text: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    masked = redactor.redact(text)
    assert "***" in masked
    for left in (secret, "hunter2", "p@ss", "p%40ss", "sig=", "padded", "9w0B", "MIIE", "abcd1234", 'a\\"b'):
        assert left not in masked


def test_short_secrets_do_not_eat_words() -> None:
    redactor = Redactor()
    redactor.add("a1")
    assert redactor.redact("a1 is in a123 and (a1)") == "*** is in a123 and (***)"


def test_of_two_secrets_the_longer_is_masked_whole() -> None:
    redactor = Redactor()
    for secret in ("token", "token-of-another"):
        redactor.add(secret)
    assert redactor.redact("token-of-another") == "***"


def test_an_empty_secret_masks_nothing() -> None:
    redactor = Redactor()
    redactor.add("")
    assert redactor.redact("nothing at all") == "nothing at all"


def test_which_values_are_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(
        """
[destination.filesystem.credentials]
azure_storage_account_name = "account"
azure_storage_account_key = "s-account-key"
azure_storage_sas_token = "?sig=s-sas"
[sources.erp]
host = "host"
database = "sales"
username = "reader"
password = "s-password"
pin_password = 4711
url = "mysql://u:s-in-url@h/db"
connection_string = "Server=h;Pwd=s-pwd"
api_key = "s-api-key"
api_key_name = "X-Key"
client_secret = "s-client"
auth_type = "bearer"
token_location = "header"
sasl_mechanism = "PLAIN"
""",
        encoding="utf-8",
    )
    path.chmod(0o600)
    found = resolve(path, {"DLT_ERP_TOKEN": "s-variable"})
    text = path.read_text(encoding="utf-8") + " s-variable 4711 s-pwd s-in-url"
    masked = found.redact(text)
    assert "s-" not in masked
    assert "4711" not in masked
    for plain in ("account", "host", "sales", "reader", "X-Key", "bearer", "header", "PLAIN"):
        assert f'"{plain}"' in masked


def logged(redactor: Redactor) -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(redactor))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger, stream


def test_logs_hold_no_secret() -> None:
    redactor = Redactor()
    redactor.add("hunter2")
    logger, stream = logged(redactor)
    logger.warning("log in with %s and %d", "hunter2", 5)
    logger.warning("plain hunter2 100%")
    logger.warning({"password": "hunter2"})
    try:
        raise ValueError("cannot use hunter2")
    except ValueError:
        logger.exception("failed", stack_info=True)
    text = stream.getvalue()
    assert "hunter2" not in text
    assert "log in with *** and 5" in text
    assert "plain *** 100%" in text
    assert "ValueError: cannot use ***" in text
    assert "Traceback" in text
    assert "Stack" in text


def test_a_secret_that_is_made_later_is_masked_too() -> None:
    redactor = Redactor()
    logger, stream = logged(redactor)
    redactor.add("sig-of-an-hour")
    logger.warning("signed: sig-of-an-hour")
    assert stream.getvalue() == "signed: ***\n"


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=4, max_size=30))
def test_any_secret_is_masked_in_any_form(secret: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    forms = [secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret), repr(secret)]
    masked = redactor.redact("\x00".join(forms))
    assert secret not in masked or secret.strip("\x00") == ""
