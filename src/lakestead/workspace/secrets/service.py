"""Secret scopes: rules and records.

Rules (Databricks' "Secret management" and "Secret access control"): names of scopes and keys are compared
without regard to case; whoever makes a scope manages it; administrators manage all; the greatest permission
of a principal and its groups counts; names of scopes are no secret.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, principal_exists
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.store.secrets import Secret, SecretAcl, SecretScope

MAX_BYTES = 128 * 1024
MAX_SCOPES = 1000
MAX_SECRETS = 1000
_SCOPE_NAME = re.compile(r"[\w.@-]{1,128}", re.ASCII)
_KEY = re.compile(r"[\w.-]{1,128}", re.ASCII)


class Permission(StrEnum):
    """What a principal may do with a scope; each includes those before it."""

    READ = "READ"
    WRITE = "WRITE"
    MANAGE = "MANAGE"


def create_scope(tx: Session, name: str, manager: str) -> None:
    """Make an empty scope.

    Args:
        tx: the transaction.
        name: its name.
        manager: the user, group or service principal that manages it.

    Raises:
        ApiError: INVALID_REQUEST for a name that cannot be; ALREADY_EXISTS; QUOTA_EXCEEDED.
    """
    if not _SCOPE_NAME.fullmatch(name):
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"Scope name '{name[:140]}' is not valid: letters, digits, -, _, @ and . are, up to 128 of them.",
        )
    if tx.get(SecretScope, name.lower()) is not None:
        raise ApiError(ErrorCode.ALREADY_EXISTS, f"Scope {name} already exists!")
    if (tx.scalar(select(func.count()).select_from(SecretScope)) or 0) >= MAX_SCOPES:
        raise ApiError(ErrorCode.QUOTA_EXCEEDED, f"A workspace has at most {MAX_SCOPES} secret scopes.")
    tx.add(SecretScope(folded=name.lower(), name=name))
    tx.flush()
    tx.add(SecretAcl(scope=name.lower(), principal=manager, permission=Permission.MANAGE))


def scopes(tx: Session) -> Sequence[SecretScope]:
    """Return all scopes by name."""
    return tx.scalars(select(SecretScope).order_by(SecretScope.folded)).all()


def find_scope(tx: Session, name: str) -> SecretScope:
    """Return a scope.

    Raises:
        ApiError: NOT_FOUND.
    """
    scope = tx.get(SecretScope, name.lower())
    if scope is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Scope {name} does not exist!")
    return scope


def check(tx: Session, principal: Principal, permission: Permission, name: str) -> None:
    """Check that a principal may do something with a scope.

    Raises:
        ApiError: NOT_FOUND; PERMISSION_DENIED.
    """
    scope = find_scope(tx, name)
    query = select(SecretAcl.permission).where(
        SecretAcl.scope == scope.folded, SecretAcl.principal.in_(principal.names)
    )
    order = list(Permission)
    held = [order.index(Permission(one)) for one in tx.scalars(query)]
    if not principal.is_admin and max(held, default=-1) < order.index(permission):
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"{principal.name} does not have {permission} permission on scope {scope.name}.",
        )


def put(tx: Session, scope: str, key: str, value: bytes) -> None:
    """Keep a secret, instead of one that has its key.

    Raises:
        ApiError: INVALID_REQUEST for a key or a size that cannot be; NOT_FOUND; QUOTA_EXCEEDED.
    """
    if not _KEY.fullmatch(key):
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"Secret key '{key[:140]}' is not valid: letters, digits, -, _ and . are, up to 128 of them.",
        )
    if len(value) > MAX_BYTES:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"A secret has at most {MAX_BYTES} bytes.")
    folded = find_scope(tx, scope).folded
    there = tx.get(Secret, (folded, key.lower()))
    if there is not None:
        there.key, there.value, there.updated_at = key, value, now_ms()
        return
    if len(secrets(tx, scope)) >= MAX_SECRETS:
        raise ApiError(ErrorCode.QUOTA_EXCEEDED, f"A scope has at most {MAX_SECRETS} secrets.")
    tx.add(Secret(scope=folded, folded=key.lower(), key=key, value=value))


def get(tx: Session, scope: str, key: str) -> Secret:
    """Return a secret.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(Secret, (find_scope(tx, scope).folded, key.lower()))
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Secret does not exist with scope: {scope} and key: {key}")
    return found


def secrets(tx: Session, scope: str) -> list[tuple[str, int]]:
    """Return the keys of a scope, and when each was last written; no values are read."""
    query = select(Secret.key, Secret.updated_at).where(Secret.scope == find_scope(tx, scope).folded)
    return [(row.key, row.updated_at) for row in tx.execute(query.order_by(Secret.folded))]


def put_acl(tx: Session, scope: str, principal: str, permission: Permission) -> None:
    """Say what a principal may do with a scope, instead of what was said before.

    Raises:
        ApiError: NOT_FOUND of the scope; INVALID_REQUEST when there is no such principal.
    """
    folded = find_scope(tx, scope).folded
    try:
        name = principal_exists(tx, principal)
    except ApiError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, error.message) from None
    tx.merge(SecretAcl(scope=folded, principal=name, permission=permission))


def get_acl(tx: Session, scope: str, principal: str) -> SecretAcl:
    """Return what was said of a principal itself.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(SecretAcl, (find_scope(tx, scope).folded, principal))
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"No ACL of {principal} is set on scope {scope}.")
    return found


def acls(tx: Session, scope: str) -> Sequence[SecretAcl]:
    """Return what was said of all principals."""
    query = select(SecretAcl).where(SecretAcl.scope == find_scope(tx, scope).folded)
    return tx.scalars(query.order_by(SecretAcl.principal)).all()
