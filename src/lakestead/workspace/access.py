"""Privileges of Unity Catalog and the one function that checks them.

Rules (Databricks' "Manage privileges in Unity Catalog"): a privilege granted on an object holds for
everything below it; to use an object a principal also needs USE CATALOG and USE SCHEMA on what it is in;
an owner has every privilege on the object itself; owners of a parent, holders of MANAGE and metastore
admins may manage (alter, drop, grant, give away) what is below, which lets them grant themselves access
to data but is not itself access.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.catalog.lookup import DEPTH, get, metastore
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Grant, Kind, Securable

ALL_PRIVILEGES = "ALL_PRIVILEGES"
MANAGE = "MANAGE"
# To grant privileges on an object and take them back: for who may manage it.
GRANT = "GRANT"
USE_CATALOG = "USE_CATALOG"
USE_SCHEMA = "USE_SCHEMA"
# To see an object: any privilege on it, from above, or owning it. Who was granted BROWSE itself needs no USE.
BROWSE = "BROWSE"
# To administer the workspace: being in its group of admins. Not a privilege that can be granted.
ADMIN = "ADMIN"

_TABLE = {"SELECT", "MODIFY", "APPLY_TAG", MANAGE, ALL_PRIVILEGES}
_VOLUME = {"READ_VOLUME", "WRITE_VOLUME", "APPLY_TAG", MANAGE, ALL_PRIVILEGES}
_FUNCTION = {"EXECUTE", MANAGE, ALL_PRIVILEGES}
_SCHEMA = {
    *_TABLE,
    *_VOLUME,
    *_FUNCTION,
    USE_SCHEMA,
    "CREATE_TABLE",
    "CREATE_VOLUME",
    "CREATE_FUNCTION",
    "CREATE_MODEL",
    "CREATE_MATERIALIZED_VIEW",
    "REFRESH",
    "EXTERNAL_USE_SCHEMA",
}
_CATALOG = {*_SCHEMA, USE_CATALOG, "CREATE_SCHEMA", BROWSE}

# What may be granted on what.
GRANTABLE: dict[Kind, frozenset[str]] = {
    Kind.METASTORE: frozenset({"CREATE_CATALOG", "MANAGE_ALLOWLIST"}),
    Kind.CATALOG: frozenset(_CATALOG),
    Kind.SCHEMA: frozenset(_SCHEMA),
    Kind.TABLE: frozenset(_TABLE),
    Kind.VOLUME: frozenset(_VOLUME),
    Kind.FUNCTION: frozenset(_FUNCTION),
}
# The catalog of the workspace's own tables, and what may be done with what is in it.
_SYSTEM = "system"
_ON_SYSTEM = {"SELECT", BROWSE, USE_CATALOG, USE_SCHEMA, GRANT}
_NOT_IN_ALL = {MANAGE, "EXTERNAL_USE_SCHEMA"}
# What using anything in an object takes.
_USE = {Kind.CATALOG: USE_CATALOG, Kind.SCHEMA: USE_SCHEMA}


@dataclass(frozen=True, slots=True)
class Access:
    """One privilege that an operation needs.

    Attributes:
        privilege: e.g. ``SELECT``; ``MANAGE`` for altering, dropping, granting; ``BROWSE`` for seeing.
        kind: the kind of object.
        name: its full name in parts.
    """

    privilege: str
    kind: Kind
    name: tuple[str, ...]


WORKSPACE_ADMIN = Access(ADMIN, Kind.METASTORE, ())


def authorise(tx: Session, principal: Principal, accesses: Iterable[Access]) -> None:
    """Check that a principal has all the privileges that an operation needs.

    Args:
        tx: an open transaction.
        principal: who asks.
        accesses: what the operation needs.

    Raises:
        ApiError: NOT_FOUND of an object that does not exist; PERMISSION_DENIED naming the first missing
            privilege and the object it is missing on.
    """
    for access in accesses:
        if access.name and access.name[0].lower() == _SYSTEM and access.privilege not in _ON_SYSTEM:
            raise ApiError(
                ErrorCode.PERMISSION_DENIED,
                f"The catalog '{_SYSTEM}' is the workspace's own: it and what is in it cannot be changed.",
            )
        if access.privilege == BROWSE and browses(tx, principal, get(tx, access.kind, access.name)):
            continue
        target = get_visible_path(tx, principal, access.kind, access.name)
        if access.privilege.startswith("CREATE_") and target.kind in _USE:
            check(tx, principal, _USE[target.kind], target)
        check(tx, principal, access.privilege, target)


def get_visible_path(tx: Session, principal: Principal, kind: Kind, name: Sequence[str]) -> Securable:
    """Return the object, having checked USE CATALOG and USE SCHEMA on what it is in, outermost first.

    Raises:
        ApiError: NOT_FOUND or PERMISSION_DENIED.
    """
    if DEPTH[kind] > 1 and len(name) == DEPTH[kind]:
        check(tx, principal, USE_CATALOG, get(tx, Kind.CATALOG, name[:1]))
        if DEPTH[kind] > 2:
            check(tx, principal, USE_SCHEMA, get(tx, Kind.SCHEMA, name[:2]))
    return get(tx, kind, name)


def check(tx: Session, principal: Principal, privilege: str, target: Securable) -> None:
    """Check one privilege on one object.

    Raises:
        ApiError: PERMISSION_DENIED.
    """
    if not has(tx, principal, privilege, target):
        raise denied(privilege, target)


def denied(privilege: str, target: Securable) -> ApiError:
    """Return Databricks' error for a missing privilege."""
    if privilege == ADMIN:
        return ApiError(ErrorCode.PERMISSION_DENIED, "Only workspace admins can do this.")
    what = (
        "is not an owner of"
        if privilege in (MANAGE, GRANT)
        else f"does not have {privilege.replace('_', ' ')} on"
    )
    kind = "View" if target.is_view else target.kind.capitalize()
    name = f" '{target.full_name}'" if target.kind is not Kind.METASTORE else ""
    return ApiError(ErrorCode.PERMISSION_DENIED, f"Insufficient privileges: User {what} {kind}{name}.")


