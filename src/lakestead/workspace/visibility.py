"""What a principal may see, as a condition of SQL: the rule of ``access.visible`` for lists of any length."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import aliased

from lakestead.workspace.access import BROWSE, GRANTABLE
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Grant, Kind, Securable

Alias: TypeAlias = type[Securable]


def may_see(principal: Principal, kind: Kind, *chain: Alias) -> ColumnElement[bool]:
    """Return the condition under which a principal may see an object.

    Args:
        principal: who looks.
        kind: what the objects are.
        chain: the query's entities: the object, then what it is in up to its catalog.
    """
    if principal.is_admin:
        return true()
    names = principal.names
    above = select(Securable).where(Securable.kind == Kind.METASTORE).subquery()
    granted = select(Grant.securable_id).where(
        Grant.principal.in_(names), Grant.privilege.in_(GRANTABLE[kind] | {BROWSE})
    )
    conditions = [or_(one.owner.in_(names), one.id.in_(granted)) for one in chain]
    conditions.append(select(above.c.owner.in_(names)).scalar_subquery())
    target = chain[0]
    if kind is Kind.SCHEMA:
        conditions.append(target.id.in_(_parents_of_theirs(principal)))
    elif kind is Kind.CATALOG:
        schemas = _parents_of_theirs(principal)
        inside = select(Securable.parent_id).where(Securable.id.in_(schemas))
        conditions.append(or_(target.id.in_(schemas), target.id.in_(inside)))
    return or_(*conditions)


def _parents_of_theirs(principal: Principal) -> Select[Any]:
    """Return what something is in that is the principal's own or granted to it."""
    one = aliased(Securable)
    granted = select(Grant.securable_id).where(Grant.principal.in_(principal.names))
    return select(one.parent_id).where(or_(one.owner.in_(principal.names), one.id.in_(granted)))
