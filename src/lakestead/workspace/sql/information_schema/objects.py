"""CATALOGS, SCHEMATA, TABLES, VIEWS, VOLUMES, METASTORES: the objects themselves."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import case, func

from lakestead.workspace.catalog import locations
from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.sql.information_schema.scope import (
    CATALOG,
    NAME,
    OBJECT,
    SCHEMA,
    SYSTEM,
    SYSTEM_USER,
    Scope,
    assemble,
    changes,
    concat,
)
from lakestead.workspace.sql.information_schema.views import VIEWS
from lakestead.workspace.store.objects import Kind

_IS_VIEW = OBJECT.spec["table_type"].as_string() == "VIEW"
_UNKNOWN_FORMAT = "UNKNOWN_DATA_SOURCE_FORMAT"


def catalogs(scope: Scope) -> pa.Table:
    """Return the catalogs, ``system`` among them."""
    query = scope.catalogs(
        CATALOG.name.label("catalog_name"),
        CATALOG.owner.label("catalog_owner"),
        CATALOG.comment,
        *changes(CATALOG),
    )
    found = assemble("catalogs", scope.rows(query.where(CATALOG.name != SYSTEM)))
    if scope.catalog is not None:
        return found
    made = metastore(scope.tx).created_at
    system = {"catalog_name": [SYSTEM], "comment": ["System catalog"]} | _by_system([made])
    return concat("catalogs", found, assemble("catalogs", system, catalog_owner=SYSTEM_USER)).sort_by(
        "catalog_name"
    )


def schemata(scope: Scope) -> pa.Table:
    """Return the schemas, each catalog's ``information_schema`` among them."""
    query = scope.schemas(
        CATALOG.name.label("catalog_name"),
        SCHEMA.name.label("schema_name"),
        SCHEMA.owner.label("schema_owner"),
        SCHEMA.comment,
        *changes(SCHEMA),
    )
    found = assemble("schemata", scope.rows(query))
    names, made = provided(scope)
    built_in = assemble(
        "schemata", {"catalog_name": names} | _by_system(made), schema_name=NAME, schema_owner=SYSTEM_USER
    )
    order = [("catalog_name", "ascending"), ("schema_name", "ascending")]
    return concat("schemata", found, built_in).sort_by(order)


def tables(scope: Scope) -> pa.Table:
    """Return tables and views, those of ``information_schema`` among them."""
    query = scope.objects(
        Kind.TABLE,
        CATALOG.name.label("table_catalog"),
        SCHEMA.name.label("table_schema"),
        OBJECT.name.label("table_name"),
        OBJECT.spec["table_type"].as_string().label("table_type"),
        case((_IS_VIEW, "NO"), else_="YES").label("is_insertable_into"),
        OBJECT.owner.label("table_owner"),
        OBJECT.comment,
        *changes(OBJECT),
        func.upper(func.coalesce(OBJECT.spec["format"].as_string(), _UNKNOWN_FORMAT)).label(
            "data_source_format"
        ),
        OBJECT.location.label("storage_path"),
    )
    rows = scope.rows(query)
    rows["storage_path"] = [path and locations.url(path) for path in rows["storage_path"]]
    found = assemble("tables", rows, commit_action="PRESERVE")
    names, made = provided(scope)
    built_in = assemble(
        "tables",
        {
            "table_catalog": [name for name in names for _ in VIEWS],
            "table_name": [view for _ in names for view in VIEWS],
        }
        | _by_system([one for one in made for _ in VIEWS]),
        table_schema=NAME,
        table_type="VIEW",
        is_insertable_into="NO",
        commit_action="PRESERVE",
        table_owner=SYSTEM_USER,
        data_source_format=_UNKNOWN_FORMAT,
    )
    return concat("tables", found, built_in)


def views(scope: Scope) -> pa.Table:
    """Return the views of the users; the text of those of ``information_schema`` is nobody's."""
    query = scope.objects(
        Kind.TABLE,
        CATALOG.name.label("table_catalog"),
        SCHEMA.name.label("table_schema"),
        OBJECT.name.label("table_name"),
        func.coalesce(OBJECT.spec["view_text"].as_string(), OBJECT.spec["view_definition"].as_string()).label(
            "view_definition"
        ),
    ).where(_IS_VIEW)
    return assemble(
        "views",
        scope.rows(query),
        check_option="NONE",
        is_updatable="NO",
        is_insertable_into="NO",
        is_materialized="NO",
    )


def volumes(scope: Scope) -> pa.Table:
    """Return the volumes."""
    query = scope.objects(
        Kind.VOLUME,
        CATALOG.name.label("volume_catalog"),
        SCHEMA.name.label("volume_schema"),
        OBJECT.name.label("volume_name"),
        OBJECT.spec["volume_type"].as_string().label("volume_type"),
        OBJECT.owner.label("volume_owner"),
        OBJECT.comment,
        OBJECT.location.label("storage_location"),
        *changes(OBJECT),
    )
    rows = scope.rows(query)
    rows["storage_location"] = [locations.url(path) for path in rows["storage_location"]]
    return assemble("volumes", rows)


def catalog_name(scope: Scope) -> pa.Table:
    """Return the name of the catalog that is asked."""
    return assemble("information_schema_catalog_name", {"catalog_name": [scope.catalog or SYSTEM]})


def metastores(scope: Scope) -> pa.Table:
    """Return the one metastore; its files lie on this machine, in no cloud and region."""
    it = metastore(scope.tx)
    cloud = region = "local"
    values = {
        "metastore_id": [it.id],
        "metastore_name": [it.name],
        "metastore_owner": [it.owner],
        "global_metastore_id": [f"{cloud}:{region}:{it.id}"],
        "created": [it.created_at],
        "created_by": [it.created_by],
        "last_altered": [it.updated_at],
        "last_altered_by": [it.updated_by],
    }
    return assemble(
        "metastores",
        values,
        storage_root="",
        delta_sharing_scope="INTERNAL",
        delta_sharing_organization_name="",
        privilege_model_version="1.0",
        cloud=cloud,
        region=region,
    )


def provided(scope: Scope) -> tuple[list[str], list[int]]:
    """Return the catalogs that have an ``information_schema`` in this scope, and when they were made."""
    if scope.schema not in (None, NAME):
        return [], []
    rows = scope.rows(scope.catalogs(CATALOG.name, CATALOG.created_at).where(CATALOG.name != SYSTEM))
    names, made = list(rows["name"]), list(rows["created_at"])
    if scope.catalog in (None, SYSTEM):
        names.append(SYSTEM)
        made.append(metastore(scope.tx).created_at)
    return names, made


def _by_system(made: list[int]) -> dict[str, list[object]]:
    return {
        "created": list(made),
        "created_by": [SYSTEM_USER] * len(made),
        "last_altered": list(made),
        "last_altered_by": [SYSTEM_USER] * len(made),
    }


def none(view: str, _scope: Scope) -> pa.Table:
    """Return a view without rows."""
    return VIEWS[view].empty_table()
