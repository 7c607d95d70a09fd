"""The TAGS views."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlalchemy import Select

from lakestead.workspace.sql.information_schema.scope import CATALOG, OBJECT, SCHEMA, Scope, assemble
from lakestead.workspace.store.objects import Kind, Tag
from lakestead.workspace.visibility import Alias

_TAG = (Tag.key.label("tag_name"), Tag.value.label("tag_value"))
_CATALOG_NAME = CATALOG.name.label("catalog_name")
_SCHEMA_NAME = SCHEMA.name.label("schema_name")


def catalog_tags(scope: Scope) -> pa.Table:
    """Return the tags on catalogs."""
    return _read(scope, "catalog_tags", scope.catalogs(_CATALOG_NAME, *_TAG), CATALOG)


def schema_tags(scope: Scope) -> pa.Table:
    """Return the tags on schemas."""
    return _read(scope, "schema_tags", scope.schemas(_CATALOG_NAME, _SCHEMA_NAME, *_TAG), SCHEMA)


def table_tags(scope: Scope) -> pa.Table:
    """Return the tags on tables and views themselves."""
    names = (_CATALOG_NAME, _SCHEMA_NAME, OBJECT.name.label("table_name"))
    query = scope.objects(Kind.TABLE, *names, *_TAG).where(Tag.column == "")
    return _read(scope, "table_tags", query, OBJECT)


def column_tags(scope: Scope) -> pa.Table:
    """Return the tags on columns."""
    names = (_CATALOG_NAME, _SCHEMA_NAME, OBJECT.name.label("table_name"), Tag.column.label("column_name"))
    query = scope.objects(Kind.TABLE, *names, *_TAG).where(Tag.column != "")
    return _read(scope, "column_tags", query, OBJECT)


def volume_tags(scope: Scope) -> pa.Table:
    """Return the tags on volumes."""
    names = (_CATALOG_NAME, _SCHEMA_NAME, OBJECT.name.label("volume_name"))
    return _read(scope, "volume_tags", scope.objects(Kind.VOLUME, *names, *_TAG), OBJECT)


def _read(scope: Scope, view: str, query: Select[Any], target: Alias) -> pa.Table:
    joined = query.join(Tag, Tag.securable_id == target.id).order_by(Tag.column, Tag.key)
    return assemble(view, scope.rows(joined))
