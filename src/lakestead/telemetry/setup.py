"""The ways in: an adapter for what a program tells, and instrumentation for what it does."""

from __future__ import annotations

import logging
import os
from typing import Any

from lakestead.core.errors import ConfigError, MissingExtra
from lakestead.core.guards import Guard
from lakestead.telemetry.adapter import GenOpsDatabricksUnityCatalogAdapter
from lakestead.telemetry.pipeline import make
from lakestead.telemetry.recorder import Recorder
from lakestead.telemetry.settings import settings


def instrument_databricks_unity_catalog(
    workspace_url: str | None = None, **config: Any
) -> GenOpsDatabricksUnityCatalogAdapter:
    """Return an adapter by which a program tells what it does.

    It needs no connection. A program's own TracerProvider and MeterProvider are used; without any, some are
    made that send to `otlp_endpoint`, and become the program's.

    Args:
        workspace_url: the workspace; else DATABRICKS_HOST.
        config: fields of `Settings`; or `tracer_provider` and `meter_provider`, to be used instead of the
            program's. `enable_rbac` and `enforce_governance` instrument Databricks' clients, too: only there
            can a statement be stopped.

    Raises:
        ConfigError: for an unknown key or a value that cannot be.
        MissingExtra: without `lakestead[telemetry]`, or `[govern]` where governance is asked for.
    """
    adapter = make_adapter(workspace_url, **config)
    if adapter.recorder.settings.stops_statements:
        instrumentor = _instrumentor()
        if instrumentor.adapter is None:
            instrumentor.instrument(skip_dep_check=True, adapter=adapter)
        else:
            from lakestead.telemetry.enterprise import guards_of

            for guard in guards_of(adapter):
                instrumentor.guards.install(guard)
    return adapter


def auto_instrument_databricks(**config: Any) -> GenOpsDatabricksUnityCatalogAdapter:
    """Make a span of every call of databricks-sdk, and every statement of the SQL connector and of pyspark.

    Called again, or under `opentelemetry-instrument`, it returns the adapter that there is.

    Args:
        config: as for `instrument_databricks_unity_catalog`.

    Raises:
        ConfigError: for an unknown key or a value that cannot be; or when it is installed and `config` asks
            for something else: `uninstrument()` first.
        MissingExtra: without `lakestead[telemetry]`.
    """
    instrumentor = _instrumentor()
    if instrumentor.adapter is None:
        instrumentor.instrument(skip_dep_check=True, **config)
    elif config:
        raise ConfigError("Databricks' clients are instrumented already: call uninstrument() before")
    adapter: GenOpsDatabricksUnityCatalogAdapter = instrumentor.adapter
    return adapter


def uninstrument() -> None:
    """Give Databricks' clients back as they were, forget all guards, and send what has gathered."""
    instrumentor = _instrumentor()
    if instrumentor.adapter is not None:
        instrumentor.uninstrument()


def install_guard(guard: Guard) -> None:
    """Ask a policy or budget before each statement of an instrumented client, until `uninstrument()`.

    Instruments Databricks' clients, if they are not. Statements that a guard sends itself, in its own thread,
    are not judged.

    Args:
        guard: what says whether a statement may be sent. Its errors keep it from being sent, too.
    """
    auto_instrument_databricks()
    _instrumentor().guards.install(guard)


def remove_guard(guard: Guard) -> None:
    """Ask a guard no more."""
    guards = _instrumentor().guards
    if guards is not None:
        guards.remove(guard)


def make_adapter(workspace_url: str | None = None, **config: Any) -> GenOpsDatabricksUnityCatalogAdapter:
    """Return an adapter, as `instrument_databricks_unity_catalog` says."""
    providers = {name: config.pop(name, None) for name in ("tracer_provider", "meter_provider")}
    wanted = settings(config)
    url = _url(workspace_url or os.environ.get("DATABRICKS_HOST"))
    pipeline = make(wanted, **providers)
    if wanted.log_level:
        logging.getLogger("lakestead").setLevel(wanted.log_level)
    if wanted.enable_trace_correlation:
        from lakestead.telemetry.correlation import correlate

        correlate(wanted.service)
    return GenOpsDatabricksUnityCatalogAdapter(Recorder(wanted, pipeline, url), url)


def _url(host: str | None) -> str | None:
    if not host:
        return None
    return (host if "://" in host else f"https://{host}").rstrip("/")


def _instrumentor() -> Any:
    try:
        from lakestead.telemetry.instrumentation.instrumentor import DatabricksInstrumentor
    except ImportError as error:
        if (error.name or "").split(".")[0] not in ("opentelemetry", "wrapt"):
            raise
        raise MissingExtra("telemetry", "telemetry") from None
    return DatabricksInstrumentor()
