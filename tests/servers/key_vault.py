"""A server that speaks the part of Azure Key Vault's REST protocol by which secrets are read."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "token-of-the-tests"
_PAGE = 2  # so many secrets in one page of the list


@contextmanager
def key_vault(secrets: Mapping[str, str | None], folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve secrets over https.

    Args:
        secrets: names and values; None for one that is disabled.
        folder: for the server's certificate.

    Yields:
        The vault's URL, and the certificate to trust.
    """
    certificate = _certificate(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(secrets))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", certificate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(secrets: Mapping[str, str | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            base = f"https://{self.headers['Host']}/secrets"
            parts = url.path.strip("/").split("/")
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._answer(401, {"error": {"code": "Unauthorized", "message": "no token"}})
            elif parts == ["secrets"]:
                start = int(url.query.rpartition("skip=")[2]) if "skip=" in url.query else 0
                names = sorted(secrets)
                items = [
                    {"id": f"{base}/{name}", "attributes": {"enabled": secrets[name] is not None}}
                    for name in names[start : start + _PAGE]
                ]
                more = f"{base}?api-version=7.4&skip={start + _PAGE}" if start + _PAGE < len(names) else None
                self._answer(200, {"value": items, "nextLink": more})
            elif len(parts) >= 2 and secrets.get(parts[1]) is not None:
                body = {
                    "value": secrets[parts[1]],
                    "id": f"{base}/{parts[1]}/1",
                    "attributes": {"enabled": True},
                }
                self._answer(200, body)
            else:
                self._answer(404, {"error": {"code": "SecretNotFound", "message": "not found"}})

        def _answer(self, status: int, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            if status == 401:
                challenge = 'Bearer authorization="https://login.test/tenant", resource="https://vault.test"'
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing of requests."""

    return Handler


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "vault.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
