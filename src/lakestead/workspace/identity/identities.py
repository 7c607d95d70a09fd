"""Users, groups and service principals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import ACCOUNT_USERS, ADMIN, ADMINS, USERS
from lakestead.workspace.store.objects import Grant, Securable
from lakestead.workspace.store.principals import Identity, Membership
from lakestead.workspace.store.secrets import SecretAcl

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
MAX_NAME_LENGTH = 255


class IdentityKind(StrEnum):
    """What an identity is."""

    USER = "USER"
    GROUP = "GROUP"
    SERVICE_PRINCIPAL = "SERVICE_PRINCIPAL"

    @property
    def label(self) -> str:
        """Its name in a sentence."""
        return self.lower().replace("_", " ").capitalize()


def create(
    tx: Session,
    kind: IdentityKind,
    name: str,
    *,
    display_name: str = "",
    external_id: str | None = None,
    active: bool = True,
    attributes: dict[str, Any] | None = None,
) -> Identity:
    """Record a new identity; users and service principals are in the group ``users`` from the start.

    Args:
        tx: the transaction.
        kind: what it is.
        name: e-mail address, application id, or a group's display name.
        display_name: how it is shown; its name by default.
        external_id: its id elsewhere.
        active: whether it can send requests.
        attributes: as :class:`Identity` says.

    Raises:
        ApiError: INVALID_REQUEST for a name that cannot be; ALREADY_EXISTS.
    """
    made = Identity(
        kind=kind,
        name=_free(tx, kind, name),
        display_name=display_name or name,
        external_id=external_id,
        active=active,
        attributes=attributes or {},
    )
    tx.add(made)
    tx.flush()
    if kind is not IdentityKind.GROUP:
        tx.add(Membership(group_id=named(tx, USERS).id, member_id=made.id))
        tx.flush()
    return made


def get(tx: Session, kind: IdentityKind, identity_id: str) -> Identity:
    """Return an identity by its number.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(Identity, _number(identity_id))
    if found is None or found.kind != kind:
        raise ApiError(ErrorCode.NOT_FOUND, f"{kind.label} with id {identity_id} not found.")
    return found


def named(tx: Session, name: str) -> Identity:
    """Return the identity of a name, which must be there."""
    return tx.execute(select(Identity).where(Identity.name == name)).scalar_one()


def all_of(tx: Session, kind: IdentityKind) -> list[Identity]:
    """Return all identities of a kind, oldest first."""
    return list(tx.execute(select(Identity).where(Identity.kind == kind).order_by(Identity.id)).scalars())


def groups_of(tx: Session, identity: Identity) -> list[Identity]:
    """Return the groups that an identity is directly in."""
    query = select(Identity).join(Membership, Membership.group_id == Identity.id)
    return list(tx.execute(query.where(Membership.member_id == identity.id).order_by(Identity.id)).scalars())


def members_of(tx: Session, group: Identity) -> list[Identity]:
    """Return who is directly in a group."""
    query = select(Identity).join(Membership, Membership.member_id == Identity.id)
    return list(tx.execute(query.where(Membership.group_id == group.id).order_by(Identity.id)).scalars())


def set_members(tx: Session, group: Identity, ids: Iterable[str]) -> None:
    """Make these, and no others, the direct members of a group.

    Args:
        tx: the transaction.
        group: the group.
        ids: numbers of users, groups and service principals.

    Raises:
        ApiError: INVALID_REQUEST for unknown members, the group itself, or when the first admin would leave;
            the members of ``users`` cannot be chosen.
    """
    wanted = {_number(one) for one in ids}
    if group.name == USERS and wanted != {one.id for one in members_of(tx, group)}:
        raise _refused(f"Everybody is in the group '{USERS}'; its members cannot be changed.")
    known = set(tx.execute(select(Identity.id).where(Identity.id.in_(wanted))).scalars())
    if wanted - known or group.id in wanted:
        raise _refused(f"The group '{group.name}' cannot have the member {min(wanted - known or wanted)}.")
    if group.name == ADMINS and named(tx, ADMIN).id not in wanted:
        raise _refused(f"{ADMIN} is the workspace's own admin and stays in '{ADMINS}'.")
    tx.execute(delete_rows(Membership).where(Membership.group_id == group.id))
    tx.add_all([Membership(group_id=group.id, member_id=one) for one in wanted])
    tx.flush()


def set_active(identity: Identity, active: bool) -> None:
    """Let an identity send requests, or not any more.

    Raises:
        ApiError: INVALID_REQUEST for the first admin.
    """
    if identity.name == ADMIN and not active:
        raise _refused(f"{ADMIN} is the workspace's own admin and cannot be deactivated.")
    identity.active = active


def rename_group(tx: Session, group: Identity, name: str) -> None:
    """Give a group another name; its grants and what it owns go with it.

    Raises:
        ApiError: INVALID_REQUEST, ALREADY_EXISTS.
    """
    if name == group.name:
        return
    _require_removable(group)
    old, group.name = group.name, _free(tx, IdentityKind.GROUP, name, other_than=group.id)
    group.display_name = name
    tx.execute(update(Grant).where(Grant.principal == old).values(principal=group.name))
    tx.execute(update(SecretAcl).where(SecretAcl.principal == old).values(principal=group.name))
    tx.execute(update(Securable).where(Securable.owner == old).values(owner=group.name))
    tx.flush()


def delete(tx: Session, identity: Identity) -> None:
    """Remove an identity with its tokens, memberships and grants.

    What it owns goes to the first admin: grants and owners go by name, so that a new principal of the same
    name would otherwise own it.

    Raises:
        ApiError: INVALID_REQUEST for the first admin and the groups that are there from the start.
    """
    _require_removable(identity)
    tx.execute(delete_rows(Grant).where(Grant.principal == identity.name))
    tx.execute(delete_rows(SecretAcl).where(SecretAcl.principal == identity.name))
    tx.execute(update(Securable).where(Securable.owner == identity.name).values(owner=ADMIN))
    tx.delete(identity)
    tx.flush()


def _require_removable(identity: Identity) -> None:
    if identity.name in (ADMIN, ADMINS, USERS):
        raise _refused(f"'{identity.name}' belongs to the workspace and cannot be removed or renamed.")


def _free(tx: Session, kind: IdentityKind, name: str, other_than: int = 0) -> str:
    """Return a name that nobody has. Grants go by names, so they are unique among all kinds, in any case."""
    if not 0 < len(name) <= MAX_NAME_LENGTH or name != name.strip() or not name.isprintable():
        raise _refused(f"A name has 1 to {MAX_NAME_LENGTH} printable characters and no spaces around it.")
    if kind is IdentityKind.USER and not _EMAIL.fullmatch(name):
        raise _refused(f"The user name '{name}' is not an e-mail address.")
    query = select(Identity.id).where(func.lower(Identity.name) == name.lower(), Identity.id != other_than)
    if name.lower() == ACCOUNT_USERS or tx.execute(query).first() is not None:
        raise ApiError(ErrorCode.ALREADY_EXISTS, f"A principal with the name '{name}' already exists.")
    return name


def _number(text: str) -> int:
    """Return the number of an identity; 0, which nobody has, for what is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _refused(why: str) -> ApiError:
    return ApiError(ErrorCode.INVALID_REQUEST, why)
