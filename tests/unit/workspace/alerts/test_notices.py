"""When alerts tell their subscribers, and what: templates, as text and as HTML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lakestead.workspace.alerts.condition import Condition, Operand, Operator, State, Verdict
from lakestead.workspace.alerts.definition import Definition, Subscribers
from lakestead.workspace.alerts.notices import is_due, message

CONDITION = Condition(Operand("n"), Operator.GREATER_THAN, 10)
ALERT = Definition("1", "A & B", "me", "SELECT 1", CONDITION, subscribers=Subscribers(("me@example.com",)))
ROWS = [{"n": 12, "who": "<x>"}, {"n": None, "who": "{{ALERT_NAME}}"}]
NOW = 10_000_000


def said(**fields: Any) -> tuple[str, str, str]:
    found = message(replace(ALERT, **fields), Verdict(State.TRIGGERED, 12, 10), ROWS, "http://here")
    return found.subject, found.body, found.html


@pytest.mark.parametrize(
    ("state", "notified_at", "fields", "due"),
    [
        (State.TRIGGERED, None, {}, True),
        (State.TRIGGERED, NOW - 1, {}, False),
        (State.TRIGGERED, NOW - 1_999, {"retrigger_seconds": 2}, False),
        (State.TRIGGERED, NOW - 2_000, {"retrigger_seconds": 2}, True),
        (State.OK, NOW - 1, {}, False),
        (State.OK, NOW - 1, {"notify_on_ok": True}, True),
        (State.OK, None, {"notify_on_ok": True}, False),
        (State.ERROR, None, {"notify_on_ok": True}, False),
        (State.UNKNOWN, NOW - 1, {"notify_on_ok": True}, False),
    ],
)
def test_when_subscribers_are_told(
    state: State, notified_at: int | None, fields: dict[str, Any], due: bool
) -> None:
    assert is_due(replace(ALERT, **fields), state, NOW, notified_at) is due


def test_without_a_template() -> None:
    assert said() == ("Alert 'A & B' is TRIGGERED", "n > 10: the value is 12.", "")


def test_html_is_escaped_and_read_as_text() -> None:
    template = (
        "<p>{{ALERT_NAME}} {{ ALERT_COLUMN }} {{ALERT_CONDITION}} {{ALERT_THRESHOLD}}{{UNKNOWN}}</p>"
        "<ul>{{#QUERY_RESULT_ROWS}}<li>{{who}} {{n}} of {{ALERT_STATUS}}</li>{{/QUERY_RESULT_ROWS}}</ul>"
        "{{QUERY_RESULT_TABLE}}<style>p {}</style>{{{ALERT_NAME}}} {{&ALERT_NAME}}"
    )
    subject, body, html = said(summary="{{ALERT_NAME}}: {{QUERY_RESULT_VALUE}}", description=template)
    assert subject == "A & B: 12"
    assert "<p>A &amp; B n &gt; 10</p>" in html
    assert "<li>&lt;x&gt; 12 of TRIGGERED</li>" in html
    assert "<td>12</td><td>&lt;x&gt;</td></tr>" in html
    assert html.endswith("A & B A & B")
    assert body.splitlines() == [
        "A & B n > 10",
        "- <x> 12 of TRIGGERED",
        # What a row holds is no template.
        "- {{ALERT_NAME}}  of TRIGGERED",
        "n | who",
        "12 | <x>",
        " | {{ALERT_NAME}}",
        "A & B A & B",
    ]


def test_markdown_knows_its_variables_only() -> None:
    template = "**@ALERT_NAME** @nobody @UNKNOWN_NAME {{ALERT_NAME}}\n@QUERY_RESULT_TABLE"
    _, body, html = said(description=template, markdown=True)
    assert body.splitlines() == [
        "**A & B** @nobody @UNKNOWN_NAME {{ALERT_NAME}}",
        "n | who",
        "--- | ---",
        "12 | <x>",
        " | {{ALERT_NAME}}",
    ]
    assert html == ""


def test_what_programs_get_is_json() -> None:
    found = message(ALERT, Verdict(State.OK, float("nan"), 10), [], "http://here")
    assert (found.kind, found.key) == ("alert.ok", "alert/1")
    assert found.payload["alert"]["value"] == "nan"
