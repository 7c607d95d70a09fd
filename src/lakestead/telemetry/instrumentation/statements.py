"""Statements on their way to a warehouse: their spans, their tags, and who is asked before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind

from lakestead.core.attribution import current
from lakestead.core.guards import Attempt
from lakestead.core.names import InvalidName, split_name
from lakestead.telemetry import attributes as names
from lakestead.telemetry.guarding import Guards
from lakestead.telemetry.operations import Operation
from lakestead.telemetry.personal import kinds
from lakestead.telemetry.recorder import Recorder
from lakestead.telemetry.statements import Statement, analyse, literals

_WAREHOUSE = re.compile(r"/warehouses/([^/?]+)")
_TAGS = ("team", "project", "environment", "cost_center")
_TAG_LENGTH = 128  # of a value, at most
MOST_TAGS = 20
_SHORT = 8_192  # characters


class Place(NamedTuple):
    """Where statements are sent.

    Attributes:
        url: the workspace's.
        warehouse_id: None if something else runs them.
        attributes: of spans.
    """

    url: str
    warehouse_id: str | None
    attributes: Mapping[str, Any]


@lru_cache(256)
def place(host: str, warehouse: str | None) -> Place:
    """Return where statements are sent.

    Args:
        host: a host's name or a URL.
        warehouse: its id, or the path of a warehouse.
    """
    url = host if "://" in host else f"https://{host}"
    found = urlsplit(url)
    matched = _WAREHOUSE.search(warehouse or "")
    warehouse_id = matched.group(1) if matched else (None if "/" in (warehouse or "/") else warehouse)
    told: dict[str, Any] = {names.GENOPS_WORKSPACE_URL: f"{found.scheme}://{found.netloc}"}
    if found.hostname:
        told[names.SERVER_ADDRESS] = found.hostname
    if found.port:
        told[names.SERVER_PORT] = found.port
    if warehouse_id:
        told |= {names.GENOPS_WAREHOUSE_ID: warehouse_id}
    return Place(told[names.GENOPS_WORKSPACE_URL], warehouse_id, MappingProxyType(told))


class Statements:
    """Makes operations of statements.

    Args:
        recorder: makes the spans.
        guards: are asked before a statement is sent.
    """

    def __init__(self, recorder: Recorder, guards: Guards) -> None:
        self._recorder = recorder
        self._guards = guards

    def start(
        self, text: str, where: Place, parameters: object = None, extra: Mapping[str, Any] | None = None
    ) -> Operation:
        """Begin a statement.

        Args:
            text: what it says.
            where: where it is sent.
            parameters: the values that are bound to it.
            extra: further attributes of its span.
        """
        # What is long is a load of values, and seldom sent twice.
        statement, told = _described(text) if len(text) <= _SHORT else _describe(text)
        attributes = {**where.attributes, **told, **(extra or {})}
        if self._recorder.settings.pii_detection_enabled:
            found = kinds([*literals(text), *_values(parameters)])
            attributes |= {names.GENOPS_PII_TYPES: found} if found else {}
        return self._recorder.start(statement.kind, attributes, span_kind=SpanKind.CLIENT)

    def ask(self, text: str, where: Place, operation: Operation) -> None:
        """Ask the guards.

        Raises:
            PolicyError: one of them says that it must not be sent.
        """
        if self._guards:
            self._guards.ask(Attempt(text, where.url, where.warehouse_id, None, current()), operation)


def query_tags(operation: Operation, taken: Iterable[str]) -> dict[str, str]:
    """Return what query history shall show of a statement beside what its program says.

    Args:
        operation: the statement's.
        taken: the names of the program's own tags, which stay.
    """
    told = operation.attributes
    tags = {tag: told.get(f"genops.{tag}") for tag in _TAGS}
    if operation.span.get_span_context().is_valid:
        tags = {"traceparent": operation.traceparent, **tags}
    present = set(taken)
    fitting = [(tag, str(value)[:_TAG_LENGTH]) for tag, value in tags.items() if value and tag not in present]
    return dict(fitting[: max(0, MOST_TAGS - len(present))])


def _values(parameters: object) -> list[object]:
    """Return the values of parameters, in each of the forms that the clients take."""
    if isinstance(parameters, Mapping):
        given = list(parameters.values())
    else:
        given = list(parameters) if isinstance(parameters, list | tuple) else []
    values = [one.get("value") if isinstance(one, Mapping) else getattr(one, "value", one) for one in given]
    return [value for value in values if isinstance(value, str | int)]


@lru_cache(1_024)
def _described(text: str) -> tuple[Statement, Mapping[str, Any]]:
    return _describe(text)


def _describe(text: str) -> tuple[Statement, Mapping[str, Any]]:
    statement = analyse(text)
    told: dict[str, Any] = {names.DB_SYSTEM_NAME: names.DB_SYSTEM, names.DB_QUERY_TEXT: statement.text}
    if statement.operation:
        told[names.DB_OPERATION_NAME] = statement.operation
        told[names.DB_QUERY_SUMMARY] = statement.summary
    if len(statement.tables) == 1:
        told[names.DB_COLLECTION_NAME] = statement.tables[0]
    if statement.tables:
        told |= _table(statement.target or statement.tables[0])
    if statement.target and statement.sources:
        told[names.GENOPS_LINEAGE_UPSTREAM] = ",".join(statement.sources)
        told[names.GENOPS_LINEAGE_DOWNSTREAM] = statement.target
    return statement, MappingProxyType(told)


def _table(name: str) -> dict[str, str]:
    try:
        parts = split_name(".".join(f"`{part}`" for part in name.split(".")))[-3:]
    except InvalidName:
        return {}
    levels = (names.GENOPS_CATALOG_NAME, names.GENOPS_SCHEMA_NAME, names.GENOPS_TABLE_NAME)
    told = dict(zip(levels[-len(parts) :], parts, strict=True))
    if len(parts) > 1:
        told[names.DB_NAMESPACE] = "|".join(parts[:-1])
    return told
