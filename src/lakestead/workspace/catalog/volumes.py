"""Volumes: folders of files, kept by the workspace (managed) or by others (external)."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from lakestead.workspace.catalog import locations, objects
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.objects import Kind, Securable

VolumeType = Literal["MANAGED", "EXTERNAL"]


def create(
    tx: Session,
    storage: Storage,
    actor: Principal,
    name: tuple[str, str, str],
    *,
    volume_type: VolumeType,
    location: str | None = None,
    comment: str | None = None,
) -> Securable:
    """Make a volume; the folder of a managed one before its record, so that no kill leaves it without.

    Args:
        tx: the transaction it is made in.
        storage: where managed volumes lie.
        actor: who makes it and owns it.
        name: catalog, schema and volume.
        volume_type: MANAGED or EXTERNAL.
        location: of an external one: absolute path or object-store URL.
        comment: what it is for.

    Raises:
        ApiError: SCHEMA_NOT_FOUND, INVALID_NAME, VOLUME_EXISTS, INVALID_REQUEST, LOCATION_OVERLAP.
    """
    schema = get(tx, Kind.SCHEMA, name[:2])
    objects.require_absent(tx, Kind.VOLUME, schema, objects.checked_name(Kind.VOLUME, name[2]))
    volume_id = new_id()
    if volume_type == "MANAGED":
        if location is not None:
            raise ApiError(ErrorCode.INVALID_REQUEST, "A managed volume cannot be given a storage location.")
        folder = storage.managed(Kind.VOLUME, volume_id)
        folder.mkdir()
        stored = str(folder)
    elif location is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, "An external volume needs a storage location.")
    else:
        stored = locations.external(tx, storage, location)
        locations.make_folder(stored)
    return objects.create(
        tx,
        actor,
        Kind.VOLUME,
        schema,
        name[2],
        id=volume_id,
        location=stored,
        comment=comment,
        spec={"volume_type": volume_type},
    )


def drop(tx: Session, target: Securable) -> list[Securable]:
    """Remove a volume; the files of an external one stay. Returns as :func:`objects.remove` does."""
    return objects.remove(tx, target)
