"""Routes of the query history API."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError
from sqlalchemy import Select, or_, select

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Body, Call, Route, explain
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.queries import Query

# What the API has a name for; everything else is OTHER.
_TYPES = """
ALTER ANALYZE COPY CREATE DELETE DESCRIBE DROP EXPLAIN GRANT INSERT MERGE OPTIMIZE OTHER REFRESH REPLACE
REVOKE SELECT SET SHOW TRUNCATE UPDATE USE
"""


# What the database has room for.
Number = Annotated[int, Field(ge=0, lt=2**63)]


class TimeRange(Body):
    """When a statement was submitted, in milliseconds since the epoch; both ends belong to it."""

    start_time_ms: Number | None = None
    end_time_ms: Number | None = None


_POSITION = re.compile(r"[0-9]{1,18}")
# In a query string one value looks like no list.
Item = TypeVar("Item")
Many = Annotated[list[Item], BeforeValidator(lambda given: given if isinstance(given, list) else [given])]
Status = Literal["QUEUED", "COMPILING", "COMPILED", "STARTED", "RUNNING", "CANCELED", "FAILED", "FINISHED"]


class QueryFilter(Body):
    """Which statements are wanted; of an empty list any."""

    statuses: Many[Status] = Field(default_factory=list)
    user_ids: Many[Number] = Field(default_factory=list)
    warehouse_ids: Many[str] = Field(default_factory=list)
    statement_ids: Many[str] = Field(default_factory=list)
    query_start_time_range: TimeRange = TimeRange()


class ListQueries(Body):
    """What is asked for."""

    filter_by: QueryFilter = QueryFilter()
    include_metrics: bool = False
    max_results: int = Field(default=100, ge=1, le=1000)
    page_token: str | None = None


def list_queries(call: Call) -> dict[str, Any]:
    """List statements that have ended, the latest first: users see their own, administrators all."""
    call.workspace.history.flush()
    request = call.parse(ListQueries) if call.body else _parse(call)
    with call.workspace.store.read() as tx:
        found = list(tx.execute(_select(request, call.principal)).scalars())
    page = found[: request.max_results]
    body: dict[str, Any] = {
        "res": [_info(one, metrics=request.include_metrics) for one in page],
        "has_next_page": len(page) < len(found),
    }
    if len(page) < len(found):
        body["next_page_token"] = f"{page[-1].submitted_at}.{page[-1].number}"
    return body


def _parse(call: Call) -> ListQueries:
    """Return the query string, in which dotted names stand for nested values and repeated names for lists."""
    params = call.request.query_params
    values: dict[str, Any] = {}
    for key in sorted(params):
        *outer, name = key.split(".")
        place = values
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ApiError(ErrorCode.INVALID_REQUEST, f"Field '{key}' and a part of it are given.")
        place[name] = given[0] if len(given := params.getlist(key)) == 1 else given
    try:
        return ListQueries.model_validate(values)
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None


def _select(request: ListQueries, principal: Principal) -> Select[Query]:
    wanted, times = request.filter_by, request.filter_by.query_start_time_range
    query = select(Query).order_by(Query.submitted_at.desc(), Query.number.desc())
    if not principal.is_admin:
        query = query.where(Query.user_name == principal.name)
    for column, values in (
        (Query.status, wanted.statuses),
        (Query.user_id, wanted.user_ids),
        (Query.warehouse_id, wanted.warehouse_ids),
        (Query.statement_id, wanted.statement_ids),
    ):
        if values:
            query = query.where(column.in_(values))
    if times.start_time_ms is not None:
        query = query.where(Query.submitted_at >= times.start_time_ms)
    if times.end_time_ms is not None:
        query = query.where(Query.submitted_at <= times.end_time_ms)
    if request.page_token is not None:
        before, number = _position(request.page_token)
        query = query.where(
            or_(Query.submitted_at < before, (Query.submitted_at == before) & (Query.number < number))
        )
    return query.limit(request.max_results + 1)


def _position(token: str) -> tuple[int, int]:
    time, _, number = token.partition(".")
    if not (_POSITION.fullmatch(time) and _POSITION.fullmatch(number)):
        raise ApiError(ErrorCode.INVALID_REQUEST, "The page_token is not valid.")
    return int(time), int(number)


def _info(query: Query, *, metrics: bool) -> dict[str, Any]:
    kind = query.statement_type
    info: dict[str, Any] = {
        "query_id": query.statement_id,
        "session_id": query.session_id,
        "status": query.status,
        "query_text": query.text,
        "statement_type": kind if kind in _TYPES.split() else "OTHER",
        "user_id": query.user_id,
        "user_name": query.user_name,
        "executed_as_user_id": query.user_id,
        "executed_as_user_name": query.user_name,
        "warehouse_id": query.warehouse_id,
        "endpoint_id": query.warehouse_id,
        "client_application": query.client_application,
        "query_start_time_ms": query.submitted_at,
        "execution_end_time_ms": query.ended_at,
        "query_end_time_ms": query.ended_at,
        "duration": query.ended_at - query.submitted_at,
        "query_tags": [{"key": key, "value": value} for key, value in query.query_tags.items()],
        "channel_used": {"name": "CHANNEL_NAME_CURRENT"},
        "plans_state": "EMPTY",
        "is_final": True,
    }
    if query.rows_produced is not None:
        info["rows_produced"] = query.rows_produced
    if query.error_message is not None:
        info["error_message"] = query.error_message
    if metrics:
        info["metrics"] = _metrics(query)
    return info


def _metrics(query: Query) -> dict[str, Any]:
    """Return what was measured; the engine does not tell what it read."""
    metrics: dict[str, Any] = {
        "total_time_ms": query.ended_at - query.submitted_at,
        "result_from_cache": False,
    }
    if query.started_at is not None:
        metrics["execution_time_ms"] = query.ended_at - query.started_at
    if query.rows_produced is not None:
        metrics["rows_produced_count"] = query.rows_produced
    return metrics


ROUTES = [
    Route(
        "GET",
        "/api/2.0/sql/history/queries",
        list_queries,
        witness="databricks-sdk: query_history.list",
        partial="statements are listed when they have ended; metrics are times and rows produced",
    )
]
