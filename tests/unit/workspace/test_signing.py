from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.signing import Signer
from lakestead.workspace.store.base import now_ms

PATH = "/files/Volumes/main/default/v/ä file.txt"


def signed(signer: Signer, expires_in: int = 60_000, **query: str) -> tuple[str, dict[str, str]]:
    """Return path and query of a link as a server sees them."""
    parts = urlsplit(signer.sign("GET", PATH, query, now_ms() + expires_in))
    return unquote(parts.path), dict(parse_qsl(parts.query))


def refusal(signer: Signer, method: str, path: str, query: dict[str, str]) -> str:
    with pytest.raises(ApiError) as raised:
        signer.check(method, path, query)
    assert raised.value.code is ErrorCode.PERMISSION_DENIED
    return raised.value.message


def test_a_signed_link_is_good() -> None:
    signer = Signer()
    path, query = signed(signer, who="me & you", overwrite="true")
    assert path == PATH
    signer.check("GET", path, query)


def test_nothing_of_it_can_be_changed() -> None:
    signer = Signer()
    path, query = signed(signer, overwrite="false")
    changed = [
        ("PUT", path, query),
        ("GET", path + "x", query),
        ("GET", path, query | {"overwrite": "true"}),
        ("GET", path, query | {"more": "1"}),
        ("GET", path, query | {"expires": str(now_ms() + 10**9)}),
        ("GET", path, query | {"signature": "ü"}),
        ("GET", path, {key: value for key, value in query.items() if key != "signature"}),
        ("GET", path, {}),
    ]
    for method, where, parameters in changed:
        assert "signature" in refusal(signer, method, where, parameters)


def test_it_expires() -> None:
    signer = Signer()
    path, query = signed(signer, expires_in=-1)
    assert "expired" in refusal(signer, "GET", path, query)


def test_another_servers_links_are_not_good() -> None:
    path, query = signed(Signer())
    assert "signature" in refusal(Signer(), "GET", path, query)


def test_what_is_sealed_is_opened_as_it_was_or_not_at_all() -> None:
    signer = Signer()
    sealed = signer.seal("abc", now_ms() + 60_000)
    assert signer.unseal(sealed) == "abc"
    expired = signer.seal("abc", now_ms() - 1)
    other = Signer().seal("abc", now_ms() + 60_000)
    text, expires, signature = sealed.split(".")
    for changed in (
        *(expired, other, "", "..", "ü.1.x", f"abd.{expires}.{signature}"),
        f"{text}.{int(expires) + 1}.{signature}",
    ):
        with pytest.raises(ApiError) as refused:
            signer.unseal(changed)
        assert refused.value.code is ErrorCode.UNAUTHENTICATED
