"""What clients send to the notification destinations API."""

from __future__ import annotations

from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Body


def _http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no URL of http or https")
    return url


Url = Annotated[str, AfterValidator(_http)]
Address = Annotated[str, Field(pattern=r"^[^@\s,]+@[^@\s,]+$", max_length=320)]


class EmailConfig(Body):
    """E-mail addresses."""

    addresses: list[Address] = Field(min_length=1, max_length=100)


class WebhookConfig(Body):
    """A URL that takes JSON; what is not given of an existing one stays."""

    url: Url | None = None
    username: Annotated[str, Field(pattern="^[^:]*$")] | None = None
    password: str | None = None


class SlackConfig(Body):
    """An incoming webhook of Slack."""

    url: Url | None = None
    channel_id: str | None = None
    oauth_token: str | None = None


class TeamsConfig(Body):
    """A workflow of Microsoft Teams."""

    url: Url | None = None
    app_id: str | None = None
    auth_secret: str | None = None
    channel_url: str | None = None
    tenant_id: str | None = None


class PagerdutyConfig(Body):
    """A service of PagerDuty."""

    integration_key: Annotated[str, Field(min_length=1, max_length=100)]


# The type that each nested configuration makes a destination of.
TYPES = {
    "email": "EMAIL",
    "generic_webhook": "WEBHOOK",
    "slack": "SLACK",
    "microsoft_teams": "MICROSOFT_TEAMS",
    "pagerduty": "PAGERDUTY",
}


class Config(Body):
    """Exactly one kind of configuration."""

    email: EmailConfig | None = None
    generic_webhook: WebhookConfig | None = None
    slack: SlackConfig | None = None
    microsoft_teams: TeamsConfig | None = None
    pagerduty: PagerdutyConfig | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one kind of destination must be configured")
        return self

    @property
    def kind(self) -> str:
        """The name of the configuration that is given."""
        (name,) = self.model_dump(exclude_none=True)
        return str(name)

    def given(self) -> dict[str, Any]:
        """Return what is given of it.

        Raises:
            ApiError: NOT_IMPLEMENTED for destinations that are apps, which the workspace has no part in;
                INVALID_REQUEST when nothing is given.
        """
        found: dict[str, Any] = self.model_dump(exclude_none=True)[self.kind]
        if self.kind in ("slack", "microsoft_teams") and set(found) - {"url"}:
            raise unsupported("A destination that is an app of Slack or Microsoft Teams, not a webhook,")
        if not found:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"Field 'config.{self.kind}' is empty.")
        return found


class CreateDestination(Body):
    """The body of ``POST /api/2.0/notification-destinations``."""

    display_name: str = Field(min_length=1, max_length=250)
    config: Config


class UpdateDestination(Body):
    """The body of ``PATCH /api/2.0/notification-destinations/{id}``: what is not given stays."""

    display_name: str | None = Field(default=None, min_length=1, max_length=250)
    config: Config | None = None


class ListDestinations(Body):
    """The query of ``GET /api/2.0/notification-destinations``."""

    page_size: int | None = Field(default=None, ge=0)
    page_token: str | None = None
