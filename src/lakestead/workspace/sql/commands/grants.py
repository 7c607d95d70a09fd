"""GRANT, REVOKE and SHOW GRANTS."""

from __future__ import annotations

from collections.abc import Iterable

from lakestead.workspace.access import BROWSE, GRANT, Access
from lakestead.workspace.catalog import grants
from lakestead.workspace.catalog.grants import Privilege
from lakestead.workspace.identity.principals import principal_exists
from lakestead.workspace.sql.commands.target import Target
from lakestead.workspace.sql.context import Context, Verb, done, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Securable

_COLUMNS = [(name, "string") for name in ("Principal", "ActionType", "ObjectType", "ObjectKey")]


def grant(ctx: Context, command: ast.Grant) -> Outcome:
    """Carry out GRANT."""
    with ctx.store.write() as tx:
        target = Target.of(ctx, command.kind, command.name).get(tx)
        grants.grant(tx, target, command.principal, command.privileges)
    return done()


def revoke(ctx: Context, command: ast.Revoke) -> Outcome:
    """Carry out REVOKE."""
    with ctx.store.write() as tx:
        target = Target.of(ctx, command.kind, command.name).get(tx)
        grants.revoke(tx, target, command.principal, command.privileges)
    return done()


def show_grants(ctx: Context, command: ast.ShowGrants) -> Outcome:
    """Carry out SHOW GRANTS: what is granted on the object, and what it inherits."""
    with ctx.store.read() as tx:
        target = Target.of(ctx, command.kind, command.name).get(tx)
        principal = principal_exists(tx, command.principal) if command.principal else None
        found = [_row(one, target) for one in grants.effective(tx, target, principal)]
    return rows(_COLUMNS, sorted(found))


def _row(one: Privilege, target: Securable) -> tuple[str, str, str, str]:
    holder = one.inherited_from or target
    name = one.name.replace("_", " ")
    return one.principal, name, holder.kind, holder.full_name or holder.name


def _manage(ctx: Context, command: ast.Grant | ast.Revoke) -> Iterable[Access]:
    target = Target.of(ctx, command.kind, command.name)
    yield Access(GRANT, target.kind, target.path)


def _show_access(ctx: Context, command: ast.ShowGrants) -> Iterable[Access]:
    """Yield what seeing grants needs: one's own and one's groups' need no more than seeing the object."""
    target = Target.of(ctx, command.kind, command.name)
    own = command.principal in ctx.principal.names
    yield Access(BROWSE if own else GRANT, target.kind, target.path)


VERBS: dict[type, Verb] = {
    ast.Grant: Verb(_manage, grant, "GRANT"),
    ast.Revoke: Verb(_manage, revoke, "REVOKE"),
    ast.ShowGrants: Verb(_show_access, show_grants, "SHOW"),
}
