"""Notification destinations by the SDK: who may write them, and that their secrets are shown to nobody."""

from __future__ import annotations

import json

import pytest
from databricks.sdk.errors import DatabricksError, InvalidParameterValue, NotFound, PermissionDenied
from databricks.sdk.service.settings import (
    Config,
    DestinationType,
    EmailConfig,
    GenericWebhookConfig,
    MicrosoftTeamsConfig,
    PagerdutyConfig,
    SlackConfig,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql

HUSH = "hush-hush"
URL = f"https://hooks.example.com/{HUSH}"


def test_admins_keep_destinations_whose_secrets_nobody_sees(
    workspace_session: Workspace, sql: Sql, reader: Reader
) -> None:
    api = workspace_session.client().notification_destinations
    configs = {
        DestinationType.WEBHOOK: Config(
            generic_webhook=GenericWebhookConfig(url=URL, username=HUSH, password=HUSH)
        ),
        DestinationType.SLACK: Config(slack=SlackConfig(url=URL)),
        DestinationType.MICROSOFT_TEAMS: Config(microsoft_teams=MicrosoftTeamsConfig(url=URL)),
        DestinationType.PAGERDUTY: Config(pagerduty=PagerdutyConfig(integration_key=HUSH)),
        DestinationType.EMAIL: Config(email=EmailConfig(addresses=["me@example.com"])),
    }
    made = {kind: api.create(config=config, display_name=kind.value) for kind, config in configs.items()}
    ids = {one.id for one in made.values()}
    assert {one.destination_type for one in made.values()} == set(configs)
    listed = [one for one in api.list(page_size=2) if one.id in ids]
    assert {(one.destination_type, one.display_name) for one in listed} == {
        (one, one.value) for one in configs
    }

    webhook = made[DestinationType.WEBHOOK].id or ""
    shown = api.get(webhook).config
    assert shown
    assert shown.as_dict() == {
        "generic_webhook": {"url_set": True, "username_set": True, "password_set": True}
    }
    changed = api.update(webhook, display_name="new", config=configs[DestinationType.WEBHOOK])
    assert changed.display_name == "new"
    assert changed.destination_type is DestinationType.WEBHOOK
    assert "addresses" in str(api.get(made[DestinationType.EMAIL].id or "").as_dict())
    assert HUSH not in json.dumps([one.as_dict() for one in made.values()])
    audited = sql(
        "SELECT request_params FROM system.access.audit WHERE service_name = 'notificationDestinations'"
    )
    assert len(audited) >= 5
    assert HUSH not in str(audited)

    theirs = reader.client.notification_destinations
    assert theirs.get(webhook).config is None
    with pytest.raises(PermissionDenied):
        theirs.delete(webhook)
    for one in ids:
        api.delete(one or "")
    with pytest.raises(NotFound):
        api.get(webhook)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (Config(), "exactly one"),
        (Config(slack=SlackConfig(url=URL), email=EmailConfig(addresses=["a@b"])), "exactly one"),
        (Config(slack=SlackConfig(url="ftp://x")), "no URL of http"),
        (Config(slack=SlackConfig(oauth_token=HUSH)), "app of Slack"),
        (Config(generic_webhook=GenericWebhookConfig(username="a")), "generic_webhook.url"),
        (Config(email=EmailConfig(addresses=["me"])), "addresses"),
    ],
)
def test_what_can_be_sent_nothing_is_no_destination(
    workspace_session: Workspace, config: Config, said: str
) -> None:
    with pytest.raises(DatabricksError, match=said) as refused:
        workspace_session.client().notification_destinations.create(config=config, display_name="a")
    assert HUSH not in str(refused.value)


def test_the_type_stays(workspace_session: Workspace) -> None:
    api = workspace_session.client().notification_destinations
    made = api.create(config=Config(slack=SlackConfig(url=URL)), display_name="a").id or ""
    with pytest.raises(InvalidParameterValue, match="type"):
        api.update(made, config=Config(email=EmailConfig(addresses=["a@b"])))
    with pytest.raises(InvalidParameterValue, match="At least one"):
        api.update(made)
    api.delete(made)
