"""Signed links and texts: whoever has one may do what it names, until it expires, without a token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.store.base import now_ms

# As long as the links that Databricks gives.
LIFETIME_MS = 15 * 60 * 1000
_EXPIRES = "expires"
_SIGNATURE = "signature"


class Signer:
    """Signs and checks links with a key that is made anew at every start and never leaves the process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def sign(self, method: str, path: str, query: Mapping[str, str], expires_at: int) -> str:
        """Return a path with a query string that carries its own permission.

        Args:
            method: the only HTTP method it is good for.
            path: the path, without query string and before it is quoted.
            query: further parameters; they cannot be changed afterwards.
            expires_at: milliseconds since the epoch.
        """
        signed = {**query, _EXPIRES: str(expires_at)}
        signature = self._signature(method, path, signed)
        return f"{quote(path)}?{urlencode({**signed, _SIGNATURE: signature})}"

    def check(self, method: str, path: str, query: Mapping[str, str]) -> None:
        """Check that a request is one that was signed.

        Args:
            method: its HTTP method.
            path: its path, unquoted.
            query: all parameters of its query string.

        Raises:
            ApiError: PERMISSION_DENIED when it was not, was changed, or has expired.
        """
        signed = {key: value for key, value in query.items() if key != _SIGNATURE}
        expected = self._signature(method, path, signed)
        if not hmac.compare_digest(expected.encode(), query.get(_SIGNATURE, "").encode()):
            raise ApiError(ErrorCode.PERMISSION_DENIED, "The link's signature does not match the request.")
        if int(signed[_EXPIRES]) <= now_ms():
            raise ApiError(ErrorCode.PERMISSION_DENIED, "Request has expired")

    def seal(self, text: str, expires_at: int) -> str:
        """Return a text that cannot be changed, and expires.

        Args:
            text: without a dot in it.
            expires_at: milliseconds since the epoch.
        """
        return f"{text}.{expires_at}.{self._signature('seal', text, {_EXPIRES: str(expires_at)})}"

    def unseal(self, sealed: str) -> str:
        """Return the text of what was sealed.

        Raises:
            ApiError: UNAUTHENTICATED when it was not, was changed, or has expired.
        """
        text, expires, signature = (*sealed.split("."), "", "", "")[:3]
        expected = self._signature("seal", text, {_EXPIRES: expires})
        if not hmac.compare_digest(expected.encode(), signature.encode()) or int(expires) <= now_ms():
            raise ApiError(ErrorCode.UNAUTHENTICATED, "You are not signed in, or no longer.")
        return text

    def _signature(self, method: str, path: str, query: Mapping[str, str]) -> str:
        text = "\n".join((method, path, urlencode(sorted(query.items()))))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
