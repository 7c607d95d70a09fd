"""Removing what is in folders: what has an API of its own goes to its trash."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from lakestead.workspace.alerts import service as alerts
from lakestead.workspace.alerts.queries import service as queries
from lakestead.workspace.assets import rights
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.dashboards import service as dashboards
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.alerts import Alert
from lakestead.workspace.store.assets import Asset


def remove_all(tx: Session, actor: Principal, gone: Iterable[Asset]) -> list[Alert]:
    """Remove assets, all or none, and return the alerts among them: they are not due any more.

    Raises:
        ApiError: PERMISSION_DENIED of what the principal may not remove.
    """
    found: list[Alert] = []
    for asset in list(gone):
        if asset.kind == Kind.DASHBOARD:
            dashboards.check(tx, actor, asset.resource_id)
            dashboards.trash(tx, asset.resource_id)
        elif asset.kind == Kind.ALERT:
            alert = alerts.find(tx, asset.resource_id)
            _allow(rights.manages(actor, alert), actor, asset)
            alerts.trash(tx, alert)
            found.append(alert)
        elif asset.kind == Kind.QUERY:
            _allow(rights.manages(actor, queries.find(tx, asset.resource_id)), actor, asset)
            queries.trash(tx, asset.resource_id)
        else:
            tx.delete(asset)
    return found


def _allow(allowed: bool, actor: Principal, asset: Asset) -> None:
    if not allowed:
        raise ApiError(ErrorCode.PERMISSION_DENIED, f"{actor.name} may not delete {asset.path}.")
