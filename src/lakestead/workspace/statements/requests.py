"""What clients send to the Statement Execution API."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lakestead.workspace.http import Body

Disposition = Literal["INLINE", "EXTERNAL_LINKS", "INLINE_OR_EXTERNAL_LINKS"]
Format = Literal["JSON_ARRAY", "ARROW_STREAM", "CSV"]
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
_MAX_TEXT_BYTES = 16 * 1024 * 1024


def _wait(text: str) -> str:
    match = _SECONDS.fullmatch(text)
    seconds = float(match[1]) if match else -1
    if not (seconds == 0 or 5 <= seconds <= 50):
        raise ValueError(f"'{text}' must be 0s or between 5s and 50s")
    return text


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("the statement is empty")
    if len(text.encode()) > _MAX_TEXT_BYTES:
        raise ValueError("the statement has more than 16 MiB")
    return text


class StatementParameter(Body):
    """A value for a marker: ``name`` for ``:name``, ``ordinal`` (from 1) or neither for ``?``."""

    name: str | None = None
    ordinal: int | None = None
    type: str | None = None
    value: str | None = None


class Tag(Body):
    """A query tag; one without a value is only a key."""

    key: str = Field(min_length=1)
    value: str | None = None


class ExecuteStatement(Body):
    """The body of ``POST /api/2.0/sql/statements``."""

    statement: Annotated[str, AfterValidator(_text)]
    warehouse_id: str
    catalog: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    session_id: str | None = None
    parameters: list[StatementParameter] = Field(default_factory=list)
    row_limit: int | None = Field(default=None, ge=1)
    byte_limit: int | None = Field(default=None, ge=1)
    disposition: Disposition = "INLINE"
    format: Format = "JSON_ARRAY"
    wait_timeout: Annotated[str, AfterValidator(_wait)] = "10s"
    on_wait_timeout: Literal["CONTINUE", "CANCEL"] = "CONTINUE"
    query_tags: list[Tag] = Field(default_factory=list)
    # What the client can unpack. The answer says what was done: on loopback packing costs more than it saves.
    result_compression: Literal["NONE", "LZ4_FRAME"] | None = None

    @property
    def wait_seconds(self) -> float:
        """How long the request waits for the statement to end."""
        return float(self.wait_timeout[:-1])


class StatementReference(Body):
    """The body that some clients send with requests that have the statement's id in their path."""

    statement_id: str | None = None


class CreateSession(Body):
    """The body of ``POST /api/2.0/sql/sessions``."""

    warehouse_id: str
    catalog: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    session_confs: dict[str, str] = Field(default_factory=dict)
