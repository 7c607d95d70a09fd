"""Catalogs."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.catalog import objects
from lakestead.workspace.catalog.lookup import children, metastore
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Kind, Securable


def create(
    tx: Session,
    actor: Principal,
    name: str,
    *,
    comment: str | None = None,
    properties: Mapping[str, str] | None = None,
    location: str | None = None,
) -> Securable:
    """Make a catalog, with an empty schema ``default`` in it.

    Args:
        tx: the transaction it is made in.
        actor: who makes it and owns it.
        name: its name.
        comment: what it is for.
        properties: of the user's own.
        location: where managed data would lie; only None (the workspace's own folder) is supported.

    Raises:
        ApiError: INVALID_NAME, CATALOG_EXISTS, NOT_IMPLEMENTED for a location.
    """
    if location is not None:
        raise unsupported("A managed location of a catalog")
    properties = objects.checked_properties(properties)
    made = objects.create(
        tx, actor, Kind.CATALOG, metastore(tx), name, comment=comment, properties=properties
    )
    objects.create(tx, actor, Kind.SCHEMA, made, "default", comment="Default schema")
    return made


def drop(tx: Session, target: Securable, *, cascade: bool = False) -> list[Securable]:
    """Remove a catalog.

    Args:
        tx: the transaction.
        target: the catalog.
        cascade: remove what is in it too.

    Returns:
        The managed tables and volumes removed, as :func:`objects.remove` says.

    Raises:
        ApiError: CATALOG_NOT_EMPTY when more than an empty schema ``default`` is in it.
    """
    if not cascade:
        schemas = children(tx, target, Kind.SCHEMA)
        if any(one.name != "default" or objects.below(tx, one) for one in schemas):
            raise ApiError(
                ErrorCode.CATALOG_NOT_EMPTY,
                f"Catalog {quote_name(*target.path)} is not empty. Use CASCADE (force) to drop it with "
                "everything in it.",
            )
    return objects.remove(tx, target)
