"""Schemas."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.catalog import objects
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Kind, Securable


def create(
    tx: Session,
    actor: Principal,
    name: tuple[str, str],
    *,
    comment: str | None = None,
    properties: Mapping[str, str] | None = None,
    location: str | None = None,
) -> Securable:
    """Make a schema.

    Args:
        tx: the transaction it is made in.
        actor: who makes it and owns it.
        name: catalog and schema.
        comment: what it is for.
        properties: of the user's own.
        location: where managed data would lie; only None (the workspace's own folder) is supported.

    Raises:
        ApiError: CATALOG_NOT_FOUND, INVALID_NAME, SCHEMA_EXISTS, NOT_IMPLEMENTED for a location.
    """
    if location is not None:
        raise unsupported("A managed location of a schema")
    catalog = get(tx, Kind.CATALOG, name[:1])
    properties = objects.checked_properties(properties)
    return objects.create(tx, actor, Kind.SCHEMA, catalog, name[1], comment=comment, properties=properties)


def drop(tx: Session, target: Securable, *, cascade: bool = False) -> list[Securable]:
    """Remove a schema.

    Args:
        tx: the transaction.
        target: the schema.
        cascade: remove what is in it too.

    Returns:
        The managed tables and volumes removed, as :func:`objects.remove` says.

    Raises:
        ApiError: SCHEMA_NOT_EMPTY.
    """
    if not cascade and objects.below(tx, target):
        raise ApiError(
            ErrorCode.SCHEMA_NOT_EMPTY,
            f"Cannot drop the schema {quote_name(*target.path)} because it contains objects. Use CASCADE "
            "(force) to drop them too.",
        )
    return objects.remove(tx, target)
