"""Whether a workspace answers at all, told within seconds."""

from __future__ import annotations

import os

import requests

from lakestead.client.profile import Profile

SECONDS = 3.0
"""How long a workspace may take to answer."""

_SERVER_ERROR = 500


def answers(profile: Profile, seconds: float = SECONDS) -> bool:
    """Return whether a workspace answers.

    The clients would try a workspace that is gone for minutes. Any answer counts that is not the service's
    own failure: this asks for nothing that needs a log-in, and sends no token.

    Args:
        profile: the way in.
        seconds: how long to wait for the connection, and for the answer.

    Raises:
        ConfigError: the profile names no workspace.
    """
    # Where the SDK would look, without the SDK: to resolve a profile, it asks the workspace itself.
    url = profile.host or (None if profile.name else os.environ.get("DATABRICKS_HOST")) or profile.url
    url = url if "://" in url else f"https://{url}"
    try:
        answer = requests.get(f"{url.rstrip('/')}/.well-known/databricks-config", timeout=seconds)
    except requests.RequestException:
        return False
    return answer.status_code < _SERVER_ERROR
