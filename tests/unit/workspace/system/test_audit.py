"""What the audit calls operations, and what it keeps of their parameters."""

from __future__ import annotations

import json

from lakestead.workspace import routes
from lakestead.workspace.system.audit.actions import actions
from lakestead.workspace.system.audit.params import MAX_BODY, request_params


def test_every_route_has_an_action() -> None:
    served = {(route.method, route.path) for route in routes.ALL}
    assert served - set(actions()) == set()


def test_renamed_parameters_are_of_the_path() -> None:
    for (_, path), action in actions().items():
        for name in action.renamed:
            assert f"{{{name}}}" in path


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def test_parameters_of_path_query_and_body_are_kept_as_texts() -> None:
    sent = body({"comment": "c", "count": 3, "nested": {"a": [1, True]}, "nothing": None})
    found = request_params({"name": "m.s.t"}, b"max_results=5&x=", sent, {"name": "full_name_arg"})
    assert found == {
        "full_name_arg": "m.s.t",
        "max_results": "5",
        "x": "",
        "comment": "c",
        "count": "3",
        "nested": '{"a":[1,true]}',
        "nothing": "null",
    }


def test_no_secret_is_kept() -> None:
    hidden = "s3cr3t"
    sent = body(
        {
            "scope": "s",
            "key": "k",
            "string_value": hidden,
            "bytes_value": hidden,
            "token": hidden,
            "options": {"password": hidden, "list": [{"client_secret": hidden}]},
            "parameters": [{"name": "p", "value": hidden}],
            "statement": f"COPY INTO t FROM 'x' WITH (CREDENTIAL (AWS_SECRET_KEY = '{hidden}'))",
        }
    )
    found = request_params({"token": hidden}, f"signature={hidden}&expires=1".encode(), sent, {})
    assert hidden not in repr(found)
    assert found["scope"] == "s"
    assert found["key"] == "k"
    assert found["statement"].startswith("COPY INTO t FROM 'x' WITH (CREDENTIAL")


def test_of_a_form_only_what_is_no_secret_is_kept() -> None:
    sent = b"grant_type=client_credentials&client_id=me&client_secret=s3cr3t&scope=all-apis"
    assert request_params({}, b"", sent, {}) == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "scope": "all-apis",
    }


def test_what_is_too_long_or_no_json_is_left_out() -> None:
    assert request_params({}, b"", b" " * (MAX_BODY + 1), {}) == {}
    assert request_params({}, b"", b"\x00\xff", {}) == {}
    assert len(request_params({}, b"", body({"comment": "x" * 50_000}), {})["comment"]) == 4096
