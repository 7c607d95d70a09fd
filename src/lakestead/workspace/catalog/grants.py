"""Grants: who may do what with an object, directly and by inheritance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lakestead.workspace.access import GRANTABLE, ancestry
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import principal_exists
from lakestead.workspace.store.objects import Grant, Securable


@dataclass(frozen=True, slots=True)
class Privilege:
    """A privilege that someone has on an object.

    Attributes:
        principal: who.
        name: e.g. ``USE_CATALOG``.
        inherited_from: the catalog, schema or metastore it was granted on; None when on the object itself.
    """

    principal: str
    name: str
    inherited_from: Securable | None = None


def normalised(privilege: str) -> str:
    """Return a privilege as the REST API writes it: ``use catalog`` becomes ``USE_CATALOG``."""
    return "_".join(privilege.upper().replace("_", " ").split())


def grant(tx: Session, target: Securable, principal: str, privileges: Iterable[str]) -> None:
    """Give privileges on an object; those that are there already stay.

    Raises:
        ApiError: PRINCIPAL_NOT_FOUND; INVALID_REQUEST for a privilege that this kind of object does not have.
    """
    principal = principal_exists(tx, principal)
    held = {one.name for one in direct(tx, target, principal)}
    for privilege in _applicable(target, privileges) - held:
        tx.add(Grant(securable_id=target.id, principal=principal, privilege=privilege))
    tx.flush()


def revoke(tx: Session, target: Securable, principal: str, privileges: Iterable[str]) -> None:
    """Take privileges on an object away; those that are not there are passed over, as Databricks does.

    Raises:
        ApiError: PRINCIPAL_NOT_FOUND; INVALID_REQUEST for a privilege that this kind of object does not have.
    """
    principal = principal_exists(tx, principal)
    tx.execute(
        delete(Grant).where(
            Grant.securable_id == target.id,
            Grant.principal == principal,
            Grant.privilege.in_(_applicable(target, privileges)),
        )
    )


def direct(tx: Session, target: Securable, principal: str | None = None) -> list[Privilege]:
    """Return the privileges granted on an object itself, by principal and name.

    Args:
        tx: an open transaction.
        target: the object.
        principal: only this one's.
    """
    return [one for one in effective(tx, target, principal) if one.inherited_from is None]


def effective(tx: Session, target: Securable, principal: str | None = None) -> list[Privilege]:
    """Return the privileges that hold for an object: granted on it, or on what it is in.

    Args:
        tx: an open transaction.
        target: the object.
        principal: only this one's; what it has through groups is not counted, as in Databricks.
    """
    chain = {one.id: one for one in ancestry(target)}
    query = select(Grant).where(Grant.securable_id.in_(chain), Grant.privilege.in_(GRANTABLE[target.kind]))
    if principal is not None:
        query = query.where(Grant.principal == principal)
    found = tx.execute(query.order_by(Grant.principal, Grant.privilege)).scalars()
    return [
        Privilege(
            one.principal,
            one.privilege,
            None if one.securable_id == target.id else chain[one.securable_id],
        )
        for one in found
    ]


def _applicable(target: Securable, privileges: Iterable[str]) -> set[str]:
    names = {normalised(one) for one in privileges}
    for name in sorted(names - GRANTABLE[target.kind]):
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"Privilege {name.replace('_', ' ')} is not applicable to this entity "
            f"[{target.full_name or target.name}:{target.kind}].",
        )
    return names
