"""What every kind of object has in common: making it, renaming it, owner, comment, properties, removal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.names import InvalidName, canonical, quote_name
from lakestead.workspace.catalog import policies
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, principal_exists
from lakestead.workspace.store.base import now_ms
from lakestead.workspace.store.objects import Kind, Securable

_EXISTS = {
    Kind.CATALOG: ErrorCode.CATALOG_EXISTS,
    Kind.SCHEMA: ErrorCode.SCHEMA_EXISTS,
    Kind.TABLE: ErrorCode.TABLE_EXISTS,
    Kind.VOLUME: ErrorCode.VOLUME_EXISTS,
    Kind.FUNCTION: ErrorCode.FUNCTION_EXISTS,
}
# Names that the workspace itself gives a meaning to.
_RESERVED = {
    Kind.CATALOG: frozenset({"system", "hive_metastore"}),
    Kind.SCHEMA: frozenset({"information_schema", "global_temp"}),
}
# Keys that Spark keeps for what has a clause of its own.
_RESERVED_PROPERTIES = frozenset({"owner", "provider", "location", "external"})
MAX_COMMENT_LENGTH = 4000


def checked_name(kind: Kind, name: str) -> str:
    """Return a name as it is stored.

    Raises:
        ApiError: INVALID_NAME when Unity Catalog would refuse it for a new object of this kind.
    """
    try:
        name = canonical(name)
    except InvalidName as error:
        raise ApiError(ErrorCode.INVALID_NAME, f"Invalid {kind.lower()} name: {error}.") from None
    if name in _RESERVED.get(kind, ()):
        raise ApiError(ErrorCode.INVALID_NAME, f"'{name}' is reserved and cannot name a {kind.lower()}.")
    return name


def require_absent(tx: Session, kind: Kind, parent: Securable, name: str) -> None:
    """Check that a parent has no object of this kind and (stored) name yet.

    Raises:
        ApiError: the kind's EXISTS.
    """
    query = select(Securable.id).where(
        Securable.parent_id == parent.id, Securable.kind == kind, Securable.name == name
    )
    if tx.execute(query).first() is not None:
        label = "table or view" if kind is Kind.TABLE else kind.lower()
        raise ApiError(_EXISTS[kind], f"The {label} {quote_name(*parent.path, name)} already exists.")


def create(
    tx: Session, actor: Principal, kind: Kind, parent: Securable, name: str, **fields: Any
) -> Securable:
    """Record a new object, owned by who makes it.

    Args:
        tx: the transaction it is made in.
        actor: who makes it.
        kind: what it is.
        parent: what it is in.
        name: its last part, in any case.
        fields: further attributes of :class:`Securable`.

    Raises:
        ApiError: INVALID_NAME; the kind's EXISTS.
    """
    name = checked_name(kind, name)
    require_absent(tx, kind, parent, name)
    fields["comment"] = checked_comment(fields.get("comment"))
    made = Securable(
        kind=kind,
        parent=parent,
        name=name,
        owner=actor.name,
        created_by=actor.name,
        updated_by=actor.name,
        **fields,
    )
    tx.add(made)
    tx.flush()
    return made


def stamp(actor: Principal, target: Securable) -> None:
    """Note who changed an object, and when."""
    target.updated_at = now_ms()
    target.updated_by = actor.name


def rename(tx: Session, actor: Principal, target: Securable, new_name: str) -> None:
    """Give an object another name in the same place.

    Raises:
        ApiError: INVALID_NAME; the kind's EXISTS; INVALID_STATE for the metastore.
    """
    if target.parent is None:
        raise ApiError(ErrorCode.INVALID_STATE, "The metastore cannot be renamed.")
    name = checked_name(target.kind, new_name)
    if name != target.name:
        require_absent(tx, target.kind, target.parent, name)
        target.name = name
    stamp(actor, target)
    tx.flush()


def set_owner(tx: Session, actor: Principal, target: Securable, owner: str) -> None:
    """Give an object to a user, group or service principal.

    Raises:
        ApiError: PRINCIPAL_NOT_FOUND.
    """
    target.owner = principal_exists(tx, owner)
    stamp(actor, target)
    tx.flush()


def set_comment(tx: Session, actor: Principal, target: Securable, comment: str | None) -> None:
    """Set an object's comment; None removes it."""
    target.comment = checked_comment(comment)
    stamp(actor, target)
    tx.flush()


