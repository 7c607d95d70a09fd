"""Browsers that have signed in: a cookie stands for the token with which they did."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.signing import LIFETIME_MS, Signer
from lakestead.workspace.store.base import now_ms

SESSION_MS = 12 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class _Invitation:
    digest: str
    expires_at: int


class Sessions:
    """Signs browsers in and out.

    The cookie holds the hash of a token, which is not the token: who reads it cannot use the API with it. It
    is signed, not sent with requests that other sites make, not shown to scripts, and ends with the token,
    after :data:`SESSION_MS`, or when the workspace stops.

    Args:
        signer: signs the cookies.
        url: where the workspace is served: cookies do not tell ports of a machine apart, so its name does.
    """

    def __init__(self, signer: Signer, url: str) -> None:
        self._signer = signer
        self._cookie = f"lakestead_{url.rsplit(':', 1)[-1].strip('/')}"
        self._invitations: dict[str, _Invitation] = {}
        self._lock = threading.Lock()

    def invite(self, digest: str) -> str:
        """Return a code with which one browser can sign in once, within a quarter of an hour.

        Args:
            digest: the hash of the token that the session will stand for.
        """
        code, now = secrets.token_urlsafe(24), now_ms()
        with self._lock:
            for old in [key for key, one in self._invitations.items() if one.expires_at <= now]:
                del self._invitations[old]
            self._invitations[code] = _Invitation(digest, now + LIFETIME_MS)
        return code

    def accept(self, code: str) -> str:
        """Return the hash of the token that a code is for; the code is used up.

        Raises:
            ApiError: UNAUTHENTICATED when it is unknown, was used, or has expired.
        """
        with self._lock:
            invitation = self._invitations.pop(code, None)
        if invitation is None or invitation.expires_at <= now_ms():
            raise ApiError(ErrorCode.UNAUTHENTICATED, "The link was used before, or has expired.")
        return invitation.digest

    def open(self, response: Response, digest: str) -> None:
        """Give a browser the cookie of a session.

        Args:
            response: what the browser gets.
            digest: the hash of its token.
        """
        value = self._signer.seal(digest, now_ms() + SESSION_MS)
        response.set_cookie(
            self._cookie, value, max_age=SESSION_MS // 1000, httponly=True, samesite="strict", path="/"
        )

    def close(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(self._cookie, httponly=True, samesite="strict", path="/")

    def digest(self, request: Request) -> str:
        """Return the hash of the token that a browser has signed in with.

        Raises:
            ApiError: UNAUTHENTICATED when it has not; PERMISSION_DENIED when another site makes the request.
        """
        check_origin(request)
        return self._signer.unseal(request.cookies.get(self._cookie, ""))


def check_origin(request: Request) -> None:
    """Check that a request that may change something comes from a page of the workspace.

    Raises:
        ApiError: PERMISSION_DENIED.
    """
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if request.method not in ("GET", "HEAD") and request.headers.get("origin") != own:
        raise ApiError(
            ErrorCode.PERMISSION_DENIED, "The request does not come from a page of this workspace."
        )
