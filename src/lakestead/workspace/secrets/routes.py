"""Routes of the Secrets API."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.identity.principals import USERS
from lakestead.workspace.secrets import service
from lakestead.workspace.secrets.requests import CreateScope, InScope, OneAcl, OneSecret, PutAcl, PutSecret
from lakestead.workspace.secrets.service import Permission
from lakestead.workspace.store.secrets import SecretAcl

Json = dict[str, Any]


def needs(permission: Permission, body: type[Body]) -> Callable[[Call, Session], Iterable[Access]]:
    """Return the access rule of a request that needs a permission on its scope."""

    def rule(call: Call, tx: Session) -> Iterable[Access]:
        asked: Any = call.arguments(body) if call.request.method == "GET" else call.parse(body)
        service.check(tx, call.principal, permission, asked.scope)
        return ()

    return rule


def create_scope(call: Call) -> None:
    """POST a new scope."""
    asked = call.parse(CreateScope)
    if asked.scope_backend_type.upper() != "DATABRICKS" or asked.backend_azure_keyvault is not None:
        raise unsupported("A secret scope backed by Azure Key Vault")
    manager = asked.initial_manage_principal or call.principal.name
    if manager not in (USERS, call.principal.name):
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"initial_manage_principal can only be '{USERS}', or left out for the scope's creator.",
        )
    with call.workspace.store.write() as tx:
        service.create_scope(tx, asked.scope, manager)


def list_scopes(call: Call) -> Json:
    """GET all scopes; their names are no secret."""
    with call.workspace.store.read() as tx:
        return {"scopes": [{"name": one.name, "backend_type": "DATABRICKS"} for one in service.scopes(tx)]}


def delete_scope(call: Call) -> None:
    """POST that a scope and its secrets go."""
    with call.workspace.store.write() as tx:
        tx.delete(service.find_scope(tx, call.parse(InScope).scope))


def put(call: Call) -> None:
    """POST a secret."""
    asked = call.parse(PutSecret)
    if (asked.string_value is None) == (asked.bytes_value is None):
        raise ApiError(ErrorCode.MALFORMED_REQUEST, "Exactly one of string_value and bytes_value is needed.")
    with call.workspace.store.write() as tx:
        service.put(tx, asked.scope, asked.key, _value(asked))


def _value(asked: PutSecret) -> bytes:
    if asked.string_value is not None:
        return asked.string_value.encode()
    try:
        return base64.b64decode(asked.bytes_value or "", validate=True)
    except binascii.Error:
        raise ApiError(ErrorCode.MALFORMED_REQUEST, "bytes_value is not base64.") from None


def get(call: Call) -> Json:
    """GET a secret's value, in base64."""
    asked = call.arguments(OneSecret)
    with call.workspace.store.read() as tx:
        found = service.get(tx, asked.scope, asked.key)
        return {"key": found.key, "value": base64.b64encode(found.value).decode()}


def list_secrets(call: Call) -> Json:
    """GET the keys of a scope."""
    with call.workspace.store.read() as tx:
        found = service.secrets(tx, call.arguments(InScope).scope)
    return {"secrets": [{"key": key, "last_updated_timestamp": at} for key, at in found]}


def delete(call: Call) -> None:
    """POST that a secret goes."""
    asked = call.parse(OneSecret)
    with call.workspace.store.write() as tx:
        tx.delete(service.get(tx, asked.scope, asked.key))


def put_acl(call: Call) -> None:
    """POST what a principal may do with a scope."""
    asked = call.parse(PutAcl)
    with call.workspace.store.write() as tx:
        service.put_acl(tx, asked.scope, asked.principal, asked.permission)


def get_acl(call: Call) -> Json:
    """GET what a principal itself may do with a scope."""
    asked = call.arguments(OneAcl)
    with call.workspace.store.read() as tx:
        return _item(service.get_acl(tx, asked.scope, asked.principal))


def list_acls(call: Call) -> Json:
    """GET what all principals may do with a scope."""
    with call.workspace.store.read() as tx:
        return {"items": [_item(one) for one in service.acls(tx, call.arguments(InScope).scope)]}


def delete_acl(call: Call) -> None:
    """POST that a principal may do nothing more with a scope by itself."""
    asked = call.parse(OneAcl)
    with call.workspace.store.write() as tx:
        tx.delete(service.get_acl(tx, asked.scope, asked.principal))


def _item(acl: SecretAcl) -> Json:
    return {"principal": acl.principal, "permission": acl.permission}


_PATH = "/api/2.0/secrets"
_CLIENT = "databricks-sdk: secrets"
_READ, _WRITE, _MANAGE = Permission
ROUTES = [
    Route(
        "POST",
        f"{_PATH}/scopes/create",
        create_scope,
        witness=f"{_CLIENT}.create_scope",
        partial="no scopes backed by Azure Key Vault",
    ),
    Route("GET", f"{_PATH}/scopes/list", list_scopes, witness=f"{_CLIENT}.list_scopes"),
    Route("POST", f"{_PATH}/scopes/delete", delete_scope, needs(_MANAGE, InScope), f"{_CLIENT}.delete_scope"),
    Route("POST", f"{_PATH}/put", put, needs(_WRITE, PutSecret), f"{_CLIENT}.put_secret"),
    Route("GET", f"{_PATH}/get", get, needs(_READ, OneSecret), f"{_CLIENT}.get_secret"),
    Route("GET", f"{_PATH}/list", list_secrets, needs(_READ, InScope), f"{_CLIENT}.list_secrets"),
    Route("POST", f"{_PATH}/delete", delete, needs(_WRITE, OneSecret), f"{_CLIENT}.delete_secret"),
    Route("POST", f"{_PATH}/acls/put", put_acl, needs(_MANAGE, PutAcl), f"{_CLIENT}.put_acl"),
    Route("GET", f"{_PATH}/acls/get", get_acl, needs(_MANAGE, OneAcl), f"{_CLIENT}.get_acl"),
    Route("GET", f"{_PATH}/acls/list", list_acls, needs(_MANAGE, InScope), f"{_CLIENT}.list_acls"),
    Route("POST", f"{_PATH}/acls/delete", delete_acl, needs(_MANAGE, OneAcl), f"{_CLIENT}.delete_acl"),
]
