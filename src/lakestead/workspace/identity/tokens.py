"""Tokens and client secrets: made once, shown once, kept as hashes."""

from __future__ import annotations

import secrets
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.authenticate import hash_token
from lakestead.workspace.store.base import new_id, now_ms
from lakestead.workspace.store.principals import ClientSecret, Identity, Token

TokenKind = Literal["PERSONAL", "OAUTH"]
PERSONAL: TokenKind = "PERSONAL"
OAUTH: TokenKind = "OAUTH"
OAUTH_SECONDS = 3600
# As long as Databricks keeps a client secret at most, and by default.
SECRET_SECONDS = 730 * 24 * 3600


def issue(
    tx: Session,
    owner_id: int,
    *,
    creator_id: int | None = None,
    kind: TokenKind = PERSONAL,
    comment: str = "",
    lifetime_seconds: int | None = None,
) -> tuple[str, Token]:
    """Make a token.

    Args:
        tx: the transaction it is made in.
        owner_id: whose token it is.
        creator_id: who makes it; the owner unless it is made for another.
        kind: PERSONAL or OAUTH.
        comment: shown in lists of tokens.
        lifetime_seconds: None for one that does not expire.

    Returns:
        The secret, which is not stored and cannot be had again, and its record.
    """
    secret = ("dapi" if kind == PERSONAL else "doat") + secrets.token_hex(16)
    now = now_ms()
    token = Token(
        id=new_id(),
        owner_id=owner_id,
        creator_id=creator_id or owner_id,
        hash=hash_token(secret),
        kind=kind,
        comment=comment,
        created_at=now,
        expires_at=None if lifetime_seconds is None else now + lifetime_seconds * 1000,
    )
    tx.add(token)
    tx.flush()
    return secret, token


def is_valid(tx: Session, secret: str) -> bool:
    """Return whether a token is known and has not expired."""
    expires = tx.execute(select(Token.expires_at).where(Token.hash == hash_token(secret))).first()
    return expires is not None and (expires[0] is None or expires[0] > now_ms())


def personal(
    tx: Session, owner_id: int | None = None, creator_id: int | None = None
) -> list[tuple[Token, Identity]]:
    """Return personal tokens that have not expired, and whose they are, oldest first.

    Args:
        tx: an open transaction.
        owner_id: only those of this principal.
        creator_id: only those that this principal made.
    """
    query = (
        select(Token, Identity).join(Identity, Token.owner_id == Identity.id).where(Token.kind == PERSONAL)
    )
    if owner_id is not None:
        query = query.where(Token.owner_id == owner_id)
    if creator_id is not None:
        query = query.where(Token.creator_id == creator_id)
    found = tx.execute(query.order_by(Token.created_at, Token.id)).all()
    return [(row.Token, row.Identity) for row in found if (row.Token.expires_at or now_ms() + 1) > now_ms()]


def get(tx: Session, token_id: str, owner_id: int | None = None) -> tuple[Token, Identity]:
    """Return a personal token by its id.

    Args:
        tx: an open transaction.
        token_id: its id, which is not the secret.
        owner_id: it must be this principal's.

    Raises:
        ApiError: NOT_FOUND.
    """
    for token, owner in personal(tx, owner_id):
        if token.id == token_id:
            return token, owner
    raise ApiError(ErrorCode.NOT_FOUND, f"Token with ID {token_id} not found.")


def issue_secret(
    tx: Session, owner_id: int, lifetime_seconds: int = SECRET_SECONDS
) -> tuple[str, ClientSecret]:
    """Make a client secret of a service principal; return it, which is not stored, and its record."""
    secret = "dose" + secrets.token_hex(16)
    record = ClientSecret(
        id=new_id(),
        owner_id=owner_id,
        hash=hash_token(secret),
        expires_at=now_ms() + lifetime_seconds * 1000,
    )
    tx.add(record)
    tx.flush()
    return secret, record


def client_secrets(tx: Session, owner_id: int) -> list[ClientSecret]:
    """Return the client secrets of a service principal, oldest first."""
    query = select(ClientSecret).where(ClientSecret.owner_id == owner_id)
    return list(tx.execute(query.order_by(ClientSecret.created_at, ClientSecret.id)).scalars())


def exchange(tx: Session, client_id: str, client_secret: str) -> str | None:
    """Give an OAuth token for a client secret.

    Args:
        tx: the transaction the token is made in; tokens that have expired are removed in it.
        client_id: the service principal's application id.
        client_secret: one of its secrets.

    Returns:
        The token, good for :data:`OAUTH_SECONDS`; None when id or secret are not valid.
    """
    tx.execute(delete(Token).where(Token.kind == OAUTH, Token.expires_at <= now_ms()))
    query = (
        select(Identity.id)
        .join(ClientSecret, ClientSecret.owner_id == Identity.id)
        .where(
            Identity.name == client_id,
            Identity.active,
            ClientSecret.hash == hash_token(client_secret),
            ClientSecret.expires_at > now_ms(),
        )
    )
    owner_id = tx.execute(query).scalar_one_or_none()
    if owner_id is None:
        return None
    return issue(tx, owner_id, kind=OAUTH, lifetime_seconds=OAUTH_SECONDS)[0]