def has(tx: Session, principal: Principal, privilege: str, target: Securable) -> bool:
    """Return whether a principal has a privilege on an object, itself or by inheritance or ownership."""
    if privilege == ADMIN:
        return principal.is_admin
    if privilege == GRANT:
        privilege = MANAGE
    names = principal.names
    if target.owner in names:
        return True
    manages = principal.is_admin or any(above.owner in names for above in ancestry(target))
    if privilege in (MANAGE, BROWSE, USE_CATALOG, USE_SCHEMA) and manages:
        return True
    if privilege.startswith("CREATE_") and target.kind is Kind.METASTORE and manages:
        return True
    held = _held(tx, principal, target)
    if privilege == BROWSE:
        return bool(held)
    return privilege in held or (ALL_PRIVILEGES in held and privilege not in _NOT_IN_ALL)


def browses(tx: Session, principal: Principal, target: Securable) -> bool:
    """Return whether a principal was granted BROWSE itself on an object, or on what it is in."""
    return BROWSE in _held(tx, principal, target)


def only_browses(tx: Session, principal: Principal, target: Securable) -> bool:
    """Return whether a principal that sees an object sees it by BROWSE alone, and can do nothing with it."""
    manages = principal.is_admin or any(above.owner in principal.names for above in ancestry(target))
    return not manages and _held(tx, principal, target) == {BROWSE}


def _held(tx: Session, principal: Principal, target: Securable) -> set[str]:
    """Return the privileges granted on an object or on what it is in, as far as they apply to it.

    USE CATALOG shows a catalog, not the tables in it: what counts is what the object itself could be granted.
    """
    query = select(Grant.privilege).where(
        Grant.securable_id.in_([above.id for above in ancestry(target)]),
        Grant.principal.in_(principal.names),
    )
    return set(tx.execute(query).scalars()) & (GRANTABLE[target.kind] | {BROWSE})


def ancestry(target: Securable) -> list[Securable]:
    """Return the object and everything it is in, innermost first."""
    chain = [target]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    return chain


def visible(tx: Session, principal: Principal, objects: Iterable[Securable]) -> list[Securable]:
    """Return those of the objects that the principal may see: a privilege on it, from above, or below it."""
    objects = list(objects)
    if principal.is_admin:
        return objects
    return [one for one in objects if has(tx, principal, BROWSE, one) or _has_below(tx, principal, one)]


def _has_below(tx: Session, principal: Principal, target: Securable) -> bool:
    """Return whether something in a catalog or schema is the principal's or granted to it."""
    if target.kind not in (Kind.CATALOG, Kind.SCHEMA):
        return False
    names = principal.names
    inside = select(Securable.id).where(Securable.parent_id == target.id)
    deeper = select(Securable.id).where(Securable.parent_id.in_(inside))
    ids = select(inside.union(deeper).subquery())
    owned = select(Securable.id).where(Securable.id.in_(ids), Securable.owner.in_(names))
    granted = select(Grant.securable_id).where(Grant.securable_id.in_(ids), Grant.principal.in_(names))
    return tx.execute(owned.union(granted).limit(1)).first() is not None


def create_access(kind: Kind, parent: tuple[str, ...]) -> Access:
    """Return what creating an object of a kind needs: the CREATE privilege on what it will be in."""
    where = {0: Kind.METASTORE, 1: Kind.CATALOG, 2: Kind.SCHEMA}[len(parent)]
    return Access(f"CREATE_{kind}", where, parent)


__all__ = [
    "ADMIN",
    "ALL_PRIVILEGES",
    "BROWSE",
    "GRANT",
    "GRANTABLE",
    "MANAGE",
    "WORKSPACE_ADMIN",
    "Access",
    "ancestry",
    "authorise",
    "browses",
    "check",
    "create_access",
    "denied",
    "get_visible_path",
    "has",
    "metastore",
    "only_browses",
    "visible",
]
