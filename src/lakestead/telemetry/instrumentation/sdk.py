"""databricks-sdk: a span for each call of the REST API, which all go through one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from databricks.sdk.core import ApiClient
from opentelemetry.trace import SpanKind

from lakestead.telemetry import attributes as names
from lakestead.telemetry.instrumentation.patches import Patches
from lakestead.telemetry.instrumentation.paths import STATEMENTS, target
from lakestead.telemetry.instrumentation.statements import Statements, place, query_tags
from lakestead.telemetry.operations import Operation
from lakestead.telemetry.recorder import Recorder

_ARGUMENTS = (
    "method",
    "path",
    "url",
    "query",
    "headers",
    "body",
    "raw",
    "files",
    "data",
    "auth",
    "response_headers",
)
_GIVEN = {
    "catalog_name": names.GENOPS_CATALOG_NAME,
    "schema_name": names.GENOPS_SCHEMA_NAME,
}


class Calls:
    """Wraps `ApiClient.do`.

    Args:
        recorder: makes the spans.
        statements: makes those of statements.
    """

    def __init__(self, recorder: Recorder, statements: Statements) -> None:
        self._recorder = recorder
        self._statements = statements

    def install(self, patches: Patches) -> None:
        """Wrap it."""
        patches.wrap(ApiClient, "do", self._do)

    def _do(
        self, wrapped: Callable[..., Any], client: Any, given: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        call = dict(zip(_ARGUMENTS, given, strict=False)) | keywords
        method = str(call["method"]).upper()
        path = call.get("path") or urlsplit(call.get("url") or "").path
        body = call.get("body")
        if method == "POST" and path.rstrip("/") == STATEMENTS and isinstance(body, Mapping):
            return self._statement(wrapped, client, call, dict(body))
        kind, attributes = _told(_host(client, call), method, path)
        given_names = {**_named(call.get("query")), **_named(body)}
        if given_names:
            attributes = {**attributes, **given_names}
        with self._recorder.start(kind, attributes, span_kind=SpanKind.CLIENT):
            return wrapped(**call)

    def _statement(
        self, wrapped: Callable[..., Any], client: Any, call: dict[str, Any], body: dict[str, Any]
    ) -> Any:
        text = str(body.get("statement", ""))
        where = place(_host(client, call), body.get("warehouse_id"))
        with self._statements.start(text, where, body.get("parameters"), _session(body)) as operation:
            self._statements.ask(text, where, operation)
            tags = list(body.get("query_tags") or [])
            added = query_tags(operation, [tag.get("key", "") for tag in tags])
            if added:
                body["query_tags"] = [*tags, *({"key": key, "value": value} for key, value in added.items())]
            answer = wrapped(**{**call, "body": body})
            _show(answer, operation)
            return answer


@lru_cache(2_048)
def _told(host: str, method: str, path: str) -> tuple[str, Mapping[str, Any]]:
    """Return what a call does, and the attributes that all like it have."""
    what = target(method, path)
    told = {**place(host, None).attributes, **what.attributes, names.HTTP_METHOD: method}
    return what.kind, MappingProxyType(told)


def _host(client: Any, call: Mapping[str, Any]) -> str:
    url = call.get("url")
    if url is None:
        return str(client._cfg.host)
    found = urlsplit(url)  # its query may hold a signature
    return f"{found.scheme}://{found.netloc}"


def _named(values: Any) -> dict[str, str]:
    """Return the catalog and schema that a query or body names."""
    if not isinstance(values, Mapping):
        return {}
    return {name: str(values[key]) for key, name in _GIVEN.items() if values.get(key)}


def _session(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the namespace in which a statement's names are looked up."""
    parts = [str(body[key]) for key in ("catalog", "schema") if body.get(key)]
    return {names.DB_NAMESPACE: "|".join(parts)} if parts else {}


def _show(answer: Any, operation: Operation) -> None:
    """Tell what became of a statement: a failure is an answer, not an error of the call."""
    if not isinstance(answer, Mapping):
        return
    if answer.get("statement_id"):
        operation.put({"genops.statement_id": answer["statement_id"]})
    status = answer.get("status") or {}
    if status.get("state") == "FAILED":
        error = status.get("error") or {}
        operation.refused(
            error.get("error_code") or "FAILED", error.get("message") or "", status.get("sql_state")
        )
    manifest = answer.get("manifest") or {}
    sizes = {names.GENOPS_ROW_COUNT: "total_row_count", names.GENOPS_SIZE_BYTES: "total_byte_count"}
    operation.put({name: int(manifest[key]) for name, key in sizes.items() if manifest.get(key) is not None})
