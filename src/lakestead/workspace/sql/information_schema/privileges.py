"""The PRIVILEGES views: who may do what, granted on an object or on what it is in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlalchemy import CompoundSelect, Select, literal, union_all

from lakestead.workspace.access import GRANTABLE
from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.sql.information_schema.scope import CATALOG, OBJECT, SCHEMA, Scope, assemble
from lakestead.workspace.store.objects import Grant, Kind
from lakestead.workspace.visibility import Alias


def catalog_privileges(scope: Scope) -> pa.Table:
    """Return the privileges on catalogs."""
    query = scope.catalogs(CATALOG.name.label("catalog_name"), *_grant(CATALOG, None))
    return _read(scope, "catalog_privileges", _granted(query, Kind.CATALOG, CATALOG))


def schema_privileges(scope: Scope) -> pa.Table:
    """Return the privileges on schemas."""
    queries = [
        _granted(
            scope.schemas(
                CATALOG.name.label("catalog_name"), SCHEMA.name.label("schema_name"), *_grant(holder, level)
            ),
            Kind.SCHEMA,
            holder,
        )
        for holder, level in ((SCHEMA, None), (CATALOG, Kind.CATALOG))
    ]
    return _read(scope, "schema_privileges", union_all(*queries))


def table_privileges(scope: Scope) -> pa.Table:
    """Return the privileges on tables and views."""
    return _on_objects(scope, "table_privileges", Kind.TABLE, ("table",))


def volume_privileges(scope: Scope) -> pa.Table:
    """Return the privileges on volumes."""
    return _on_objects(scope, "volume_privileges", Kind.VOLUME, ("volume",))


def routine_privileges(scope: Scope) -> pa.Table:
    """Return the privileges on functions."""
    return _on_objects(scope, "routine_privileges", Kind.FUNCTION, ("specific", "routine"))


def metastore_privileges(scope: Scope) -> pa.Table:
    """Return the privileges on the metastore."""
    it = metastore(scope.tx)
    found = scope.tx.query(Grant.principal, Grant.privilege).filter(Grant.securable_id == it.id).all()
    values = {
        "grantee": [row.principal for row in found],
        "privilege_type": [row.privilege for row in found],
    }
    return assemble(
        "metastore_privileges",
        values,
        grantor=it.owner,
        metastore_id=it.id,
        is_grantable="NO",
        inherited_from="NONE",
    )


def _on_objects(scope: Scope, view: str, kind: Kind, prefixes: tuple[str, ...]) -> pa.Table:
    names = [
        column.label(f"{prefix}_{part}")
        for prefix in prefixes
        for column, part in ((CATALOG.name, "catalog"), (SCHEMA.name, "schema"), (OBJECT.name, "name"))
    ]
    holders = ((OBJECT, None), (SCHEMA, Kind.SCHEMA), (CATALOG, Kind.CATALOG))
    queries = [
        _granted(scope.objects(kind, *names, *_grant(holder, level)), kind, holder)
        for holder, level in holders
    ]
    return _read(scope, view, union_all(*queries))


def _grant(holder: Alias, inherited_from: Kind | None) -> list[Any]:
    # Who granted is not recorded; grants are made in the name of the owner of what they are on.
    return [
        holder.owner.label("grantor"),
        Grant.principal.label("grantee"),
        Grant.privilege.label("privilege_type"),
        literal(inherited_from or "NONE").label("inherited_from"),
    ]


def _granted(query: Select[Any], kind: Kind, holder: Alias) -> Select[Any]:
    """Join what was granted on ``holder`` and applies to objects of ``kind``."""
    joined = query.join(Grant, Grant.securable_id == holder.id).where(Grant.privilege.in_(GRANTABLE[kind]))
    return joined.order_by(None)


def _read(scope: Scope, view: str, query: Select[Any] | CompoundSelect[Any]) -> pa.Table:
    return assemble(view, scope.rows(query), is_grantable="NO")
