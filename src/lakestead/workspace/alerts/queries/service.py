"""The rules and records of saved queries."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.alerts.masks import merged
from lakestead.workspace.alerts.names import free_name, given_to
from lakestead.workspace.alerts.queries.bodies import CHANGEABLE, CreateQuery, QueryBody, UpdateQuery
from lakestead.workspace.assets import service as assets
from lakestead.workspace.assets.paths import home
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import explain
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.alerts import SavedQuery
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.warehouses import service as warehouses

EXTENSION = ".dbquery.ipynb"


def find(tx: Session, query_id: str) -> SavedQuery:
    """Return a query, also one in the trash.

    Raises:
        ApiError: NOT_FOUND.
    """
    found = tx.get(SavedQuery, query_id)
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, f"Query {query_id} does not exist.")
    return found


def active(tx: Session) -> Sequence[SavedQuery]:
    """Return the queries that are not in the trash, in the order of their creation."""
    query = select(SavedQuery).where(~SavedQuery.trashed)
    return tx.scalars(query.order_by(SavedQuery.created_at, SavedQuery.id)).all()


def create(tx: Session, actor: Principal, asked: CreateQuery) -> SavedQuery:
    """Make a query in a folder, by default its maker's home.

    Raises:
        ApiError: NOT_FOUND of the folder or the warehouse; ALREADY_EXISTS; PERMISSION_DENIED.
    """
    body = asked.query
    _check(tx, body)
    parent = assets.folder(tx, body.parent_path or home(actor.name))
    name = body.display_name
    if asked.auto_resolve_display_name:
        name = free_name(tx, parent, name, EXTENSION)
    query = SavedQuery(
        display_name=name,
        owner=actor.name,
        updated_by=actor.name,
        definition=body.declared() | {"display_name": name},
    )
    tx.add(query)
    tx.flush()
    assets.place(tx, actor, parent, name + EXTENSION, Kind.QUERY, query.id)
    return query


def update(tx: Session, actor: Principal, query_id: str, asked: UpdateQuery) -> SavedQuery:
    """Change what a mask names of a query.

    Raises:
        ApiError: as of :func:`create`; NOT_FOUND, also in the trash; INVALID_REQUEST.
    """
    query = find(tx, query_id)
    if query.trashed:
        raise ApiError(ErrorCode.NOT_FOUND, f"Query {query_id} is in the trash.")
    current = query.definition | {"owner_user_name": query.owner}
    try:
        body = QueryBody.model_validate(merged(current, asked.query, asked.update_mask, CHANGEABLE))
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None
    _check(tx, body)
    query.owner = given_to(tx, actor, body.owner_user_name, query.owner)
    name = body.display_name
    if name != query.display_name:
        if asked.auto_resolve_display_name:
            name = free_name(tx, assets.of(tx, query_id).parent_path, name, EXTENSION)
        assets.rename(tx, actor, query_id, name + EXTENSION)
    query.display_name = name
    query.definition = body.declared() | {"display_name": name}
    query.updated_at, query.updated_by = now_ms(), actor.name
    return query


def trash(tx: Session, query_id: str) -> None:
    """Take a query out of its folder; alerts cannot look at it any more.

    Raises:
        ApiError: NOT_FOUND.
    """
    query = find(tx, query_id)
    if not query.trashed:
        assets.remove(tx, query_id)
        query.trashed = True
        query.updated_at = now_ms()


def _check(tx: Session, body: QueryBody) -> None:
    if body.warehouse_id:
        warehouses.find(tx, body.warehouse_id)
