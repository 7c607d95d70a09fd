"""REST: catalogs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, MANAGE, Access, create_access
from lakestead.workspace.catalog import catalogs, info
from lakestead.workspace.catalog.lookup import children, metastore
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest import common
from lakestead.workspace.catalog.rest.common import PREFIX, Listed, Update, needs
from lakestead.workspace.errors import unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.store.objects import Kind

PARTIAL = "managed catalogs only; no storage_root"
CHANGES = "owner, comment, new_name and properties"


class Create(Body):
    """Body of a new catalog."""

    name: str
    comment: str | None = None
    properties: dict[str, str] | None = None
    storage_root: str | None = None
    connection_name: str | None = None
    share_name: str | None = None
    provider_name: str | None = None
    options: dict[str, str] | None = None


class Force(Body):
    """Query parameter of deletions."""

    force: bool = False


def may_create(_: Call, __: Session) -> Iterable[Access]:
    """Access rule: CREATE CATALOG on the metastore."""
    return [create_access(Kind.CATALOG, ())]


def create(call: Call) -> info.Json:
    """POST a new catalog."""
    asked = call.parse(Create)
    if asked.connection_name or asked.options:
        raise unsupported("A foreign catalog")
    if asked.share_name or asked.provider_name:
        raise unsupported("A Delta Sharing catalog")
    with call.workspace.store.write() as tx:
        made = catalogs.create(
            tx,
            call.principal,
            asked.name,
            comment=asked.comment,
            properties=asked.properties,
            location=asked.storage_root,
        )
        return info.catalog(made)


def list_(call: Call) -> info.Json:
    """GET the catalogs that the principal sees."""
    asked = call.arguments(ListedCatalogs)
    with call.workspace.store.read() as tx:
        shown, token = common.seen(call, tx, children(tx, metastore(tx), Kind.CATALOG), asked)
        found = [common.marked(call, tx, one, info.catalog(one)) for one in shown]
        return common.listed("catalogs", found, token)


class ListedCatalogs(Listed):
    """Query parameters of the list. All catalogs are bound to the one workspace there is."""

    include_unbound: bool = False


def get(call: Call) -> info.Json:
    """GET a catalog."""
    return common.show(call, Kind.CATALOG, info.catalog)


def update(call: Call) -> info.Json:
    """PATCH a catalog."""
    return common.update(call, Kind.CATALOG, info.catalog, Update)


def delete(call: Call) -> None:
    """DELETE a catalog; with ``force``, all that is in it too."""
    asked = call.arguments(Force)
    with call.workspace.store.write() as tx:
        target = lookup(tx, Kind.CATALOG, common.parts(call.path["name"]))
        gone = catalogs.drop(tx, target, cascade=asked.force)
    common.remove_files(call.workspace.storage, gone)


_ONE = f"{PREFIX}/catalogs/{{name}}"
ROUTES = [
    Route("POST", f"{PREFIX}/catalogs", create, may_create, "databricks-sdk: catalogs.create", PARTIAL),
    Route("GET", f"{PREFIX}/catalogs", list_, witness="databricks-sdk: catalogs.list"),
    Route("GET", _ONE, get, needs(BROWSE, Kind.CATALOG), "databricks-sdk: catalogs.get"),
    Route("PATCH", _ONE, update, needs(MANAGE, Kind.CATALOG), "databricks-sdk: catalogs.update", CHANGES),
    Route("DELETE", _ONE, delete, needs(MANAGE, Kind.CATALOG), "databricks-sdk: catalogs.delete"),
]
