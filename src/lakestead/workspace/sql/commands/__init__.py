"""Commands: everything that is neither query nor DML. Each module says how its commands are authorised and carried out."""

from __future__ import annotations

from lakestead.workspace.sql.commands import tables, views
from lakestead.workspace.sql.context import Verb

VERBS: dict[type, Verb] = {
    **tables.VERBS,
    **views.VERBS,
}
