"""The principal behind a request."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.store.principals import Identity, Membership

# Every user and service principal is in this group, which exists by itself, as in a Databricks account.
ACCOUNT_USERS = "account users"
ADMINS = "admins"


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
