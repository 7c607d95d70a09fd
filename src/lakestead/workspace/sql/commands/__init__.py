"""Commands: everything that is neither query nor DML, each with how it is authorised and carried out."""

from __future__ import annotations

from lakestead.workspace.sql.commands import (
    alter,
    changes,
    grants,
    objects,
    session,
    show,
    show_catalog,
    tables,
    views,
)
from lakestead.workspace.sql.context import Verb

VERBS: dict[type, Verb] = {
    **alter.VERBS,
    **changes.VERBS,
    **grants.VERBS,
    **objects.VERBS,
    **session.VERBS,
    **show.VERBS,
    **show_catalog.VERBS,
    **tables.VERBS,
    **views.VERBS,
}
