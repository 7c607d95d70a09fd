"""Who may change and who may see what is kept in folders: dashboards, alerts, queries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lakestead.workspace.assets import service as assets
from lakestead.workspace.assets.paths import may_use
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.alerts import Alert, SavedQuery
from lakestead.workspace.store.dashboards import Dashboard


def manages(actor: Principal, thing: Alert | SavedQuery | Dashboard) -> bool:
    """Return whether a principal may change a thing: its owner and administrators may."""
    return actor.is_admin or thing.owner == actor.name


def sees(tx: Session, actor: Principal, thing: Alert | SavedQuery) -> bool:
    """Return whether a principal may see a thing: who manages it, and who may use its folder."""
    if manages(actor, thing):
        return True
    return not thing.trashed and may_use(actor, assets.of(tx, thing.id).parent_path)
