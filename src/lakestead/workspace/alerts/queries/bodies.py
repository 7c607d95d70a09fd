"""What clients send to the queries API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from lakestead.workspace.http import Body


class QueryBody(Body):
    """A saved query, as it is created and as it is after an update."""

    display_name: str = Field(min_length=1, max_length=250)
    query_text: str = ""
    warehouse_id: str | None = None
    catalog: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    description: str | None = None
    tags: list[str] | None = None
    run_as_mode: Literal["OWNER", "VIEWER"] | None = None
    apply_auto_limit: bool | None = None
    # Refused when there are any: what stands for them in the text is put in by the query's page.
    parameters: Annotated[list[dict[str, Any]], Field(max_length=0)] | None = None
    parent_path: str | None = Field(default=None, exclude=True)
    owner_user_name: str | None = Field(default=None, exclude=True)

    def declared(self) -> dict[str, Any]:
        """Return what is kept of it, as JSON."""
        return self.model_dump(mode="json", exclude_none=True, by_alias=True)


CHANGEABLE = frozenset(
    field.alias or name for name, field in QueryBody.model_fields.items() if name != "parent_path"
)
"""What an update may change."""


class CreateQuery(Body):
    """The body of ``POST /api/2.0/sql/queries``."""

    query: QueryBody
    auto_resolve_display_name: bool = False


class UpdateQuery(Body):
    """The body of ``PATCH /api/2.0/sql/queries/{id}``."""

    id: str | None = None
    update_mask: str = Field(min_length=1)
    query: dict[str, Any] = Field(default_factory=dict)
    auto_resolve_display_name: bool = False
