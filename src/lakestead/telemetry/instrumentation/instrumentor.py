"""The instrumentation that OpenTelemetry finds by its entry point, and that one line installs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from lakestead.telemetry.adapter import GenOpsDatabricksUnityCatalogAdapter
from lakestead.telemetry.guarding import Guards
from lakestead.telemetry.instrumentation.patches import Patches
from lakestead.telemetry.instrumentation.statements import Statements


class DatabricksInstrumentor(BaseInstrumentor):  # type: ignore[misc]
    """Wraps databricks-sdk, databricks-sql-connector and pyspark. There is one in a process.

    DatabricksInstrumentor().instrument(enable_sampling=True, sampling_rate=0.1)
    """

    _adapter: GenOpsDatabricksUnityCatalogAdapter | None = None
    _guards: Guards | None = None
    _patches: Patches | None = None

    @property
    def adapter(self) -> GenOpsDatabricksUnityCatalogAdapter | None:
        """What makes the spans; None while nothing is wrapped."""
        return self._adapter

    @property
    def guards(self) -> Guards | None:
        """What is asked before statements; None while nothing is wrapped."""
        return self._guards

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return what must be installed."""
        return ("databricks-sdk >= 0.100", "databricks-sql-connector >= 4.2")

    def _instrument(self, **config: Any) -> None:
        from lakestead.telemetry.instrumentation.connector import Cursors
        from lakestead.telemetry.instrumentation.sdk import Calls
        from lakestead.telemetry.instrumentation.spark import Sessions
        from lakestead.telemetry.setup import make_adapter

        adapter = config.pop("adapter", None) or make_adapter(**config)
        guards = Guards(adapter.recorder.instruments)
        statements = Statements(adapter.recorder, guards)
        patches = Patches()
        for clients in (Calls(adapter.recorder, statements), Cursors(statements), Sessions(statements)):
            clients.install(patches)
        self._adapter, self._guards, self._patches = adapter, guards, patches
        if adapter.recorder.settings.stops_statements:
            from lakestead.telemetry.enterprise import guards_of

            for guard in guards_of(adapter):
                guards.install(guard)

    def _uninstrument(self, **config: Any) -> None:
        assert self._patches is not None
        assert self._adapter is not None
        self._patches.restore()
        self._adapter.close()
        self._adapter = self._guards = self._patches = None
