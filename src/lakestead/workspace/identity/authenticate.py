"""The principal of each request, by its token."""

from __future__ import annotations

import hashlib
import threading

from sqlalchemy import select

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, load_principal
from lakestead.workspace.store.base import Store, now_ms
from lakestead.workspace.store.principals import Identity, Token


def hash_token(secret: str) -> str:
    """Return what is stored of a token. Tokens are long and random, so a plain hash cannot be reversed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Authenticator:
    """Finds the principal of a token; remembers it until an identity, group or token changes.

    Args:
        store: where tokens are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[Principal, int | None]] = {}
        self._lock = threading.Lock()

    def principal(self, digest: str) -> Principal:
        """Return whose token has this hash.

        Raises:
            ApiError: UNAUTHENTICATED when the token is unknown, expired, or its owner is not active.
        """
        known = self._known.get(digest)
        if known is None:
            known = self._load(digest)
        principal, expires = known
        if expires is not None and expires <= now_ms():
            raise ApiError(ErrorCode.UNAUTHENTICATED, "The access token has expired.")
        return principal

    def forget(self) -> None:
        """Look everything up again: an identity, a membership or a token has changed."""
        with self._lock:
            self._known.clear()

    def _load(self, digest: str) -> tuple[Principal, int | None]:
        with self._lock, self._store.read() as tx:
            found = tx.execute(
                select(Identity, Token.expires_at)
                .join(Token, Token.owner_id == Identity.id)
                .where(Token.hash == digest, Identity.active)
            ).first()
            if found is None:
                raise ApiError(ErrorCode.UNAUTHENTICATED, "The access token is missing or not valid.")
            known = (load_principal(tx, found.Identity), found.expires_at)
            self._known[digest] = known
            return known
