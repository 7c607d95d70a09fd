"""The mail server of the workspace, as ``LAKESTEAD_SMTP_URL`` names it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from lakestead.core.errors import ConfigError

VARIABLE = "LAKESTEAD_SMTP_URL"
"""The environment variable with the server's URL."""

_PORTS = {"smtp": 25, "smtps": 465}
_FORM = f"{VARIABLE} must be smtp://[user:password@]host[:port]?from=address, or smtps://…"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server that takes e-mail.

    Attributes:
        host: its name.
        port: its port.
        sender: the address that mail comes from.
        tls: whether it is spoken to over TLS from the start; else it is as soon as it offers that.
        user: name to log in with; empty for no login.
        password: the password.
    """

    host: str
    port: int
    sender: str
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return self.host in ("localhost", "127.0.0.1", "::1")


def smtp_server(url: str | None) -> SmtpServer | None:
    """Return the server that a URL names; None for none.

    Raises:
        ConfigError: it is no such URL; the message does not show it.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(_FORM) from None
    options = parse_qs(parts.query, keep_blank_values=True)
    sender = options.pop("from", [""])[-1]
    if parts.scheme not in _PORTS or not parts.hostname or "@" not in sender or options:
        raise ConfigError(_FORM)
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        sender=sender,
        tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
