"""The principal behind a request."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.store.principals import Identity, Membership

# Every user and service principal is in this group, which exists by itself, as in a Databricks account.
ACCOUNT_USERS = "account users"
# These two groups and the first admin are there from the start, and stay.
ADMINS = "admins"
USERS = "users"
ADMIN = "admin@lakestead.local"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated user or service principal.

    Attributes:
        id: number of its identity record.
        name: what grants and ownership refer to.
        kind: ``USER`` or ``SERVICE_PRINCIPAL``.
        groups: names of all groups it is in, nested ones too.
    """

    id: int
    name: str
    kind: str
    groups: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """Its own name and those of its groups."""
        return self.groups | {self.name}

    @property
    def is_admin(self) -> bool:
        """Whether it administers the workspace and its metastore."""
        return ADMINS in self.groups


def load_principal(tx: Session, identity: Identity) -> Principal:
    """Return the principal of an identity, with its groups."""
    groups = {ACCOUNT_USERS}
    pending = [identity.id]
    seen = set(pending)
    while pending:
        rows = tx.execute(
            select(Identity.id, Identity.name)
            .join(Membership, Membership.group_id == Identity.id)
            .where(Membership.member_id.in_(pending))
        ).all()
        pending = [row.id for row in rows if row.id not in seen]
        seen.update(pending)
        groups.update(row.name for row in rows)
    return Principal(identity.id, identity.name, identity.kind, frozenset(groups))


def principal_exists(tx: Session, name: str) -> str:
    """Return the name of a user, group or service principal as it is stored, for grants and ownership.

    Args:
        tx: an open transaction.
        name: in any case; e-mail addresses and application ids are compared without regard to it.

    Raises:
        ApiError: PRINCIPAL_NOT_FOUND.
    """
    if name.lower() == ACCOUNT_USERS:
        return ACCOUNT_USERS
    found = (
        tx.execute(
            select(Identity.name).where(func.lower(Identity.name) == name.lower()).order_by(Identity.id)
        )
        .scalars()
        .all()
    )
    if not found:
        raise ApiError(ErrorCode.PRINCIPAL_NOT_FOUND, f"Could not find principal with name {name}.")
    return name if name in found else found[0]
