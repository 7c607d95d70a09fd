"""Names and owners of what is in the workspace's folders."""

from __future__ import annotations

from itertools import count

from sqlalchemy.orm import Session

from lakestead.workspace.assets import service as assets
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, principal_exists


def free_name(tx: Session, parent: str, name: str, extension: str) -> str:
    """Return a name, with a number behind it when something in the folder has it already."""
    taken = {asset.name for asset in assets.inside(tx, parent)}
    if name + extension not in taken:
        return name
    return next(f"{name} ({one})" for one in count(1) if f"{name} ({one}){extension}" not in taken)


def given_to(tx: Session, actor: Principal, owner: str | None, current: str) -> str:
    """Return who owns something from now on.

    Args:
        tx: the transaction.
        actor: who gives it away.
        owner: who is to have it; None for who has it.
        current: who has it.

    Raises:
        ApiError: PRINCIPAL_NOT_FOUND; PERMISSION_DENIED: only administrators give away.
    """
    if owner is None or owner == current:
        return current
    if not actor.is_admin:
        raise ApiError(ErrorCode.PERMISSION_DENIED, "Only workspace admins can change an owner.")
    return principal_exists(tx, owner)
