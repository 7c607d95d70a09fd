"""INFORMATION_SCHEMA: what is in the metastore, as relations that queries can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import pyarrow as pa
from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.information_schema import (
    constraints,
    objects,
    policies,
    privileges,
    routines,
    tags,
)
from lakestead.workspace.sql.information_schema.columns import columns
from lakestead.workspace.sql.information_schema.scope import NAME, SYSTEM, Scope
from lakestead.workspace.sql.information_schema.views import VIEWS

_READERS: Mapping[str, Callable[[Scope], pa.Table]] = MappingProxyType(
    {
        "catalog_privileges": privileges.catalog_privileges,
        "catalog_tags": tags.catalog_tags,
        "catalogs": objects.catalogs,
        "check_constraints": constraints.check_constraints,
        "column_masks": policies.column_masks,
        "column_tags": tags.column_tags,
        "columns": columns,
        "constraint_column_usage": constraints.constraint_column_usage,
        "constraint_table_usage": constraints.constraint_table_usage,
        "information_schema_catalog_name": objects.catalog_name,
        "key_column_usage": constraints.key_column_usage,
        "metastore_privileges": privileges.metastore_privileges,
        "metastores": objects.metastores,
        "parameters": routines.parameters,
        "referential_constraints": constraints.referential_constraints,
        "routine_columns": routines.routine_columns,
        "routine_privileges": privileges.routine_privileges,
        "routines": routines.routines,
        "row_filters": policies.row_filters,
        "schema_privileges": privileges.schema_privileges,
        "schema_tags": tags.schema_tags,
        "schemata": objects.schemata,
        "table_constraints": constraints.table_constraints,
        "table_privileges": privileges.table_privileges,
        "table_tags": tags.table_tags,
        "tables": objects.tables,
        "views": objects.views,
        "volume_privileges": privileges.volume_privileges,
        "volume_tags": tags.volume_tags,
        "volumes": objects.volumes,
        # The workspace has none of these, so there is nothing to list.
        **{view: partial(objects.none, view) for view in ("external_locations", "storage_credentials")},
    }
)


def relation(tx: Session, principal: Principal, catalog: str, view: str) -> pa.Table:
    """Return the rows of a view that a principal may see.

    Args:
        tx: an open transaction.
        principal: who asks.
        catalog: whose INFORMATION_SCHEMA it is, in lower case; that of ``system`` is about all catalogs.
        view: its name, in any case.

    Raises:
        ApiError: TABLE_NOT_FOUND when there is no such view.
    """
    reader = _READERS.get(view.lower())
    if reader is None:
        name = quote_name(catalog, NAME, view)
        raise ApiError(ErrorCode.TABLE_NOT_FOUND, f"The table or view {name} cannot be found.")
    return reader(Scope(tx, principal, None if catalog == SYSTEM else catalog))


__all__ = ["NAME", "SYSTEM", "VIEWS", "Scope", "relation"]
