"""OAuth for machines: client secrets of service principals, and the tokens they give."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.identity import identities, tokens
from lakestead.workspace.identity.identities import IdentityKind
from lakestead.workspace.identity.scim.resources import Json
from lakestead.workspace.identity.scim.routes import admins
from lakestead.workspace.paging import DEFAULT_SIZE, page
from lakestead.workspace.store.principals import ClientSecret

MAX_SECRETS = 5
_SECONDS = re.compile(r"(\d{1,10})s")


class Create(Body):
    """Body of a new secret; ``lifetime`` is like ``3600s``."""

    lifetime: str | None = None


class Listed(Body):
    """Query parameters of the list of secrets."""

    page_size: int | None = None
    page_token: str | None = None


def create(call: Call) -> Json:
    """POST a new secret of a service principal; it is in this answer and nowhere else."""
    asked = call.parse(Create)
    with call.workspace.store.write() as tx:
        owner = identities.get(tx, IdentityKind.SERVICE_PRINCIPAL, call.path["id"])
        if len(tokens.client_secrets(tx, owner.id)) >= MAX_SECRETS:
            raise ApiError(
                ErrorCode.INVALID_REQUEST, f"A service principal has at most {MAX_SECRETS} client secrets."
            )
        secret, record = tokens.issue_secret(tx, owner.id, _lifetime(asked.lifetime))
        return _shown(record) | {"secret": secret}


def list_(call: Call) -> Json:
    """GET the secrets of a service principal, without what they are."""
    asked = call.arguments(Listed)
    with call.workspace.store.read() as tx:
        owner = identities.get(tx, IdentityKind.SERVICE_PRINCIPAL, call.path["id"])
        found = sorted(tokens.client_secrets(tx, owner.id), key=lambda one: one.id)
    chosen, token = page(found, lambda one: one.id, asked.page_size or DEFAULT_SIZE, asked.page_token)
    return {"secrets": [_shown(one) for one in chosen], "next_page_token": token or ""}


def delete(call: Call) -> None:
    """DELETE a secret; tokens that it gave last until they expire, as at Databricks."""
    with call.workspace.store.write() as tx:
        owner = identities.get(tx, IdentityKind.SERVICE_PRINCIPAL, call.path["id"])
        for one in tokens.client_secrets(tx, owner.id):
            if one.id == call.path["secret_id"]:
                tx.delete(one)
                return
    raise ApiError(ErrorCode.NOT_FOUND, f"Secret {call.path['secret_id']} not found.")


def discover(call: Call) -> Json:
    """GET where tokens are had."""
    root = f"{call.workspace.url}/oidc"
    return {
        "issuer": root,
        "authorization_endpoint": f"{root}/v1/authorize",
        "token_endpoint": f"{root}/v1/token",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": ["all-apis"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def give(call: Call) -> Response:
    """POST a client secret for a token (RFC 6749, section 4.4)."""
    form = {key: values[-1] for key, values in parse_qs(call.body.decode(errors="replace")).items()}
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "Only client_credentials is supported.")
    if form.get("scope", "all-apis") != "all-apis":
        return _refused("invalid_scope", "Only the scope all-apis is supported.")
    unknown = sorted(form.keys() - {"grant_type", "scope", "client_id", "client_secret"})
    if unknown:
        return _refused("invalid_request", f"Parameter '{unknown[0]}' is not supported.")
    client_id, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
    with call.workspace.store.write() as tx:
        token = tokens.exchange(tx, client_id, secret)
    if token is None:
        return _refused("invalid_client", "Client authentication failed.", 401)
    return JSONResponse(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": tokens.OAUTH_SECONDS,
            "scope": "all-apis",
        },
        headers={"Cache-Control": "no-store"},
    )


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, encoded = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError):
        return "", ""
    return client_id, secret


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)


def _lifetime(text: str | None) -> int:
    """Return seconds."""
    if text is None:
        return tokens.SECRET_SECONDS
    found = _SECONDS.fullmatch(text)
    if found is None or not 0 < int(found[1]) <= tokens.SECRET_SECONDS:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"A lifetime is from '1s' to '{tokens.SECRET_SECONDS}s', not '{text}'."
        )
    return int(found[1])


def _shown(record: ClientSecret) -> Json:
    return {
        "id": record.id,
        "status": "ACTIVE",
        "secret_hash": record.hash,
        "create_time": _time(record.created_at),
        "update_time": _time(record.created_at),
        "expire_time": _time(record.expires_at),
    }


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_SECRETS = "/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets"
_SDK = "databricks-sdk: service_principal_secrets_proxy"
ROUTES = [
    Route("POST", _SECRETS, create, admins, f"{_SDK}.create", "no scopes"),
    Route("GET", _SECRETS, list_, admins, f"{_SDK}.list"),
    Route("DELETE", f"{_SECRETS}/{{secret_id}}", delete, admins, f"{_SDK}.delete"),
    Route(
        "GET",
        "/oidc/.well-known/oauth-authorization-server",
        discover,
        witness="databricks-sdk: auth_type oauth-m2m",
        public=True,
    ),
    Route(
        "POST",
        "/oidc/v1/token",
        give,
        witness="databricks-sdk: auth_type oauth-m2m",
        partial="client credentials only; scope all-apis",
        public=True,
    ),
]
