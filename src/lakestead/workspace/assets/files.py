"""Files of the workspace's tree."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.assets import service
from lakestead.workspace.assets.paths import normal, parent_of
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.assets import Asset, FileContent
from lakestead.workspace.store.base import new_id, now_ms


def write(tx: Session, actor: Principal, path: str, content: bytes, *, overwrite: bool) -> None:
    """Write a file into a folder that is there.

    Args:
        tx: the transaction.
        actor: who does.
        path: of the file.
        content: what is to be in it.
        overwrite: whether it replaces a file that is there.

    Raises:
        ApiError: ALREADY_EXISTS; NOT_FOUND of the folder; PERMISSION_DENIED; INVALID_REQUEST.
    """
    path = normal(path)
    there = tx.scalars(select(Asset).where(Asset.path == path)).one_or_none() if overwrite else None
    if there is not None and there.kind == Kind.FILE:
        there.modified_at = now_ms()
    else:
        there = service.place(tx, actor, parent_of(path), path.rsplit("/", 1)[-1], Kind.FILE, new_id())
    tx.merge(FileContent(asset_id=there.id, content=content))


def read(tx: Session, path: str) -> bytes:
    """Return what is in a file.

    Raises:
        ApiError: NOT_FOUND; INVALID_REQUEST when it is no file.
    """
    asset = service.find(tx, path)
    if asset.kind != Kind.FILE:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Path ({asset.path}) is a {asset.kind}, not a file.")
    return tx.get_one(FileContent, asset.id).content
