"""Credentials that a statement brings with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class AwsKeys:
    """Keys of AWS.

    Attributes:
        access_key: the access key's id.
        secret_key: the key itself.
        session_token: what comes with keys for a while; None with others.
    """

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AzureSas:
    """A shared access signature of Azure.

    Attributes:
        token: its query string, with or without the question mark.
    """

    token: str = field(repr=False)


Credentials: TypeAlias = AwsKeys | AzureSas
