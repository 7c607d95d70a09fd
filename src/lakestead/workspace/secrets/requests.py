"""What clients of the Secrets API send."""

from __future__ import annotations

from typing import Any

from lakestead.workspace.http import Body
from lakestead.workspace.secrets.service import Permission


class CreateScope(Body):
    """A new scope, and who manages it besides administrators: its creator, or everybody."""

    scope: str
    initial_manage_principal: str | None = None
    scope_backend_type: str = "DATABRICKS"
    backend_azure_keyvault: dict[str, Any] | None = None


class InScope(Body):
    """A scope."""

    scope: str


class OneSecret(Body):
    """A secret of a scope."""

    scope: str
    key: str


class PutSecret(Body):
    """A secret's value: a text, or bytes in base64."""

    scope: str
    key: str
    string_value: str | None = None
    bytes_value: str | None = None


class OneAcl(Body):
    """A principal's place in a scope's list."""

    scope: str
    principal: str


class PutAcl(Body):
    """What a principal may do with a scope."""

    scope: str
    principal: str
    permission: Permission
