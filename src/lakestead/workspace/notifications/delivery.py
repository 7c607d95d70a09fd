"""Sending one message to one place, once: HTTP and SMTP."""

from __future__ import annotations

import base64
import http.client
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from html import escape
from typing import Any

from lakestead.workspace.notifications.message import Message
from lakestead.workspace.notifications.smtp import SmtpServer

# Seconds that a server has to take a message.
_TIMEOUT = 5.0
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


class Undelivered(Exception):
    """A message was not taken.

    Args:
        reason: why; it tells no address and no secret.
        again: whether it may be taken later.
    """

    def __init__(self, reason: str, *, again: bool) -> None:
        self.reason = reason
        self.again = again
        super().__init__(reason)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What was sent to one address, with its credentials, is not for another."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(url: str, body: Mapping[str, Any], login: tuple[str, str] | None = None) -> None:
    """POST a JSON body.

    Args:
        url: http or https.
        body: what to send.
        login: name and password for basic authentication.

    Raises:
        Undelivered: the server is not there or answered with anything but 2xx.
    """
    headers = {"Content-Type": "application/json", "User-Agent": "lakestead"}
    if login is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=_TIMEOUT):
            pass
    except urllib.error.HTTPError as error:
        again = error.code == _TOO_MANY_REQUESTS or error.code >= _SERVER_ERROR
        error.close()
        raise Undelivered(f"the server answered with HTTP status {error.code}", again=again) from None
    except urllib.error.URLError as error:
        raise Undelivered(f"the server cannot be reached: {_why(error.reason)}", again=True) from None
    except (OSError, http.client.HTTPException) as error:
        raise Undelivered(f"the server did not answer: {_why(error)}", again=True) from None


def mail(server: SmtpServer, to: Sequence[str], message: Message) -> None:
    """Send an e-mail.

    Args:
        server: takes it.
        to: addresses.
        message: what it says.

    Raises:
        Undelivered: the server is not there or refused it.
    """
    content = EmailMessage()
    content["From"] = server.sender
    content["To"] = ", ".join(to)
    content["Subject"] = " ".join(message.subject.split())
    content.set_content(f"{message.body}\n\n{message.link}" if message.link else message.body)
    if message.html:
        content.add_alternative(f"{message.html}<p>{escape(message.link)}</p>", subtype="html")
    try:
        with _connect(server) as session:
            refused = session.send_message(content)
    except smtplib.SMTPResponseException as error:
        again = error.smtp_code < _SERVER_ERROR
        raise Undelivered(f"the mail server answered {error.smtp_code}", again=again) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        again = any(code < _SERVER_ERROR for code in codes)
        raise Undelivered(f"the mail server refused all recipients: {codes}", again=again) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"the mail server did not take it: {_why(error)}", again=True) from None
    if refused:
        raise Undelivered(f"the mail server refused {len(refused)} of {len(to)} recipients", again=False)


def _connect(server: SmtpServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls:
        session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
    try:
        _log_in(session, server, context)
    except BaseException:
        session.close()
        raise
    return session


def _log_in(session: smtplib.SMTP, server: SmtpServer, context: ssl.SSLContext) -> None:
    session.ehlo()
    if not server.tls and session.has_extn("starttls"):
        session.starttls(context=context)
    elif server.password and not server.tls and not server.local:
        raise Undelivered("the mail server offers no TLS, and a password is not sent without", again=False)
    if server.user:
        session.login(server.user, server.password)


def _why(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
