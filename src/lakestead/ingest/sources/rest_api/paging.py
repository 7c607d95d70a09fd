"""Makes dlt's paginators and log-ins from what a job and the secrets say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlt.sources.helpers.rest_client.auth import (
    APIKeyAuth,
    AuthConfigBase,
    BearerTokenAuth,
    HttpBasicAuth,
    OAuth2ClientCredentials,
)
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    HeaderCursorPaginator,
    HeaderLinkPaginator,
    JSONLinkPaginator,
    JSONResponseCursorPaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)
from requests import Session

from lakestead.core.errors import ConfigError

from .options import ApiRequest, AuthType, Settings

_KINDS: Mapping[str, type[BasePaginator] | None] = {
    "auto": None,
    "single_page": SinglePagePaginator,
    "header_link": HeaderLinkPaginator,
    "header_cursor": HeaderCursorPaginator,
    "json_link": JSONLinkPaginator,
    "cursor": JSONResponseCursorPaginator,
    "offset": OffsetPaginator,
    "page_number": PageNumberPaginator,
}
# They end at the first empty page, unless the job says where the total is.
_COUNTED = ("offset", "page_number")
_DEFAULT_SIZE = 100


def paginator(request: ApiRequest) -> tuple[BasePaginator | None, dict[str, Any]]:
    """Return the paginator of a request, None to find it out, and the parameters that ask for the page size.

    Raises:
        ConfigError: when the kind is unknown, or its arguments are.
    """
    said = request.pagination_type
    arguments: dict[str, Any] = dict(said) if isinstance(said, Mapping) else {"type": said}
    kind = arguments.pop("type", "auto")
    size_name = arguments.pop("page_size_param", None)
    if kind not in _KINDS:
        raise ConfigError(f"pagination_type: unknown type '{kind}'; known: {', '.join(_KINDS)}")
    if kind in _COUNTED:
        arguments.setdefault("total_path", None)
    if kind == "offset":
        arguments.setdefault("limit", request.page_size or _DEFAULT_SIZE)
    sizes = {size_name or "page_size": request.page_size} if request.page_size and kind != "offset" else {}
    made = _KINDS[kind]
    if made is None and arguments:
        raise ConfigError(
            f"pagination_type: auto has no arguments such as {', '.join(arguments)}; give its type"
        )
    try:
        return (made(**arguments) if made else None), sizes
    except (TypeError, ValueError) as error:
        raise ConfigError(f"pagination_type {kind}: {error}") from None


def login(settings: Settings, kind: AuthType, session: Session) -> AuthConfigBase | None:
    """Return what logs requests in; None for no log-in."""
    if kind == "bearer":
        return BearerTokenAuth(token=settings.text("token"))
    if kind == "api_key":
        return APIKeyAuth(
            name=settings.api_key_name, api_key=settings.text("api_key"), location=settings.api_key_location
        )
    if kind == "http_basic":
        return HttpBasicAuth(username=settings.text("username"), password=settings.text("password"))
    if kind == "oauth2_client_credentials":
        return OAuth2ClientCredentials(
            access_token_url=settings.text("access_token_url"),
            client_id=settings.text("client_id"),
            client_secret=settings.text("client_secret"),
            access_token_request_data={"scope": settings.scope} if settings.scope else {},
            session=session,
        )
    return None
