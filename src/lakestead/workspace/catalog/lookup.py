"""Finding objects of the metastore by name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.store.base import KNOWN
from lakestead.workspace.store.objects import Kind, Securable

_NOT_FOUND = {
    Kind.METASTORE: ErrorCode.METASTORE_NOT_FOUND,
    Kind.CATALOG: ErrorCode.CATALOG_NOT_FOUND,
    Kind.SCHEMA: ErrorCode.SCHEMA_NOT_FOUND,
    Kind.TABLE: ErrorCode.TABLE_NOT_FOUND,
    Kind.VOLUME: ErrorCode.VOLUME_NOT_FOUND,
    Kind.FUNCTION: ErrorCode.FUNCTION_NOT_FOUND,
}
# How many parts the full name of each kind has.
DEPTH = {Kind.METASTORE: 0, Kind.CATALOG: 1, Kind.SCHEMA: 2, Kind.TABLE: 3, Kind.VOLUME: 3, Kind.FUNCTION: 3}
_PARENT = {
    Kind.SCHEMA: Kind.CATALOG,
    Kind.TABLE: Kind.SCHEMA,
    Kind.VOLUME: Kind.SCHEMA,
    Kind.FUNCTION: Kind.SCHEMA,
}
# Made once: making a query costs more than running it.
_CATALOG = select(Securable).where(Securable.kind == Kind.CATALOG, Securable.name == bindparam("name"))
_CHILD = select(Securable).where(
    Securable.parent_id == bindparam("parent"),
    Securable.kind == bindparam("kind"),
    Securable.name == bindparam("name"),
)


def not_found(kind: Kind, name: Sequence[str]) -> ApiError:
    """Return the error for an object that does not exist."""
    label = "table or view" if kind is Kind.TABLE else kind.lower()
    return ApiError(_NOT_FOUND[kind], f"The {label} {quote_name(*name)} cannot be found.")


def find(tx: Session, kind: Kind, name: Sequence[str]) -> Securable | None:
    """Return the object of this kind and full name, or None.

    Args:
        tx: an open transaction.
        kind: what it is.
        name: its full name in parts, in any case.

    Raises:
        ApiError: INVALID_NAME when the name has a wrong number of parts.
    """
    if len(name) != DEPTH[kind]:
        raise ApiError(
            ErrorCode.INVALID_NAME,
            f"{quote_name(*name)} has {len(name)} parts; the name of a {kind.lower()} has {DEPTH[kind]}.",
        )
    if kind is Kind.METASTORE:
        return metastore(tx)
    path = tuple(part.lower() for part in name)
    parent_id = None
    if len(path) > 1:
        parent = find(tx, _PARENT[kind], path[:-1])
        if parent is None:
            return None
        parent_id = parent.id
    known: dict[tuple[Kind, tuple[str, ...]], Securable] | None = tx.info.get(KNOWN)
    if known is not None and (kind, path) in known:
        return known[kind, path]
    query = _CATALOG if parent_id is None else _CHILD
    found = tx.execute(query, {"parent": parent_id, "kind": kind, "name": path[-1]}).scalar_one_or_none()
    if known is not None and found is not None:
        known[kind, path] = found
    return found


def get(tx: Session, kind: Kind, name: Sequence[str]) -> Securable:
    """Return the object of this kind and full name.

    Raises:
        ApiError: the kind's NOT_FOUND; when a parent is missing, the parent's.
    """
    found = find(tx, kind, name)
    if found is not None:
        return found
    if len(name) > 1:
        get(tx, _PARENT[kind], name[:-1])
    raise not_found(kind, name)


def metastore(tx: Session) -> Securable:
    """Return the metastore itself."""
    return tx.execute(select(Securable).where(Securable.kind == Kind.METASTORE)).scalar_one()


def children(tx: Session, parent: Securable, kind: Kind) -> list[Securable]:
    """Return the objects of a kind directly below another, by name."""
    query = select(Securable).where(Securable.parent_id == parent.id, Securable.kind == kind)
    return list(tx.execute(query.order_by(Securable.name)).scalars())