def set_properties(tx: Session, actor: Principal, target: Securable, properties: Mapping[str, str]) -> None:
    """Set some of an object's properties; the others stay.

    Raises:
        ApiError: INVALID_REQUEST for a key that is kept for a clause of its own.
    """
    target.properties = {**target.properties, **checked_properties(properties)}
    stamp(actor, target)
    tx.flush()


def replace_properties(
    tx: Session, actor: Principal, target: Securable, properties: Mapping[str, str]
) -> None:
    """Make these all the properties that an object has; errors as :func:`set_properties`."""
    target.properties = {}
    set_properties(tx, actor, target, properties)


def unset_properties(
    tx: Session, actor: Principal, target: Securable, keys: Iterable[str], if_exists: bool = False
) -> None:
    """Remove some of an object's properties.

    Raises:
        ApiError: PROPERTY_NOT_FOUND for a key that is not set, unless ``if_exists``.
    """
    keys = list(keys)
    missing = [key for key in keys if key not in target.properties]
    if missing and not if_exists:
        raise ApiError(
            ErrorCode.PROPERTY_NOT_FOUND,
            f"Attempted to unset non-existent properties [{', '.join(missing)}] in "
            f"{quote_name(*target.path)}.",
        )
    target.properties = {key: value for key, value in target.properties.items() if key not in keys}
    stamp(actor, target)
    tx.flush()


def checked_properties(properties: Mapping[str, str] | None) -> dict[str, str]:
    """Return properties that a user may set.

    Raises:
        ApiError: INVALID_REQUEST.
    """
    for key in properties or {}:
        if not key or key.lower() in _RESERVED_PROPERTIES:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"'{key}' is reserved and cannot be set as a property.")
    return dict(properties or {})


def checked_comment(comment: str | None) -> str | None:
    """Return a comment that is not too long; an empty one is none.

    Raises:
        ApiError: INVALID_REQUEST.
    """
    if comment is not None and len(comment) > MAX_COMMENT_LENGTH:
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"The comment has {len(comment)} characters; at most {MAX_COMMENT_LENGTH} are allowed.",
        )
    return comment or None


def below(tx: Session, target: Securable) -> list[Securable]:
    """Return everything in a catalog or schema, at every depth."""
    found: list[Securable] = []
    parents = [target.id]
    while parents:
        level = tx.execute(select(Securable).where(Securable.parent_id.in_(parents))).scalars().all()
        found.extend(level)
        parents = [one.id for one in level if one.kind is Kind.SCHEMA]
    return found


def remove(tx: Session, target: Securable) -> list[Securable]:
    """Remove an object, and all it has, from the metastore.

    Args:
        tx: the transaction.
        target: a catalog, schema, table, view, volume or function.

    Returns:
        The managed tables and volumes among what was removed: the caller removes their folders
        (``Storage.managed(kind, id)``) once the transaction is committed.

    Raises:
        ApiError: INVALID_STATE for the metastore and for what the workspace itself needs; FUNCTION_IN_USE.
    """
    if target.parent is None or target.name in _RESERVED.get(target.kind, ()):
        raise ApiError(
            ErrorCode.INVALID_STATE, f"'{target.full_name or target.name}' is built in and cannot be dropped."
        )
    gone = [target, *below(tx, target)]
    policies.refuse_used(tx, gone)
    tx.delete(target)
    tx.flush()
    return [one for one in gone if is_managed(one)]


def is_managed(target: Securable) -> bool:
    """Return whether the workspace keeps the files of a table or volume."""
    return "MANAGED" in (target.spec.get("table_type"), target.spec.get("volume_type"))
