"""The pages of alerts, which notifications can link to."""

from __future__ import annotations

from starlette.responses import Response

from lakestead.workspace.alerts import service
from lakestead.workspace.assets import rights
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call
from lakestead.workspace.ui.pages import page
from lakestead.workspace.ui.times import at


def show(call: Call) -> Response:
    """GET how an alert stands, and what it looks at."""
    with call.workspace.store.read() as tx:
        alert = service.find(tx, call.path["alert_id"])
        if not rights.sees(tx, call.principal, alert):
            raise ApiError(
                ErrorCode.PERMISSION_DENIED, f"{call.principal.name} may not see alert {alert.id}."
            )
        definition = service.definition_of(tx, alert)
    facts = {
        "Condition": str(definition.condition),
        "Evaluated": at(alert.evaluated_at) or "not yet",
        "Triggered": at(alert.triggered_at) or "never",
        "Notified": at(alert.notified_at) or "never",
        "Owner": alert.owner,
        "Runs as": definition.run_as,
    }
    return page(
        "alert",
        {
            "principal": call.principal.name,
            "name": alert.display_name,
            "state": alert.state,
            "facts": facts,
            "text": definition.text,
        },
    )
