"""How each kind of destination is told: its payload, and where it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from lakestead.workspace.notifications.delivery import Undelivered, mail, post
from lakestead.workspace.notifications.message import Message
from lakestead.workspace.notifications.smtp import VARIABLE, SmtpServer

Config: TypeAlias = Mapping[str, Any]
_PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
# The longest summary that PagerDuty takes.
_SUMMARY = 1024


def email(config: Config, message: Message, smtp: SmtpServer | None) -> None:
    """Send a message to the addresses of a destination.

    Raises:
        Undelivered: as all channels do.
    """
    if smtp is None:
        raise Undelivered(f"the workspace has no mail server: {VARIABLE} is not set", again=False)
    mail(smtp, config["addresses"], message)


def webhook(config: Config, message: Message, _: SmtpServer | None) -> None:
    """POST a message with all its fields."""
    login = (config["username"], config.get("password") or "") if config.get("username") else None
    post(config["url"], webhook_body(message), login)


def slack(config: Config, message: Message, _: SmtpServer | None) -> None:
    """Send a message to an incoming webhook of Slack."""
    post(config["url"], slack_body(message))


def teams(config: Config, message: Message, _: SmtpServer | None) -> None:
    """Send a message to a workflow of Microsoft Teams."""
    post(config["url"], teams_body(message))


def pagerduty(config: Config, message: Message, _: SmtpServer | None) -> None:
    """Send a message as an event of PagerDuty."""
    post(_PAGERDUTY, pagerduty_body(config["integration_key"], message))


CHANNELS: Mapping[str, Callable[[Config, Message, SmtpServer | None], None]] = MappingProxyType(
    {"EMAIL": email, "WEBHOOK": webhook, "SLACK": slack, "MICROSOFT_TEAMS": teams, "PAGERDUTY": pagerduty}
)
"""By type of destination; each raises Undelivered when its message was not taken."""


def webhook_body(message: Message) -> dict[str, Any]:
    """Return what generic webhooks get."""
    return {
        **message.payload,
        "event_type": message.kind,
        "subject": message.subject,
        "body": message.body,
        "link": message.link,
    }


def slack_body(message: Message) -> dict[str, Any]:
    """Return a message in Slack's blocks; ``text`` is what is shown where those cannot be."""
    more = f"\n<{message.link}|Open>" if message.link else ""
    text = _slack_text(message.body) + more
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": message.subject[:150]}},
        {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}},
    ]
    return {"text": _slack_text(message.subject), "blocks": blocks}


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams_body(message: Message) -> dict[str, Any]:
    """Return a message as an adaptive card."""
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "text": message.subject,
                "weight": "Bolder",
                "size": "Medium",
                "wrap": True,
            },
            {"type": "TextBlock", "text": message.body, "wrap": True},
        ],
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def pagerduty_body(key: str, message: Message) -> dict[str, Any]:
    """Return a message as an event of version 2: a trigger, or the end of what was triggered."""
    event: dict[str, Any] = {
        "routing_key": key,
        "event_action": "resolve" if message.kind.endswith(".ok") else "trigger",
        "payload": {
            "summary": message.subject[:_SUMMARY],
            "source": "lakestead",
            "severity": "error",
            "custom_details": {"body": message.body, **message.payload},
        },
    }
    if message.key:
        event["dedup_key"] = message.key
    if message.link:
        event["links"] = [{"href": message.link, "text": "Open"}]
    return event
