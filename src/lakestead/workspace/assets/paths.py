"""Paths of the workspace's tree, and the folders that are there by themselves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.principals import Identity

ROOT = "/"
USERS = "/Users"
SHARED = "/Shared"
_PREFIX = "/Workspace"


def normal(path: str) -> str:
    """Return a path without the prefix ``/Workspace`` and without a slash at its end.

    Raises:
        ApiError: INVALID_REQUEST for one that begins with no slash or has empty, ``.`` or ``..`` parts.
    """
    if not path.startswith("/"):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Path ({path}) doesn't start with '/'")
    bare = path.rstrip("/")
    if bare == _PREFIX or bare.startswith(f"{_PREFIX}/"):
        bare = bare.removeprefix(_PREFIX)
    if any(part in ("", ".", "..") or "\0" in part for part in bare.split("/")[1:]):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Path ({path}) has a part that is empty, '.' or '..'.")
    return bare or ROOT


def join(parent: str, name: str) -> str:
    """Return the path of something in a folder.

    Raises:
        ApiError: INVALID_REQUEST for a name that is empty or has a slash in it.
    """
    if not name or "/" in name or name in (".", ".."):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"'{name}' cannot be the name of something in a folder.")
    return f"{parent.rstrip('/')}/{name}"


def parent_of(path: str) -> str:
    """Return the folder that a path is in; of the root, the root."""
    return path.rsplit("/", 1)[0] or ROOT


def home(name: str) -> str:
    """Return the home folder of a user or service principal."""
    return f"{USERS}/{name}"


def stands(tx: Session, path: str) -> bool:
    """Return whether a folder is there by itself: the root, ``/Users``, ``/Shared``, and everybody's home."""
    if path in (ROOT, USERS, SHARED):
        return True
    if parent_of(path) != USERS:
        return False
    owner = path.removeprefix(f"{USERS}/")
    query = select(Identity.id).where(Identity.name == owner, Identity.kind != "GROUP")
    return tx.execute(query).first() is not None


def may_use(actor: Principal, path: str) -> bool:
    """Return whether a principal may make, see and remove things at a path.

    Everybody may in ``/Shared`` and in its own home; administrators everywhere.
    """
    places = (SHARED, home(actor.name))
    return actor.is_admin or any(path == place or path.startswith(f"{place}/") for place in places)
