"""pyspark: a span for each `SparkSession.sql`, of a cluster or through Spark Connect, once it is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wrapt

from lakestead.telemetry import attributes as names
from lakestead.telemetry.instrumentation.patches import Patches
from lakestead.telemetry.instrumentation.statements import Place, Statements

_MODULES = ("pyspark.sql.session", "pyspark.sql.connect.session")


class Sessions:
    """Wraps `SparkSession.sql`. A span is of the call: what is lazy runs later.

    Args:
        statements: makes the spans.
    """

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def install(self, patches: Patches) -> None:
        """Wrap it, now or when it is imported."""

        def imported(module: Any) -> None:
            if patches.active:  # a hook cannot be taken back
                patches.wrap(module.SparkSession, "sql", self._sql)

        for name in _MODULES:
            wrapt.register_post_import_hook(imported, name)

    def _sql(
        self, wrapped: Callable[..., Any], session: Any, given: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        text = str(given[0] if given else keywords.get("sqlQuery", ""))
        where = _place(session)
        with self._statements.start(text, where) as operation:
            self._statements.ask(text, where, operation)
            return wrapped(*given, **keywords)


def _place(session: Any) -> Place:
    """Return the host of Spark Connect; a session of a cluster itself has none."""
    host = getattr(getattr(session, "client", None), "host", None)
    return Place(f"https://{host}", None, {names.SERVER_ADDRESS: host}) if host else Place("", None, {})
