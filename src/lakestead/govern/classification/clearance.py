"""Who somebody is, and up to which level that lets them see."""

from __future__ import annotations

import threading
import time

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.iam import ComplexValue

from lakestead.govern.classification.levels import Classification

KEPT_SECONDS = 300.0
"""How long the groups of somebody are taken to be the same."""


class Clearances:
    """Looks up clearances by the groups that people are in. Many threads may ask.

    Args:
        client: of the workspace whose groups count.
        classification: who is cleared for which level.
        kept_seconds: how long groups are remembered.
    """

    def __init__(
        self, client: WorkspaceClient, classification: Classification, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self._client = client
        self._classification = classification
        self._kept_seconds = kept_seconds
        self._lock = threading.Lock()
        self._known: dict[str | None, tuple[float, frozenset[str]]] = {}

    def level(self, user: str | None = None) -> str:
        """Return up to which level somebody may see.

        Args:
            user: the name of a user, or the application id of a service principal; None for who asks.
        """
        return self._classification.cleared(*self.principals(user))

    def principals(self, user: str | None = None) -> frozenset[str]:
        """Return the names of somebody and of the groups that they are in.

        Those of others can be looked up by who may list users; else their own names alone count.
        """
        with self._lock:
            moment, names = self._known.get(user, (0.0, frozenset()))
            if names and time.monotonic() - moment < self._kept_seconds:
                return names
        names = self._look_up(user)
        with self._lock:
            self._known[user] = (time.monotonic(), names)
        return names

    def _look_up(self, user: str | None) -> frozenset[str]:
        me = self._client.current_user.me()
        if user is None or user == me.user_name:
            return _names(me.user_name, me.groups)
        quoted = user.replace("\\", "\\\\").replace('"', '\\"')
        try:
            for one in self._client.users.list(
                filter=f'userName eq "{quoted}"', attributes="userName,groups"
            ):
                return _names(one.user_name, one.groups)
            for robot in self._client.service_principals.list(filter=f'applicationId eq "{quoted}"'):
                return _names(robot.application_id, robot.groups)
        except DatabricksError:
            # Not everybody may list users: nothing more is known of them, and nothing more is given to them.
            return frozenset({user})
        return frozenset({user})


def _names(name: str | None, groups: list[ComplexValue] | None) -> frozenset[str]:
    return frozenset(one for one in (name, *(group.display for group in groups or [])) if one)
