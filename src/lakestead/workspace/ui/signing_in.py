"""Signing in and out: with a token, or by a link that is good once."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lakestead.workspace.errors import ApiError
from lakestead.workspace.http import Call, bearer
from lakestead.workspace.identity.authenticate import hash_token
from lakestead.workspace.identity.sessions import check_origin
from lakestead.workspace.ui.pages import page


def show(call: Call) -> Response:
    """GET the page to sign in; with a code, sign in."""
    code = call.query.get("code")
    if not code:
        return page("login", {"problem": ""})
    digest = call.workspace.sessions.accept(code)
    # No redirect: to a browser, the site that had the link would still be going on, without the cookie.
    response = page("welcome", {})
    call.workspace.sessions.open(response, digest)
    return response


def invite(call: Call) -> dict[str, str]:
    """POST, with a token, that a browser is to be signed in by a link."""
    code = call.workspace.sessions.invite(hash_token(bearer(call.request)))
    return {"url": f"{call.workspace.url}/login?code={code}"}


def sign_in(call: Call) -> Response:
    """POST a token."""
    check_origin(call.request)
    token = parse_qs(call.body.decode("latin-1")).get("token", [""])[0].strip()
    try:
        call.workspace.authenticator.principal(hash_token(token))
    except ApiError as error:
        return page("login", {"problem": error.message}, 401)
    response = RedirectResponse(_where_from(call.request), 303)
    call.workspace.sessions.open(response, hash_token(token))
    return response


def sign_out(call: Call) -> Response:
    """POST that the session ends."""
    response = RedirectResponse("/login", 303)
    call.workspace.sessions.close(response)
    return response


def _where_from(request: Request) -> str:
    """Return the page that asked to sign in; the first one when it was the page to sign in itself."""
    path = urlsplit(request.headers.get("referer", "")).path
    # Of a page of this workspace: the origin was checked. Two slashes would be another host.
    return path if path.startswith("/") and not path.startswith(("//", "/login")) else "/"
