"""Commands: everything that is neither query nor DML. Each module says how its commands are authorised and carried out."""

from __future__ import annotations

from lakestead.workspace.sql.commands import alter, changes, objects, tables, views
from lakestead.workspace.sql.context import Verb

VERBS: dict[type, Verb] = {
    **alter.VERBS,
    **changes.VERBS,
    **objects.VERBS,
    **tables.VERBS,
    **views.VERBS,
}
