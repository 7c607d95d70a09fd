"""Pages: templates filled in, with the headers that keep other sites and stray scripts out."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from lakestead.core import charts
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import render

if TYPE_CHECKING:
    from jinja2 import Environment

# Scripts and styles are files of the workspace alone; the charting library sets styles of elements.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_CHARTS = "echarts.js"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # only for who looks at pages

    loader = PackageLoader("lakestead.workspace.ui")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)


def page(name: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """Return a page.

    Args:
        name: of the template, without its extension.
        values: what the template shows; all of it is escaped.
        status: the HTTP status.
    """
    text = _environment().get_template(f"{name}.html").render(values)
    return HTMLResponse(text, status, headers=dict(_HEADERS))


def refuse(error: ApiError) -> Response:
    """Return the page for an error: to sign in, when that is what it takes."""
    if error.code is ErrorCode.UNAUTHENTICATED:
        return page("login", {"problem": ""}, 401)
    return page("refused", {"message": error.message, "code": error.code.error_code}, error.code.http_status)


def refuse_data(error: ApiError) -> Response:
    """Return an error as the scripts of pages read it."""
    response = render(error)
    response.headers.update(_HEADERS)
    return response


@cache
def _static() -> Mapping[str, Callable[[], bytes]]:
    folder = files("lakestead.workspace.ui").joinpath("static")
    return {one.name: one.read_bytes for one in folder.iterdir()} | {
        _CHARTS: lambda: charts.script().encode()
    }


def static(name: str, known: str) -> Response:
    """Return a script or a style.

    Args:
        name: of the file.
        known: the tag of what the browser has of it, which is not sent again.

    Raises:
        ApiError: NOT_FOUND.
    """
    if name not in _static():
        raise ApiError(ErrorCode.NOT_FOUND, f"There is no file {name}.")
    content = _static()[name]()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if known == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=mimetypes.guess_type(name)[0], headers=headers)
