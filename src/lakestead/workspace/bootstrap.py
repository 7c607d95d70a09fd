"""The first start of a workspace: its admin, metastore, default catalog and warehouse."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.identity import tokens
from lakestead.workspace.identity.principals import ACCOUNT_USERS, ADMIN, ADMINS, USERS
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Grant, Kind, Securable
from lakestead.workspace.store.principals import Identity, Membership
from lakestead.workspace.store.warehouses import Warehouse

# What every user may do in the default catalog and schema, as in a new Databricks workspace.
_DEFAULT_GRANTS = {
    "main": ("USE_CATALOG",),
    "default": ("USE_SCHEMA", "CREATE_TABLE", "CREATE_VOLUME", "CREATE_FUNCTION"),
}


def bootstrap(store: Store, token_file: Path) -> str:
    """Make what a workspace needs, unless it is there, and return the admin's token.

    Args:
        store: the workspace's database.
        token_file: where the admin's token is kept, readable by the owner alone.

    Raises:
        OSError: the token file cannot be read or written.
    """
    with store.write() as tx:
        admin = tx.execute(select(Identity).where(Identity.name == ADMIN)).scalar_one_or_none()
        if admin is None:
            admin = _identities(tx)
            _metastore(tx)
        if tx.execute(select(Warehouse.id).limit(1)).first() is None:
            tx.add(Warehouse(id=secrets.token_hex(8), name="Starter Warehouse", creator=ADMIN))
        if token_file.exists() and tokens.is_valid(tx, kept := token_file.read_text().strip()):
            return kept
        # The file is put in place last, by a rename: a kill before that leaves a token that
        # nobody has, and the next
        # start makes another one.
        secret, _ = tokens.issue(tx, admin.id, comment="admin, made by the workspace")
        draft = token_file.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
    draft.rename(token_file)
    return secret


def _identities(tx: Session) -> Identity:
    admin = Identity(kind="USER", name=ADMIN, display_name="Admin")
    admins = Identity(kind="GROUP", name=ADMINS, display_name=ADMINS)
    users = Identity(kind="GROUP", name=USERS, display_name=USERS)
    tx.add_all([admin, admins, users])
    tx.flush()
    tx.add_all([Membership(group_id=group.id, member_id=admin.id) for group in (admins, users)])
    return admin


def _metastore(tx: Session) -> None:
    by = {"owner": ADMIN, "created_by": ADMIN, "updated_by": ADMIN}
    metastore = Securable(kind=Kind.METASTORE, name="lakestead", **by)
    main = Securable(kind=Kind.CATALOG, name="main", comment="Main catalog", parent=metastore, **by)
    default = Securable(kind=Kind.SCHEMA, name="default", comment="Default schema", parent=main, **by)
    tx.add_all([metastore, main, default])
    tx.flush()
    for target in (main, default):
        for privilege in _DEFAULT_GRANTS[target.name]:
            tx.add(Grant(securable_id=target.id, principal=ACCOUNT_USERS, privilege=privilege))


def default_warehouse(tx: Session) -> str:
    """Return the id of the first warehouse."""
    return tx.execute(select(Warehouse.id).order_by(Warehouse.created_at).limit(1)).scalar_one()
