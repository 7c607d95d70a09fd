"""Whether an alert can be what is asked for: all that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.workspace.alerts.definition import Subscribers
from lakestead.workspace.alerts.requests import AlertBody, Subscription
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.notifications import destinations
from lakestead.workspace.schedules.quartz import parse as parse_quartz
from lakestead.workspace.sql.analysis import analyse
from lakestead.workspace.sql.grammar import SqlSyntaxError, parse
from lakestead.workspace.sql.grammar.ast import Query
from lakestead.workspace.sql.statement import Parameter
from lakestead.workspace.sql.text import normalise, parameter_values, syntax_error
from lakestead.workspace.store.principals import Identity
from lakestead.workspace.warehouses import service as warehouses


def check(tx: Session, actor: Principal, owner: str, body: AlertBody) -> None:
    """Check an alert.

    Args:
        tx: the transaction.
        actor: who asks for it.
        owner: whose it is.
        body: what is asked for.

    Raises:
        ApiError: INVALID_REQUEST saying all that is wrong; PERMISSION_DENIED to run it as somebody else.
    """
    runs_as = body.runs_as(owner)
    if runs_as not in (owner, actor.name) and not actor.is_admin:
        raise ApiError(ErrorCode.PERMISSION_DENIED, f"{actor.name} may not let an alert run as {runs_as}.")
    schedule = body.schedule
    told = subscribers(body.evaluation.notification.subscriptions if body.evaluation.notification else ())
    problems = list(
        _problems(
            ("query_text", lambda: check_query(body.query_text, parameters(body))),
            ("warehouse_id", lambda: warehouses.find(tx, body.warehouse_id)),
            ("schedule", lambda: parse_quartz(schedule.quartz_cron_schedule, schedule.timezone_id)),
            ("evaluation.notification", lambda: destinations.check(tx, told.destinations)),
            ("run_as", lambda: _active(tx, runs_as)),
        )
    )
    if problems:
        raise ApiError(ErrorCode.INVALID_REQUEST, " ".join(problems))


def check_query(text: str, given: Sequence[Parameter]) -> None:
    """Check that a text is a query.

    Raises:
        ApiError: SYNTAX_ERROR or what else is wrong with it.
    """
    text = normalise(text, given)
    try:
        parsed = parse(text, parameter_values(given))
    except SqlSyntaxError as error:
        raise syntax_error(error) from None
    if not isinstance(parsed, Query):
        raise ApiError(ErrorCode.INVALID_STATEMENT, "The statement is no query.")
    analyse(parsed.text)


def parameters(body: AlertBody) -> tuple[Parameter, ...]:
    """Return the values of an alert's markers."""
    return tuple(Parameter(one.value, one.type or "STRING", one.name) for one in body.parameters)


def subscribers(subscriptions: Sequence[Subscription]) -> Subscribers:
    """Return who is subscribed."""
    return Subscribers(
        tuple(one.user_email for one in subscriptions if one.user_email is not None),
        tuple(one.destination_id for one in subscriptions if one.destination_id is not None),
    )


def _active(tx: Session, name: str) -> None:
    query = select(Identity.active).where(Identity.name == name, Identity.kind != "GROUP")
    if not tx.scalar(query):
        raise ApiError(ErrorCode.NOT_FOUND, f"{name} is no active user or service principal.")


def _problems(*checks: tuple[str, Callable[[], object]]) -> Iterator[str]:
    for field, look in checks:
        try:
            look()
        except ApiError as error:
            yield f"Field '{field}': {error.message}"
