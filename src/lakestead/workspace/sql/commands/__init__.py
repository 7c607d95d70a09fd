"""Commands: everything that is neither query nor DML, each with how it is authorised and carried out."""

from __future__ import annotations

from lakestead.workspace.sql.commands import (
    alter,
    changes,
    copy,
    describe,
    describe_table,
    files,
    functions,
    grants,
    history,
    maintenance,
    objects,
    policies,
    session,
    show,
    show_catalog,
    show_table,
    tables,
    views,
)
from lakestead.workspace.sql.context import Verb

VERBS: dict[type, Verb] = {
    **alter.VERBS,
    **changes.VERBS,
    **copy.VERBS,
    **describe.VERBS,
    **describe_table.VERBS,
    **files.VERBS,
    **functions.VERBS,
    **grants.VERBS,
    **history.VERBS,
    **maintenance.VERBS,
    **objects.VERBS,
    **policies.VERBS,
    **session.VERBS,
    **show.VERBS,
    **show_catalog.VERBS,
    **show_table.VERBS,
    **tables.VERBS,
    **views.VERBS,
}
