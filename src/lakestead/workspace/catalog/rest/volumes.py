"""REST: volumes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, MANAGE, WORKSPACE_ADMIN, Access, create_access
from lakestead.workspace.catalog import info, volumes
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest import common
from lakestead.workspace.catalog.rest.common import PREFIX, in_schema, needs
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.store.objects import Kind


class Create(Body):
    """Body of a new volume."""

    catalog_name: str
    schema_name: str
    name: str
    volume_type: volumes.VolumeType
    comment: str | None = None
    storage_location: str | None = None


class Update(Body):
    """Body of a change."""

    owner: str | None = None
    comment: str | None = None
    new_name: str | None = None


def may_create(call: Call, _: Session) -> Iterator[Access]:
    """Access rule: CREATE VOLUME on the schema; external ones show folders of this machine: admins only."""
    asked = call.parse(Create)
    yield create_access(Kind.VOLUME, (asked.catalog_name.lower(), asked.schema_name.lower()))
    if asked.volume_type == "EXTERNAL":
        yield WORKSPACE_ADMIN


def create(call: Call) -> info.Json:
    """POST a new volume."""
    asked = call.parse(Create)
    with call.workspace.store.write() as tx:
        made = volumes.create(
            tx,
            call.workspace.storage,
            call.principal,
            (asked.catalog_name, asked.schema_name, asked.name),
            volume_type=asked.volume_type,
            location=asked.storage_location,
            comment=asked.comment,
        )
        return info.volume(made)


def list_(call: Call) -> info.Json:
    """GET the volumes of a schema that the principal sees."""
    return common.list_in_schema(call, Kind.VOLUME, "volumes", info.volume)


def read(call: Call) -> info.Json:
    """GET a volume."""
    return common.show(call, Kind.VOLUME, info.volume)


def update(call: Call) -> info.Json:
    """PATCH a volume."""
    return common.update(call, Kind.VOLUME, info.volume, Update)


def delete(call: Call) -> None:
    """DELETE a volume, and the files of a managed one."""
    with call.workspace.store.write() as tx:
        gone = volumes.drop(tx, lookup(tx, Kind.VOLUME, common.parts(call.path["name"])))
    common.remove_files(call.workspace.storage, gone)


_ONE = f"{PREFIX}/volumes/{{name}}"
ROUTES = [
    Route("POST", f"{PREFIX}/volumes", create, may_create, "databricks-sdk: volumes.create"),
    Route("GET", f"{PREFIX}/volumes", list_, in_schema, "databricks-sdk: volumes.list"),
    Route("GET", _ONE, read, needs(BROWSE, Kind.VOLUME), "databricks-sdk: volumes.read"),
    Route("PATCH", _ONE, update, needs(MANAGE, Kind.VOLUME), "databricks-sdk: volumes.update"),
    Route("DELETE", _ONE, delete, needs(MANAGE, Kind.VOLUME), "databricks-sdk: volumes.delete"),
]
