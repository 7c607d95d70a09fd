"""REST: who am I."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.catalog.rest.metastores import workspace_id
from lakestead.workspace.http import Call, Route
from lakestead.workspace.identity import identities
from lakestead.workspace.identity.scim.filters import Listed, selected
from lakestead.workspace.identity.scim.resources import related, shown
from lakestead.workspace.identity.scim.routes import PREFIX


def me(call: Call) -> Response:
    """GET the principal itself, and in a header which workspace this is."""
    asked = call.arguments(Listed)
    with call.workspace.store.read() as tx:
        identity = identities.named(tx, call.principal.name)
        # Clients read a service principal's id here as they read a user's name.
        form = shown(identity) | related(tx, identity) | {"userName": identity.name}
        headers = {"X-Databricks-Org-Id": str(workspace_id(metastore(tx)))}
        return JSONResponse(selected(form, asked), headers=headers)


ROUTES = [Route("GET", f"{PREFIX}/Me", me, witness="databricks-sdk: current_user.me")]
