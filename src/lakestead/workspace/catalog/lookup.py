"""Finding objects of the metastore by name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from lakestead.core.names import quote_name
from lakestead.workspace.errors import ApiError, ErrorCode
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
    target = Securable
    query = select(target).where(target.kind == kind, target.name == name[-1].lower())
    child = target
    for part in reversed(name[:-1]):
        parent = aliased(Securable)
        query = query.join(parent, child.parent_id == parent.id).where(parent.name == part.lower())
        child = parent
    return tx.execute(query.where(child.kind == Kind.CATALOG)).scalar_one_or_none()


def get(tx: Session, kind: Kind, name: Sequence[str]) -> Securable:
    """Return the object of this kind and full name.

    Raises:
        ApiError: the kind's NOT_FOUND; when a parent is missing, the parent's.
    """
    found = find(tx, kind, name)
    if found is not None:
        return found
    parents = {3: Kind.SCHEMA, 2: Kind.CATALOG}
    if kind is not Kind.METASTORE and len(name) > 1:
        get(tx, parents[len(name)], name[:-1])
    raise not_found(kind, name)


def metastore(tx: Session) -> Securable:
    """Return the metastore itself."""
    return tx.execute(select(Securable).where(Securable.kind == Kind.METASTORE)).scalar_one()


def children(tx: Session, parent: Securable, kind: Kind) -> list[Securable]:
    """Return the objects of a kind directly below another, by name."""
    query = select(Securable).where(Securable.parent_id == parent.id, Securable.kind == kind)
    return list(tx.execute(query.order_by(Securable.name)).scalars())
