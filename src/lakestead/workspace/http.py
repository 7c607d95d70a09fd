"""HTTP: routes as values, and the one dispatcher that authenticates, authorises, runs and renders."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import from_thread
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from lakestead.workspace.access import Access, authorise
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.authenticate import hash_token
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.system.audit.actions import action_of
from lakestead.workspace.system.audit.recorder import Audited

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace

logger = logging.getLogger(__name__)
Model = TypeVar("Model", bound=BaseModel)
# The largest JSON body that is read; files are streamed and have no limit.
MAX_BODY_BYTES = 64 * 1024 * 1024
# Where a request's scope has the name of who asks, once it is known.
_PRINCIPAL = "lakestead.principal"


class Body(BaseModel):
    """What a client sends. A field that is not declared is refused, so that nothing is silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, authenticated and authorised, as handlers get it.

    Attributes:
        workspace: all services.
        principal: who asks.
        path: the path's parameters.
        query: the query string's.
        body: the raw body; empty on routes that stream.
        request: the request itself, for headers and streams.
    """

    workspace: Workspace
    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    request: Request

    def parse(self, model: type[Model]) -> Model:
        """Return the JSON body as a checked value.

        Raises:
            ApiError: INVALID_REQUEST naming the field that is wrong or that this workspace does not know.
        """
        try:
            return model.model_validate_json(self.body or b"{}")
        except ValidationError as error:
            raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None

    @property
    def address(self) -> str | None:
        """The IP address that the request comes from."""
        return self.request.client.host if self.request.client else None

    def stream(self) -> Iterator[bytes]:
        """Read the body of a route that streams, part by part; for the thread that handles the call."""
        parts = self.request.stream()
        while True:
            try:
                yield from_thread.run(parts.__anext__)
            except StopAsyncIteration:
                return

    def arguments(self, model: type[Model]) -> Model:
        """Return the query string as a checked value; errors as in :meth:`parse`."""
        try:
            return model.model_validate(dict(self.query))
        except ValidationError as error:
            raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None


def render(error: ApiError) -> Response:
    """Return an error as the SDKs read it."""
    body = {"error_code": error.code.error_code, "message": error.message}
    return JSONResponse(body, status_code=error.code.http_status)


Answer = Response | Mapping[str, Any] | None
Handler = Callable[[Call], Answer]


def anyone(_: Call, __: Session) -> Iterable[Access]:
    """Access rule of routes that every authenticated principal may use."""
    return ()


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API.

    Attributes:
        method: HTTP method.
        path: as in Databricks' reference, with ``{parameters}``; ``{name:path}`` takes slashes too.
        handler: carries it out, in a thread; returns a response, or a mapping that becomes JSON.
        access: what the principal needs for it.
        witness: the unmodified client call that a test makes through it, for COVERAGE.md.
        partial: what of the operation is not there, if anything, for COVERAGE.md.
        public: needs no token (links that carry their own secret, discovery).
        browser: is for people: who has signed in has a cookie instead of the token.
        streams: the handler reads the body itself.
        refuse: renders an error as the protocol's clients read it.
    """

    method: str
    path: str
    handler: Handler
    access: Callable[[Call, Session], Iterable[Access]] = anyone
    witness: str = ""
    partial: str = ""
    public: bool = field(default=False, kw_only=True)
    browser: bool = field(default=False, kw_only=True)
    streams: bool = field(default=False, kw_only=True)
    refuse: Callable[[ApiError], Response] = field(default=render, kw_only=True)


def endpoint(workspace: Workspace, route: Route) -> Callable[[Request], Any]:
    """Return the ASGI endpoint of a route; what comes to it is audited, allowed or refused."""
    action = action_of(route.method, route.path)

    async def serve(request: Request) -> Response:
        body = b""
        refused: ApiError | None = None
        try:
            digest = None if route.public else _credential(workspace, route, request)
            body = b"" if route.streams else await _read(request)
            response: Response = await run_in_threadpool(_handle, workspace, route, request, digest, body)
        except ApiError as error:
            refused = error
        except ClientDisconnect:
            refused = ApiError(ErrorCode.MALFORMED_REQUEST, "The client went away.")
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            refused = ApiError(ErrorCode.INTERNAL, "The request failed inside the workspace; see its log.")
        if refused is not None:
            response = route.refuse(refused)
        workspace.audit.called(action, _audited(request, body), response.status_code, refused)
        return response

    return serve


def _audited(request: Request, body: bytes) -> Audited:
    return Audited(
        principal=request.scope.get(_PRINCIPAL),
        path=request.path_params,
        query=request.scope["query_string"],
        body=body,
        address=request.client.host if request.client else None,
        user_agent=request.headers.get("user-agent"),
        request_id=request.headers.get("x-request-id"),
    )


def _handle(
    workspace: Workspace, route: Route, request: Request, digest: str | None, body: bytes
) -> Response:
    principal = workspace.nobody if digest is None else workspace.authenticator.principal(digest)
    request.scope[_PRINCIPAL] = principal.name
    call = Call(workspace, principal, request.path_params, request.query_params, body, request)
    if route.access is not anyone:
        with workspace.store.read() as tx:
            authorise(tx, principal, route.access(call, tx))
    answer = route.handler(call)
    return answer if isinstance(answer, Response) else JSONResponse(dict(answer or {}))


def _credential(workspace: Workspace, route: Route, request: Request) -> str:
    """Return the hash of the token that a request is made with."""
    return workspace.sessions.digest(request) if route.browser else hash_token(bearer(request))


def bearer(request: Request) -> str:
    """Return the token of a request.

    Raises:
        ApiError: UNAUTHENTICATED when there is none.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise ApiError(
            ErrorCode.UNAUTHENTICATED, "Credential was not sent or was of an unsupported type for this API."
        )
    return secret.strip()


async def _read(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise ApiError(ErrorCode.REQUEST_TOO_LARGE, f"The body has more than {MAX_BODY_BYTES} bytes.")
        parts.append(part)
    return b"".join(parts)


async def not_served(request: Request, _: Exception) -> Response:
    """Answer for every path that no route has: not found for what is no API, else not implemented."""
    path = request.url.path
    if path.startswith(("/api/", "/sql/", "/oidc/")):
        return render(
            ApiError(
                ErrorCode.NOT_IMPLEMENTED,
                f"{request.method} {path} is not implemented by the embedded workspace; see COVERAGE.md.",
            )
        )
    return render(ApiError(ErrorCode.ENDPOINT_NOT_FOUND, f"No API found for '{request.method} {path}'."))


def explain(error: ValidationError) -> str:
    """Return what is wrong with what a client sent, in one sentence."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    if first["type"] == "extra_forbidden":
        return f"Field '{place}' is not known or not supported by the embedded workspace."
    return f"Field '{place}': {first['msg'].removeprefix('Value error, ')}."
