"""A user delegation signature: asked for over TLS with a token, as Azure wants it.

Azurite gives the key; it does not know the latest form of such signatures: they are looked at and not used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_INSTALLED = Path(sys.prefix) / "azurite" / "node_modules" / ".bin" / "azurite-blob"
_PROGRAM = """
import base64, json, sys, time
from datetime import UTC, datetime, timedelta
from azure.core.credentials import AccessToken
from lakestead.core.errors import ConnectionFailed
from lakestead.ingest.stores import Location
from lakestead.ingest.stores.sas import delegation_sas

class Identity:
    def __init__(self, audience):
        self.audience = audience
    def get_token(self, *scopes, **options):
        now = int(time.time())
        claims = {"aud": self.audience, "iss": "https://sts.windows.net/tenant/", "iat": now - 10,
                  "nbf": now - 10, "exp": now + 3600, "oid": "me", "tid": "tenant"}
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                 for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        return AccessToken(".".join([*parts, "c2ln"]), now + 3600)

place = Location.parse("az://raw@devstoreaccount1.dfs.core.windows.net")
sas = delegation_sas(place, sys.argv[1], Identity("https://storage.azure.com"), timedelta(minutes=30))
assert "skoid=me" in sas.token and "sr=c" in sas.token and "sp=rl" in sas.token
assert timedelta(0) < sas.expiry - datetime.now(UTC) <= timedelta(minutes=30)
print(sas)
try:
    delegation_sas(place, sys.argv[1], Identity("https://elsewhere"), timedelta(minutes=30))
except ConnectionFailed as error:
    print(error)
"""


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.TraditionalOpenSSL
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return paths


@pytest.fixture
def azurite_tls(certificate: tuple[Path, Path]) -> Iterator[str]:
    program = str(_INSTALLED) if _INSTALLED.exists() else shutil.which("azurite-blob")
    if program is None:
        why = "Azurite is not installed: `make test` installs it where npm is (or `npm install -g azurite`)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    command = [
        program,
        "--blobPort",
        "0",
        "--skipApiVersionCheck",
        "--inMemoryPersistence",
        "--disableTelemetry",
    ]
    command += ["--oauth", "basic", "--cert", str(certificate[0]), "--key", str(certificate[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        found = (re.search(r"https://127\.0\.0\.1:[1-9]\d*", line) for line in process.stdout)
        try:
            yield next(url.group() for url in found if url)
        finally:
            process.kill()


def test_a_delegation_key_signs(azurite_tls: str, certificate: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, f"{azurite_tls}/devstoreaccount1"],
        env={**os.environ, "REQUESTS_CA_BUNDLE": str(certificate[0])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sas, refused = done.stdout.splitlines()
    assert "scope=\"read, list: the container 'raw' of the storage account 'devstoreaccount1'\"" in sas
    assert "sig=" not in sas
    assert "needs the role 'Storage Blob Delegator'" in refused
