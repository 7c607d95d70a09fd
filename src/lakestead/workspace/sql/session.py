"""A client's SQL session: who it is, where unqualified names look, its temporary views and settings."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from lakestead.engine.sail import EngineSession
from lakestead.workspace.identity.principals import Principal


@dataclass(slots=True)
class TemporaryView:
    """A view that lives as long as its session.

    Attributes:
        name: as in the catalog of the engine's session, in lower case.
        text: the query as it was written.
        columns: names and types, as (name, DDL type).
        definition: the query with every name in full, but for other temporary views.
        stamp: what tells apart the states of what it reads, as the engine knows it.
        query_columns: what the query calls the columns.
    """

    name: str
    text: str
    columns: tuple[tuple[str, str], ...]
    definition: str
    stamp: str = ""
    query_columns: tuple[str, ...] = ()


@dataclass(slots=True)
class SqlSession:
    """A session; statements of one session may run at the same time.

    Attributes:
        id: a UUID in text.
        principal: whose privileges count.
        engine: the engine's session behind it.
        catalog: where two-part names look.
        schema: where one-part names look.
        configuration: values given by SET.
        lock: held while the engine's catalog is changed.
    """

    id: str
    principal: Principal
    engine: EngineSession
    catalog: str
    schema: str
    configuration: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    used_at: float = field(default_factory=time.monotonic)

    @property
    def temporary_views(self) -> dict[str, TemporaryView]:
        """Its temporary views, by lower-case name; they are lost when the engine has to be started anew."""
        views: dict[str, TemporaryView] = self.engine.catalog.setdefault("temporary views", {})
        return views

    @property
    def registered(self) -> dict[tuple[str, ...], object]:
        """What of the metastore the engine's session knows already: full name → what was registered."""
        known: dict[tuple[str, ...], object] = self.engine.catalog.setdefault("registered", {})
        return known
