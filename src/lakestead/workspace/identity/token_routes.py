"""REST: personal tokens, one's own and, for admins, everybody's."""

from __future__ import annotations

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.identity import identities, tokens
from lakestead.workspace.identity.scim.resources import Json
from lakestead.workspace.identity.scim.routes import admins
from lakestead.workspace.store.principals import Identity, Token

MAX_LIFETIME_SECONDS = 100 * 365 * 24 * 3600


class Create(Body):
    """Body of a new token."""

    comment: str = ""
    lifetime_seconds: int | None = Field(default=None, ge=1, le=MAX_LIFETIME_SECONDS)


class CreateOnBehalf(Create):
    """Body of a new token for a service principal."""

    application_id: str


class Delete(Body):
    """Body of a revocation."""

    token_id: str


class Listed(Body):
    """Query parameters of the list of everybody's tokens."""

    created_by_id: int | None = Field(default=None, ge=0, lt=2**63)
    created_by_username: str | None = None


def create(call: Call) -> Json:
    """POST a new token of one's own; its secret is in this answer and nowhere else."""
    asked = call.parse(Create)
    with call.workspace.store.write() as tx:
        secret, token = tokens.issue(
            tx, call.principal.id, comment=asked.comment, lifetime_seconds=asked.lifetime_seconds
        )
        return {"token_value": secret, "token_info": _public(token)}


def list_(call: Call) -> Json:
    """GET one's own tokens."""
    with call.workspace.store.read() as tx:
        return {"token_infos": [_public(token) for token, _ in tokens.personal(tx, call.principal.id)]}


def delete(call: Call) -> None:
    """POST that a token of one's own ends, at once."""
    asked = call.parse(Delete)
    with call.workspace.store.write() as tx:
        tx.delete(tokens.get(tx, asked.token_id, call.principal.id)[0])
    call.workspace.authenticator.forget()


def create_on_behalf(call: Call) -> Json:
    """POST a new token of a service principal."""
    asked = call.parse(CreateOnBehalf)
    with call.workspace.store.write() as tx:
        owner = tx.execute(
            select(Identity).where(
                Identity.name == asked.application_id,
                Identity.kind == identities.IdentityKind.SERVICE_PRINCIPAL,
            )
        ).scalar_one_or_none()
        if owner is None:
            raise ApiError(
                ErrorCode.NOT_FOUND,
                f"Service principal with application ID {asked.application_id} not found.",
            )
        secret, token = tokens.issue(
            tx,
            owner.id,
            creator_id=call.principal.id,
            comment=asked.comment,
            lifetime_seconds=asked.lifetime_seconds,
        )
        return {"token_value": secret, "token_info": _managed(tx, token, owner)}


def list_all(call: Call) -> Json:
    """GET everybody's tokens."""
    asked = call.arguments(Listed)
    with call.workspace.store.read() as tx:
        found = [
            _managed(tx, token, owner) for token, owner in tokens.personal(tx, None, asked.created_by_id)
        ]
    if asked.created_by_username is not None:
        found = [one for one in found if one["created_by_username"] == asked.created_by_username]
    return {"token_infos": found}


def get_any(call: Call) -> Json:
    """GET anybody's token, without its secret."""
    with call.workspace.store.read() as tx:
        return {"token_info": _managed(tx, *tokens.get(tx, call.path["id"]))}


def delete_any(call: Call) -> None:
    """DELETE anybody's token; it ends at once."""
    with call.workspace.store.write() as tx:
        tx.delete(tokens.get(tx, call.path["id"])[0])
    call.workspace.authenticator.forget()


def _public(token: Token) -> Json:
    return {
        "token_id": token.id,
        "comment": token.comment,
        "creation_time": token.created_at,
        "expiry_time": -1 if token.expires_at is None else token.expires_at,
    }


def _managed(tx: Session, token: Token, owner: Identity) -> Json:
    creator = owner if token.creator_id == owner.id else tx.get(Identity, token.creator_id)
    return _public(token) | {
        "owner_id": owner.id,
        "created_by_id": token.creator_id,
        "created_by_username": "" if creator is None else creator.name,
    }


_ALL = "/api/2.0/token-management"
ROUTES = [
    Route(
        "POST", "/api/2.0/token/create", create, witness="databricks-sdk: tokens.create", partial="no scopes"
    ),
    Route("GET", "/api/2.0/token/list", list_, witness="databricks-sdk: tokens.list"),
    Route("POST", "/api/2.0/token/delete", delete, witness="databricks-sdk: tokens.delete"),
    Route(
        "POST",
        f"{_ALL}/on-behalf-of/tokens",
        create_on_behalf,
        admins,
        "databricks-sdk: token_management.create_obo_token",
        "no scopes",
    ),
    Route("GET", f"{_ALL}/tokens", list_all, admins, "databricks-sdk: token_management.list"),
    Route("GET", f"{_ALL}/tokens/{{id}}", get_any, admins, "databricks-sdk: token_management.get"),
    Route("DELETE", f"{_ALL}/tokens/{{id}}", delete_any, admins, "databricks-sdk: token_management.delete"),
]
