"""An alert as it is evaluated, whichever API declared it."""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.workspace.alerts.condition import Condition
from lakestead.workspace.sql.statement import Parameter


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Who is told.

    Attributes:
        addresses: e-mail addresses.
        destinations: ids of notification destinations.
    """

    addresses: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()

    def __add__(self, others: Subscribers) -> Subscribers:
        return Subscribers(
            tuple(dict.fromkeys(self.addresses + others.addresses)),
            tuple(dict.fromkeys(self.destinations + others.destinations)),
        )


@dataclass(frozen=True, slots=True)
class Definition:
    """What an alert looks at, when it is triggered, and what it says to whom.

    Attributes:
        id: of the alert.
        name: of the alert.
        run_as: the principal whose privileges its query has.
        text: its query.
        condition: when it is triggered.
        query_name: of its saved query; empty when it has its own.
        parameters: values for the query's markers.
        warehouse_id: the SQL warehouse that the query runs on.
        catalog: where two-part names look.
        schema: where one-part names look.
        subscribers: who is told.
        notify_on_ok: whether they are told that it is over.
        retrigger_seconds: seconds after which they are told again while it is triggered; 0 for never.
        summary: template of the subject; empty for the workspace's own.
        description: template of the body; empty for the workspace's own.
        markdown: whether the templates are Markdown.
    """

    id: str
    name: str
    run_as: str
    text: str
    condition: Condition
    query_name: str = ""
    parameters: tuple[Parameter, ...] = ()
    warehouse_id: str = ""
    catalog: str | None = None
    schema: str | None = None
    subscribers: Subscribers = Subscribers()
    notify_on_ok: bool = False
    retrigger_seconds: int = 0
    summary: str = ""
    description: str = ""
    markdown: bool = False
