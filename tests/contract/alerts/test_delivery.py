"""How notifications arrive, at real servers for webhooks and e-mail; what became of each is recorded."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lakestead.workspace.notifications.message import Message
from lakestead.workspace.notifications.service import STREAM, Notifications
from lakestead.workspace.notifications.smtp import smtp_server
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.notifications import NotificationDestination, WaitingNotification
from lakestead.workspace.system.log import Log
from tests.servers.inbox import Mails, Webhooks


class Parts:
    """Notifications with their store and their log."""

    def __init__(self, folder: Path, smtp: str | None = None) -> None:
        self.store = Store(folder / "metastore.db")
        self.log = Log(folder / "system.db")
        self.notifications = Notifications(self.store, self.log, smtp_server(smtp), waits=(0.01, 0.01))

    def destination(self, kind: str, **config: Any) -> str:
        with self.store.write() as tx:
            made = NotificationDestination(display_name=f"to {kind}", type=kind, config=config)
            tx.add(made)
            tx.flush()
            return made.id

    def waiting(self) -> int:
        with self.store.read() as tx:
            return len(tx.scalars(select(WaitingNotification.id)).all())

    def outcomes(self) -> list[tuple[str, str, int, str | None]]:
        """Return what was recorded of each message, once none waits."""
        deadline = time.monotonic() + 30
        while self.waiting():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self.log.flush()
        rows = [row for _, row in self.log.rows_after(STREAM, 0)]
        return sorted((row["destination"], row["outcome"], row["tries"], row["error"]) for row in rows)


@contextmanager
def parts(folder: Path, smtp: str | None = None) -> Iterator[Parts]:
    made = Parts(folder, smtp)
    yield made
    made.notifications.close()
    made.log.close()
    made.store.close()


def message(**fields: Any) -> Message:
    return Message("alert.triggered", "Drift <1>", "It *moved*.", "http://here/alert", key="one", **fields)


def parts_of(mail: EmailMessage) -> dict[str, list[str]]:
    """Return the words of a mail, by the type of its parts."""
    return {part.get_content_type(): part.get_content().split() for part in mail.iter_parts()}


def test_a_webhook_gets_all_fields_again_after_a_failure(tmp_path: Path, webhooks: Webhooks) -> None:
    with parts(tmp_path) as here:
        webhooks.failures[:] = [503, 429]
        place = here.destination("WEBHOOK", url=f"{webhooks.url}/hook", username="me", password="hush")
        here.notifications.send(message(destinations=(place,), payload={"alert": {"id": "1"}}))
        posted = webhooks.wait(3)
        assert {one.path for one in posted} == {"/hook"}
        assert posted[2].authorization == f"Basic {base64.b64encode(b'me:hush').decode()}"
        assert posted[2].body == {
            "event_type": "alert.triggered",
            "subject": "Drift <1>",
            "body": "It *moved*.",
            "link": "http://here/alert",
            "alert": {"id": "1"},
        }
        assert here.outcomes() == [("to WEBHOOK", "SENT", 3, None)]


def test_slack_and_teams_get_what_they_read(tmp_path: Path, webhooks: Webhooks) -> None:
    with parts(tmp_path) as here:
        places = tuple(
            here.destination(one, url=f"{webhooks.url}/{one}") for one in ("SLACK", "MICROSOFT_TEAMS")
        )
        here.notifications.send(message(destinations=places))
        posted = {one.path: one.body for one in webhooks.wait(2)}
        slack = posted["/SLACK"]
        assert slack["text"] == "Drift &lt;1&gt;"
        assert slack["blocks"][0]["text"]["text"] == "Drift <1>"
        assert slack["blocks"][1]["text"]["text"] == "It *moved*.\n<http://here/alert|Open>"
        card = posted["/MICROSOFT_TEAMS"]["attachments"][0]["content"]
        assert [one["text"] for one in card["body"]] == ["Drift <1>", "It *moved*."]
        assert card["actions"][0]["url"] == "http://here/alert"


def test_what_will_not_be_taken_is_not_sent_again(tmp_path: Path, webhooks: Webhooks) -> None:
    with parts(tmp_path) as here:
        webhooks.failures[:] = [403, 302]
        for _ in range(2):
            place = here.destination("WEBHOOK", url=f"{webhooks.url}/secret")
            here.notifications.send(message(destinations=(place,)))
        assert {one.path for one in webhooks.wait(2)} == {"/secret"}  # no redirect is followed
        found = here.outcomes()
        assert {error for *_, error in found} == {
            "the server answered with HTTP status 403",
            "the server answered with HTTP status 302",
        }
        assert {row[1:3] for row in found} == {("NOT_SENT", 1)}


def test_mail_arrives(tmp_path: Path, mails: Mails) -> None:
    with parts(tmp_path, mails.url) as here:
        place = here.destination("EMAIL", addresses=["one@example.com", "two@example.com"])
        here.notifications.send(
            message(destinations=(place,), recipients=("me@example.com", "nobody@example.com"))
        )
        found = {mail["To"]: mail for mail in mails.wait(2)}
        assert set(found) == {"me@example.com", "one@example.com, two@example.com"}
        mail = found["me@example.com"]
        assert (mail["From"], mail["Subject"]) == ("lakestead@example.com", "Drift <1>")
        assert mail.get_content().split() == ["It", "*moved*.", "http://here/alert"]
        here.notifications.send(message(recipients=("me@example.com",), html="<b>It</b>"))
        assert parts_of(mails.wait(3)[2]) == {
            "text/plain": ["It", "*moved*.", "http://here/alert"],
            "text/html": ["<b>It</b><p>http://here/alert</p>"],
        }
        assert here.outcomes() == [
            ("me@example.com", "SENT", 1, None),
            ("me@example.com", "SENT", 1, None),
            ("nobody@example.com", "NOT_SENT", 1, "the mail server refused all recipients: [550]"),
            ("to EMAIL", "SENT", 1, None),
        ]


def test_without_a_mail_server_it_is_recorded_why_nothing_was_sent(tmp_path: Path) -> None:
    with parts(tmp_path) as here:
        here.notifications.send(message(recipients=("me@example.com",)))
        ((_, outcome, _, error),) = here.outcomes()
        assert outcome == "NOT_SENT"
        assert error == "the workspace has no mail server: LAKESTEAD_SMTP_URL is not set"


def test_what_waits_is_sent_by_the_next_process(tmp_path: Path, webhooks: Webhooks) -> None:
    with parts(tmp_path) as here:
        place = here.destination("WEBHOOK", url=webhooks.url)
        here.notifications.close()  # as if it were killed before it could send
        here.notifications.send(message(destinations=(place,)))
        assert here.waiting() == 1
    with parts(tmp_path) as here:
        webhooks.wait(1)
        assert here.outcomes() == [("to WEBHOOK", "SENT", 1, None)]
    with parts(tmp_path) as here:
        assert len(here.outcomes()) == 1
    webhooks.wait(1)
