"""What makes spans and metrics of operations."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import Token
from typing import TYPE_CHECKING, Any

from lakestead.core.attribution import Attribution, current, inherited
from lakestead.telemetry import attributes as names
from lakestead.telemetry.audit import AuditLog
from lakestead.telemetry.instruments import Instruments
from lakestead.telemetry.operations import Operation
from lakestead.telemetry.personal import hidden, kinds, said
from lakestead.telemetry.pipeline import Pipeline
from lakestead.telemetry.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanKind

_REMEMBERED = 1_000  # attributions


class Recorder:
    """Makes spans and metrics of operations. Many threads may use it.

    The GENOPS_* variables count as they are when it is made.

    Args:
        settings: what is told of operations.
        pipeline: where it goes.
        workspace_url: the workspace, where an operation does not say it.
    """

    def __init__(self, settings: Settings, pipeline: Pipeline, workspace_url: str | None = None) -> None:
        from opentelemetry.context import attach, detach
        from opentelemetry.trace import SpanKind, set_span_in_context

        self._internal = SpanKind.INTERNAL
        self._in_context = set_span_in_context
        self._attach = attach
        self.leave = detach
        self.settings = settings
        self.pipeline = pipeline
        self.instruments = Instruments(
            pipeline.meter_provider, performance=settings.enable_performance_metrics
        )
        self._tracer = pipeline.tracer_provider.get_tracer("lakestead.telemetry")
        self._environment = {name: value for name, value in os.environ.items() if name.startswith("GENOPS_")}
        self._common = _common(settings, workspace_url)
        self._known: dict[Attribution | None, Mapping[str, Any]] = {}
        self._as_is = not (settings.pii_detection_enabled or settings.enable_data_masking)
        self._audit = (
            AuditLog(settings.audit_folder, settings.data_retention_days)
            if settings.audit_all_operations
            else None
        )

    def start(
        self,
        kind: str,
        attributes: Mapping[str, Any],
        *,
        span_kind: SpanKind | None = None,
        seconds_ago: float = 0.0,
        before_end: Callable[[Operation], None] | None = None,
    ) -> Operation:
        """Begin an operation.

        Args:
            kind: such as `table.query`.
            attributes: of the span.
            span_kind: OpenTelemetry's; internal if not given.
            seconds_ago: when it really began.
            before_end: called once, when it is about to end.
        """
        entered = time.perf_counter()
        began = time.time_ns() - int(seconds_ago * 1e9)
        shown = attributes if self._as_is else self.presentable(attributes)
        told = {**self._always(), names.GENOPS_OPERATION_TYPE: kind, **shown}
        span = self._tracer.start_span(
            names.SPAN_PREFIX + kind, kind=span_kind or self._internal, attributes=told, start_time=began
        )
        operation = Operation(self, span, kind, told, began, before_end)
        operation.overhead = time.perf_counter() - entered
        return operation

    def _always(self) -> Mapping[str, Any]:
        """Return what all operations tell that are for those that this one is for."""
        owners = inherited()
        known = self._known.get(owners)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = {**self._common, **names.of_attribution(current(self._environment))}
            self._known[owners] = known
        return known

    def enter(self, span: Span) -> Token[Any]:
        """Have what happens from now on belong to a span, until `leave` is called with the token."""
        return self._attach(self._in_context(span))

    def presentable(self, attributes: Mapping[str, Any], values: Iterable[object] = ()) -> Mapping[str, Any]:
        """Return attributes as far as they may be shown, with the kinds of personal data among values.

        Args:
            attributes: of a span.
            values: of a statement; shown never.
        """
        if self.settings.pii_detection_enabled:
            found = kinds([*said(attributes), *values])
            attributes = {**attributes, names.GENOPS_PII_TYPES: found} if found else attributes
        return hidden(attributes) if self.settings.enable_data_masking else attributes

    def ended(self, operation: Operation, now: int) -> None:
        """Make metrics and the audit record of an operation, and end its span.

        Args:
            operation: has ended.
            now: nanoseconds since 1970.
        """
        assert operation.seconds is not None
        entered = time.perf_counter()
        operation.span.end(now)
        self.instruments.operation(operation.seconds, operation.attributes)
        if self._audit is not None:
            self._audit.write(operation, now)
        self.instruments.overhead(operation.overhead + time.perf_counter() - entered)

    def close(self) -> None:
        """Send what has gathered, and end what was made for this recorder."""
        self.pipeline.shutdown()
        if self._audit is not None:
            self._audit.close()


def _common(settings: Settings, workspace_url: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        names.GENOPS_PROVIDER: names.PROVIDER,
        names.GENOPS_FRAMEWORK_TYPE: names.FRAMEWORK,
    }
    if workspace_url:
        told[names.GENOPS_WORKSPACE_URL] = workspace_url
    if settings.compliance_frameworks:
        told[names.GENOPS_COMPLIANCE_FRAMEWORKS] = settings.compliance_frameworks
    if settings.data_retention_days:
        told[names.GENOPS_RETENTION_DAYS] = settings.data_retention_days
    metastore = os.environ.get("DATABRICKS_METASTORE_ID")
    if metastore:
        told[names.GENOPS_METASTORE_ID] = metastore
    return told
