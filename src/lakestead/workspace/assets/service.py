"""Assets: rules and records of the workspace's tree."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.assets.paths import join, may_use, normal, parent_of, stands
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.assets import Asset
from lakestead.workspace.store.base import new_id, now_ms


class Kind(StrEnum):
    """What an asset is."""

    DIRECTORY = "DIRECTORY"
    DASHBOARD = "DASHBOARD"
    ALERT = "ALERT"
    QUERY = "QUERY"
    FILE = "FILE"


def place(tx: Session, actor: Principal, parent_path: str, name: str, kind: Kind, resource_id: str) -> Asset:
    """Put something into a folder.

    Args:
        tx: the transaction.
        actor: who does, and owns it then.
        parent_path: the folder, which must be there; with or without the prefix ``/Workspace``.
        name: its name in the folder, extension included.
        kind: what it is.
        resource_id: what its own API calls it.

    Raises:
        ApiError: NOT_FOUND of the folder; ALREADY_EXISTS; PERMISSION_DENIED; INVALID_REQUEST.
    """
    path = _free(tx, actor, folder(tx, parent_path), name)
    asset = Asset(
        path=path, parent_path=parent_of(path), kind=kind, resource_id=resource_id, owner=actor.name
    )
    tx.add(asset)
    tx.flush()
    return asset


def make_folders(tx: Session, actor: Principal, path: str) -> None:
    """Make a folder, and those it is in that are not there.

    Raises:
        ApiError: ALREADY_EXISTS when something on the way is no folder; PERMISSION_DENIED; INVALID_REQUEST.
    """
    path = normal(path)
    if stands(tx, path):
        return
    there = _at(tx, path)
    if there is None:
        make_folders(tx, actor, parent_of(path))
        place(tx, actor, parent_of(path), path.rsplit("/", 1)[-1], Kind.DIRECTORY, new_id())
    elif there.kind != Kind.DIRECTORY:
        raise ApiError(ErrorCode.ALREADY_EXISTS, f"Path ({path}) is a {there.kind}, not a directory.")


def folder(tx: Session, path: str) -> str:
    """Return the path of a folder that is there, without the prefix.

    Raises:
        ApiError: NOT_FOUND; INVALID_REQUEST.
    """
    path = normal(path)
    there = _at(tx, path)
    if not stands(tx, path) and (there is None or there.kind != Kind.DIRECTORY):
        raise ApiError(ErrorCode.NOT_FOUND, f"Path ({path}) doesn't exist, or is no directory.")
    return path


def find(tx: Session, path: str) -> Asset:
    """Return what is at a path.

    Raises:
        ApiError: NOT_FOUND, also of the folders that are there by themselves; INVALID_REQUEST.
    """
    there = _at(tx, normal(path))
    if there is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Path ({path}) doesn't exist.")
    return there


def of(tx: Session, resource_id: str) -> Asset:
    """Return the asset of something by what its own API calls it.

    Raises:
        ApiError: NOT_FOUND.
    """
    asset = tx.scalars(select(Asset).where(Asset.resource_id == resource_id)).one_or_none()
    if asset is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"No asset of the workspace's folders is {resource_id}.")
    return asset


def inside(tx: Session, path: str) -> Sequence[Asset]:
    """Return what is in a folder, by path."""
    return tx.scalars(select(Asset).where(Asset.parent_path == normal(path)).order_by(Asset.path)).all()


def below(tx: Session, path: str) -> list[Asset]:
    """Return all that is in a folder and in those in it, innermost last."""
    found: list[Asset] = []
    for asset in inside(tx, path):
        found.append(asset)
        if asset.kind == Kind.DIRECTORY:
            found += below(tx, asset.path)
    return found


def remove(tx: Session, resource_id: str) -> None:
    """Take something out of its folder; what it is stays.

    Raises:
        ApiError: NOT_FOUND.
    """
    tx.delete(of(tx, resource_id))
    tx.flush()


def rename(tx: Session, actor: Principal, resource_id: str, name: str) -> Asset:
    """Give something another name in its folder; errors as of :func:`move`."""
    asset = of(tx, resource_id)
    return asset if asset.name == name else _to(tx, actor, asset, asset.parent_path, name)


def move(tx: Session, actor: Principal, resource_id: str, parent_path: str) -> Asset:
    """Put something into another folder. Folders themselves are not moved.

    Raises:
        ApiError: NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED; INVALID_REQUEST.
    """
    asset = of(tx, resource_id)
    parent = folder(tx, parent_path)
    return asset if asset.parent_path == parent else _to(tx, actor, asset, parent, asset.name)


def _to(tx: Session, actor: Principal, asset: Asset, parent: str, name: str) -> Asset:
    asset.path = _free(tx, actor, parent, name)
    asset.parent_path = parent
    asset.modified_at = now_ms()
    tx.flush()
    return asset


def _free(tx: Session, actor: Principal, parent: str, name: str) -> str:
    path = join(parent, name)
    if not may_use(actor, parent):
        raise ApiError(
            ErrorCode.PERMISSION_DENIED, f"{actor.name} does not have Edit permissions on {parent}."
        )
    if stands(tx, path) or _at(tx, path) is not None:
        raise ApiError(ErrorCode.ALREADY_EXISTS, f"Path ({path}) already exists.")
    return path


def _at(tx: Session, path: str) -> Asset | None:
    return tx.scalars(select(Asset).where(Asset.path == path)).one_or_none()
