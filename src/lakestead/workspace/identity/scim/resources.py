"""Identities in the shapes of SCIM, and what clients send to make or change them."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.orm import Session

from lakestead.workspace.errors import unsupported
from lakestead.workspace.http import Body
from lakestead.workspace.identity.identities import IdentityKind, groups_of, members_of
from lakestead.workspace.store.principals import Identity

Json = dict[str, Any]
_SCHEMAS = {
    IdentityKind.USER: [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:workspace:2.0:User",
    ],
    IdentityKind.GROUP: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    IdentityKind.SERVICE_PRINCIPAL: ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
}
_FOLDERS = {
    IdentityKind.USER: "Users",
    IdentityKind.GROUP: "Groups",
    IdentityKind.SERVICE_PRINCIPAL: "ServicePrincipals",
}


class ScimBody(Body):
    """What is sent in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class Value(ScimBody):
    """One of several values: a member, group, e-mail address or entitlement."""

    value: str
    display: str | None = None
    primary: bool | None = None
    type: str | None = None
    ref: str | None = Field(default=None, alias="$ref")


class Name(ScimBody):
    """A person's name."""

    given_name: str | None = None
    family_name: str | None = None


class Resource(ScimBody):
    """What all three kinds have. ``groups``, ``meta`` and ``id`` are read-only: passed over, as SCIM says."""

    schemas: tuple[str, ...] = ()
    id: str | None = None
    meta: Json | None = None
    display_name: str | None = None
    external_id: str | None = None
    active: bool | None = None
    entitlements: tuple[Value, ...] = ()
    groups: tuple[Value, ...] = ()
    roles: tuple[Value, ...] = ()

    def attributes(self) -> Json:
        """Return what is kept for the client and has no effect here.

        Raises:
            ApiError: NOT_IMPLEMENTED for roles, which give access to a cloud's own resources.
        """
        if self.roles:
            raise unsupported("A role (instance profile)")
        return {"entitlements": [one.value for one in self.entitlements]}


class UserResource(Resource):
    """A user."""

    user_name: str | None = None
    name: Name | None = None
    emails: tuple[Value, ...] = ()

    def attributes(self) -> Json:
        """Return what is kept of a user besides; see :meth:`Resource.attributes`."""
        name = {} if self.name is None else self.name.model_dump(by_alias=True, exclude_none=True)
        emails = [one.model_dump(by_alias=True, exclude_none=True) for one in self.emails]
        return super().attributes() | {"name": name, "emails": emails}


class ServicePrincipalResource(Resource):
    """A service principal."""

    application_id: str | None = None


class GroupResource(Resource):
    """A group; it has no ``active``."""

    active: None = None
    members: tuple[Value, ...] = ()


def shown(identity: Identity) -> Json:
    """Return an identity as SCIM shows it, without groups and members."""
    kind = IdentityKind(identity.kind)
    form: Json = {
        "schemas": _SCHEMAS[kind],
        "id": str(identity.id),
        "displayName": identity.display_name,
        "externalId": identity.external_id,
        "entitlements": [{"value": one} for one in identity.attributes.get("entitlements", [])],
    }
    if kind is IdentityKind.GROUP:
        form["meta"] = {"resourceType": "WorkspaceGroup"}
        return _filled(form)
    form["active"] = identity.active
    if kind is IdentityKind.SERVICE_PRINCIPAL:
        return _filled(form | {"applicationId": identity.name})
    emails = identity.attributes.get("emails") or [{"type": "work", "value": identity.name, "primary": True}]
    return _filled(
        form | {"userName": identity.name, "name": identity.attributes.get("name"), "emails": emails}
    )


def related(tx: Session, identity: Identity) -> Json:
    """Return the groups that an identity is in and, for a group, its members."""
    form: Json = {"groups": [_reference(one) | {"type": "direct"} for one in groups_of(tx, identity)]}
    if identity.kind == IdentityKind.GROUP:
        form["members"] = [_reference(one) for one in members_of(tx, identity)]
    return _filled(form)


def _reference(identity: Identity) -> Json:
    folder = _FOLDERS[IdentityKind(identity.kind)]
    return {
        "display": identity.display_name,
        "value": str(identity.id),
        "$ref": f"{folder}/{identity.id}",
    }


def _filled(form: Json) -> Json:
    """Return a form without what is empty, as Databricks sends it."""
    return {key: value for key, value in form.items() if value not in (None, [], {}, "")}
