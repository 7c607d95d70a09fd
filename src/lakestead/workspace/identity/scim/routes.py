"""REST: users, groups and service principals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from lakestead.workspace.access import WORKSPACE_ADMIN, Access
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route, explain
from lakestead.workspace.identity import identities
from lakestead.workspace.identity.identities import IdentityKind
from lakestead.workspace.identity.scim.filters import MAX_COUNT, Listed, matcher, selected, value_of
from lakestead.workspace.identity.scim.patches import Patch, patched
from lakestead.workspace.identity.scim.resources import (
    GroupResource,
    Json,
    Resource,
    ServicePrincipalResource,
    UserResource,
    related,
    shown,
)
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.principals import Identity

PREFIX = "/api/2.0/preview/scim/v2"
_MODELS: dict[IdentityKind, type[Resource]] = {
    IdentityKind.USER: UserResource,
    IdentityKind.GROUP: GroupResource,
    IdentityKind.SERVICE_PRINCIPAL: ServicePrincipalResource,
}


def admins(_: Call, __: Session) -> Iterable[Access]:
    """Access rule: workspace admins."""
    return [WORKSPACE_ADMIN]


def create(call: Call, kind: IdentityKind) -> Response:
    """POST a new identity."""
    asked = call.parse(_MODELS[kind])
    with call.workspace.store.write() as tx:
        made = identities.create(
            tx,
            kind,
            _name(asked),
            display_name=asked.display_name or "",
            external_id=asked.external_id,
            active=asked.active is not False,
            attributes=asked.attributes(),
        )
        if isinstance(asked, GroupResource):
            identities.set_members(tx, made, [one.value for one in asked.members])
        return JSONResponse(_full(tx, made), status_code=201)


def list_(call: Call, kind: IdentityKind) -> Json:
    """GET identities: filtered, sorted, one page of them."""
    asked = call.arguments(Listed)
    with call.workspace.store.read() as tx:
        found = [(one, shown(one)) for one in identities.all_of(tx, kind)]
        if asked.filter:
            matches = matcher(asked.filter)
            found = [(one, form) for one, form in found if matches(form)]
        if asked.sort_by:
            by = asked.sort_by
            found.sort(key=lambda pair: value_of(pair[1], by), reverse=asked.sort_order == "descending")
        start = max(asked.start_index, 1)
        chosen = found[start - 1 : start - 1 + min(asked.count, MAX_COUNT)]
        resources = [selected(form | related(tx, one), asked) for one, form in chosen]
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(found),
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def get(call: Call, kind: IdentityKind) -> Json:
    """GET one identity."""
    asked = call.arguments(Listed)
    with call.workspace.store.read() as tx:
        return selected(_full(tx, identities.get(tx, kind, call.path["id"])), asked)


def replace(call: Call, kind: IdentityKind) -> Json:
    """PUT an identity in the place of what it was."""
    asked = call.parse(_MODELS[kind])
    with call.workspace.store.write() as tx:
        target = identities.get(tx, kind, call.path["id"])
        _become(tx, target, asked)
        answer = _full(tx, target)
    call.workspace.authenticator.forget()
    return answer


def patch(call: Call, kind: IdentityKind) -> Json:
    """PATCH an identity: it becomes what the operations make of it."""
    asked = call.parse(Patch)
    with call.workspace.store.write() as tx:
        target = identities.get(tx, kind, call.path["id"])
        try:
            _become(tx, target, _MODELS[kind].model_validate(patched(_full(tx, target), asked)))
        except ValidationError as error:
            raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None
        answer = _full(tx, target)
    call.workspace.authenticator.forget()
    return answer


def delete(call: Call, kind: IdentityKind) -> Response:
    """DELETE an identity; its tokens end at once."""
    with call.workspace.store.write() as tx:
        identities.delete(tx, identities.get(tx, kind, call.path["id"]))
    call.workspace.authenticator.forget()
    return Response(status_code=204)


def _become(tx: Session, target: Identity, asked: Resource) -> None:
    """Make an identity what a client sent. What a name is, is fixed for users and service principals."""
    if isinstance(asked, GroupResource):
        if asked.display_name is not None:
            identities.rename_group(tx, target, asked.display_name)
        identities.set_members(tx, target, [one.value for one in asked.members])
    else:
        if _given_name(asked) not in (None, target.name):
            raise ApiError(ErrorCode.INVALID_REQUEST, f"The name of '{target.name}' cannot be changed.")
        target.display_name = asked.display_name or target.name
        if asked.active is not None:
            identities.set_active(target, asked.active)
    target.external_id = asked.external_id
    target.attributes = asked.attributes()
    tx.flush()


def _name(asked: Resource) -> str:
    if isinstance(asked, ServicePrincipalResource) and asked.application_id is None:
        return new_id()
    name = _given_name(asked)
    if name is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, "A user needs a userName, a group a displayName.")
    return name


def _given_name(asked: Resource) -> str | None:
    if isinstance(asked, UserResource):
        return asked.user_name
    return asked.application_id if isinstance(asked, ServicePrincipalResource) else asked.display_name


def _full(tx: Session, identity: Identity) -> Json:
    return shown(identity) | related(tx, identity)


def _routes(folder: str, kind: IdentityKind, sdk: str) -> list[Route]:
    def on(operation: Callable[[Call, IdentityKind], Json | Response]) -> Callable[[Call], Json | Response]:
        return lambda call: operation(call, kind)

    every, one = f"{PREFIX}/{folder}", f"{PREFIX}/{folder}/{{id}}"
    partial = "entitlements are kept and have no effect; no roles"
    return [
        Route("POST", every, on(create), admins, f"databricks-sdk: {sdk}.create", partial),
        Route("GET", every, on(list_), witness=f"databricks-sdk: {sdk}.list"),
        Route("GET", one, on(get), witness=f"databricks-sdk: {sdk}.get"),
        Route("PUT", one, on(replace), admins, f"databricks-sdk: {sdk}.update", partial),
        Route("PATCH", one, on(patch), admins, f"databricks-sdk: {sdk}.patch", partial),
        Route("DELETE", one, on(delete), admins, f"databricks-sdk: {sdk}.delete"),
    ]


ROUTES = [
    *_routes("Users", IdentityKind.USER, "users"),
    *_routes("Groups", IdentityKind.GROUP, "groups"),
    *_routes("ServicePrincipals", IdentityKind.SERVICE_PRINCIPAL, "service_principals"),
]
