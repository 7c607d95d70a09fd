"""REST: grants."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, GRANT, MANAGE, Access, has
from lakestead.workspace.catalog import grants
from lakestead.workspace.catalog.grants import Privilege
from lakestead.workspace.catalog.info import Json
from lakestead.workspace.catalog.lookup import get, metastore
from lakestead.workspace.catalog.rest.common import PREFIX, Rule, listed, parts
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.paging import DEFAULT_SIZE, Paging, page
from lakestead.workspace.store.objects import Kind, Securable

_UNSUPPORTED = {
    "CLEAN_ROOM",
    "CONNECTION",
    "CREDENTIAL",
    "EXTERNAL_LOCATION",
    "EXTERNAL_METADATA",
    "PIPELINE",
    "PROVIDER",
    "RECIPIENT",
    "SHARE",
    "STORAGE_CREDENTIAL",
}


class Asked(Paging):
    """Query parameters; older and newer operations name the size of a page differently."""

    page_size: int | None = None
    principal: str | None = None


class Change(Body):
    """What one principal gets and loses."""

    principal: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Changes(Body):
    """Body of an update."""

    changes: tuple[Change, ...] = ()
    omit_permissions_in_response: bool = False


def securable(call: Call, tx: Session) -> Securable:
    """Return the object that a request's path names."""
    kind, name = _named(call, tx)
    return get(tx, kind, name)


def needs(privilege: str) -> Rule:
    """Return the access rule of a route for the object that its path names."""

    def rule(call: Call, tx: Session) -> Iterable[Access]:
        return [Access(privilege, *_named(call, tx))]

    return rule


def show(call: Call) -> Json:
    """GET the privileges granted on an object itself."""
    return _shown(call, "privilege_assignments", inherited=False)


def show_effective(call: Call) -> Json:
    """GET the privileges that hold for an object, inherited ones too."""
    return _shown(call, "privilege_assignments", inherited=True)


def show_effective_assignments(call: Call) -> Json:
    """GET the same, as the newer operation names it."""
    return _shown(call, "effective_privilege_assignments", inherited=True)


def update(call: Call) -> Json:
    """PATCH grants: all changes or none."""
    asked = call.parse(Changes)
    with call.workspace.store.write() as tx:
        target = securable(call, tx)
        for one in asked.changes:
            if clash := {*map(grants.normalised, one.add)} & {*map(grants.normalised, one.remove)}:
                raise ApiError(
                    ErrorCode.INVALID_REQUEST, f"Duplicate privileges to add and delete: {sorted(clash)[0]}."
                )
            grants.grant(tx, target, one.principal, one.add)
            grants.revoke(tx, target, one.principal, one.remove)
        if asked.omit_permissions_in_response:
            return {}
        return {"privilege_assignments": _assignments(grants.direct(tx, target), inherited=False)}


def _shown(call: Call, field: str, *, inherited: bool) -> Json:
    """Answer with privileges by principal. Who does not manage the object sees only what it has itself."""
    asked = call.arguments(Asked)
    with call.workspace.store.read() as tx:
        target = securable(call, tx)
        found = (grants.effective if inherited else grants.direct)(tx, target, asked.principal)
        if not has(tx, call.principal, MANAGE, target):
            found = [one for one in found if one.principal in call.principal.names]
        assignments = _assignments(found, inherited=inherited)
    size = asked.page_size or asked.max_results
    # The operations without pages give everything unless a page is asked for; the others always page.
    if "privilege-assignments" in call.request.url.path:
        size = size or DEFAULT_SIZE
    chosen, token = page(assignments, lambda one: str(one["principal"]), size, asked.page_token)
    return listed(field, chosen, token)


def _assignments(found: Iterable[Privilege], *, inherited: bool) -> list[Json]:
    return [
        {
            "principal": principal,
            "privileges": [_effective(one) if inherited else one.name for one in privileges],
        }
        for principal, privileges in groupby(found, attrgetter("principal"))
    ]


def _effective(one: Privilege) -> Json:
    if one.inherited_from is None:
        return {"privilege": one.name}
    return {
        "privilege": one.name,
        "inherited_from_type": one.inherited_from.kind.value,
        "inherited_from_name": one.inherited_from.full_name or one.inherited_from.id,
    }


def _named(call: Call, tx: Session) -> tuple[Kind, tuple[str, ...]]:
    kind, name = call.path["kind"].upper(), call.path["name"]
    if kind in _UNSUPPORTED:
        raise unsupported(f"A {kind.lower().replace('_', ' ')}")
    if kind not in Kind.__members__:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"SECURABLE_TYPE {call.path['kind']} is not known.")
    if kind == Kind.METASTORE:
        if name not in (metastore(tx).id, metastore(tx).name):
            raise ApiError(ErrorCode.METASTORE_NOT_FOUND, f"Metastore '{name}' does not exist.")
        return Kind.METASTORE, ()
    return Kind(kind), parts(name)


_OBJECT = "{kind}/{name}"
ROUTES = [
    Route("GET", f"{PREFIX}/permissions/{_OBJECT}", show, needs(BROWSE), "databricks-sdk: grants.get"),
    Route("PATCH", f"{PREFIX}/permissions/{_OBJECT}", update, needs(GRANT), "databricks-sdk: grants.update"),
    Route(
        "GET",
        f"{PREFIX}/effective-permissions/{_OBJECT}",
        show_effective,
        needs(BROWSE),
        "databricks-sdk: grants.get_effective",
    ),
    Route(
        "GET", f"{PREFIX}/privilege-assignments/{_OBJECT}", show, needs(BROWSE), "databricks-sdk: grants.list"
    ),
    Route(
        "GET",
        f"{PREFIX}/effective-privilege-assignments/{_OBJECT}",
        show_effective_assignments,
        needs(BROWSE),
        "databricks-sdk: grants.list_effective",
    ),
]
