"""The mail server's URL, and what PagerDuty gets."""

from __future__ import annotations

import pytest

from lakestead.core.errors import ConfigError
from lakestead.workspace.notifications.channels import pagerduty_body
from lakestead.workspace.notifications.message import Message
from lakestead.workspace.notifications.smtp import smtp_server


def test_the_mail_servers_url() -> None:
    server = smtp_server("smtp://me%40x:p%3Aw@mail.example.com:587?from=a@b.c")
    assert server is not None
    assert (server.host, server.port, server.user, server.password) == (
        "mail.example.com",
        587,
        "me@x",
        "p:w",
    )
    assert (server.sender, server.tls, server.local) == ("a@b.c", False, False)
    assert "p:w" not in repr(server)
    secure = smtp_server("smtps://localhost?from=a@b.c")
    assert secure is not None
    assert (secure.port, secure.tls, secure.local) == (465, True, True)
    assert smtp_server(None) is smtp_server("") is None


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://me:hush@x?from=a@b.c",
        "smtp://me:hush@x",
        "smtp://me:hush@x:port?from=a@b.c",
        "smtp://me:hush@x?from=a@b.c&starttls=1",
        "smtp://?from=a@b.c",
    ],
)
def test_what_is_no_mail_server_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="LAKESTEAD_SMTP_URL must be") as refused:
        smtp_server(url)
    assert "hush" not in str(refused.value)


def test_pagerduty_is_told_of_the_end_too() -> None:
    for kind, action in (("alert.triggered", "trigger"), ("alert.ok", "resolve")):
        event = pagerduty_body("key", Message(kind, "subject", "body", "http://here", key="alert/1"))
        assert (event["routing_key"], event["event_action"], event["dedup_key"]) == ("key", action, "alert/1")
        assert event["payload"]["summary"] == "subject"
        assert event["links"] == [{"href": "http://here", "text": "Open"}]
