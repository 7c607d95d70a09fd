"""What is no Thrift message, or not a whole one, gets a clear 400: no traceback, no hang."""

from __future__ import annotations

import http.client
import json
import logging
import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from databricks.sql.thrift_api.TCLIService import TCLIService, ttypes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.Thrift import TApplicationException, TMessageType, TType
from thrift.transport.TTransport import TMemoryBuffer

from lakestead.testing import Workspace

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Line:
    """One connection that posts bytes, as the connector's transport does."""

    def __init__(self, workspace: Workspace) -> None:
        self._http = http.client.HTTPConnection(urlsplit(workspace.host).netloc, timeout=30)
        self._path = workspace.http_path
        self._headers = {"Authorization": f"Bearer {workspace.token}", "Content-Type": "application/x-thrift"}

    def post(self, body: bytes) -> tuple[int, bytes]:
        self._http.request("POST", self._path, body, self._headers)
        response = self._http.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def line(workspace_session: Workspace, caplog: pytest.LogCaptureFixture) -> Iterator[Line]:
    line = Line(workspace_session)
    with caplog.at_level(logging.ERROR, logger="lakestead"):
        yield line
    line.close()
    assert not [record for record in caplog.records if record.name.startswith("lakestead")]


def message(name: str, arguments: object, kind: int = TMessageType.CALL) -> bytes:
    protocol = TBinaryProtocol(TMemoryBuffer())
    protocol.writeMessageBegin(name, kind, 7)
    arguments.write(protocol)
    protocol.writeMessageEnd()
    return bytes(protocol.trans.getvalue())


def exception(body: bytes) -> TApplicationException:
    """Return the exception that an answer has."""
    protocol = TBinaryProtocol(TMemoryBuffer(body))
    _, kind, sequence = protocol.readMessageBegin()
    assert (kind, sequence) == (TMessageType.EXCEPTION, 7)
    raised = TApplicationException()
    raised.read(protocol)
    return raised


def checked(answer: tuple[int, bytes]) -> None:
    """Check that an answer is one of the protocol, or says as a 400 why there is none."""
    status, body = answer
    if status == 200:
        assert TBinaryProtocol(TMemoryBuffer(body)).readMessageBegin()[1] == TMessageType.REPLY
    elif body[:1] == b"{":
        assert (status, json.loads(body)["error_code"]) == (400, "MALFORMED_REQUEST")
    else:
        assert status == 400
        assert TBinaryProtocol(TMemoryBuffer(body)).readMessageBegin()[1] == TMessageType.EXCEPTION


OPEN = message("OpenSession", TCLIService.OpenSession_args(ttypes.TOpenSessionReq(configuration={"a": "b"})))
EXECUTE = message(
    "ExecuteStatement",
    TCLIService.ExecuteStatement_args(
        ttypes.TExecuteStatementReq(
            sessionHandle=ttypes.TSessionHandle(ttypes.THandleIdentifier(bytes(16), bytes(16))),
            statement="SELECT ?",
            confOverlay={"a": "b"},
            parameters=[
                ttypes.TSparkParameter(
                    type="ARRAY", arguments=[ttypes.TSparkParameterValueArg(type="INT", value="1")]
                )
            ],
        )
    ),
)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"GET / HTTP/1.1\r\n\r\n", b"\x80\x01", bytes(1000), b"\xff" * 64]
)
def test_what_is_no_message_is_refused(line: Line, body: bytes) -> None:
    status, answer = line.post(body)
    assert status == 400
    assert json.loads(answer)["error_code"] == "MALFORMED_REQUEST"


@pytest.mark.parametrize("whole", [OPEN, EXECUTE], ids=["OpenSession", "ExecuteStatement"])
def test_a_message_that_ends_too_early_is_refused(line: Line, whole: bytes) -> None:
    for end in range(len(whole)):
        status, answer = line.post(whole[:end])
        assert status == 400
        checked((status, answer))
    assert line.post(whole)[0] == 200


def test_an_unknown_method_is_refused(line: Line) -> None:
    status, answer = line.post(message("DropEverything", TCLIService.OpenSession_args()))
    assert status == 400
    raised = exception(answer)
    assert raised.type == TApplicationException.UNKNOWN_METHOD
    assert "DropEverything" in raised.message


def test_a_message_that_is_no_call_is_refused(line: Line) -> None:
    arguments = TCLIService.OpenSession_args(ttypes.TOpenSessionReq())
    status, answer = line.post(message("OpenSession", arguments, TMessageType.REPLY))
    assert status == 400
    assert exception(answer).type == TApplicationException.INVALID_MESSAGE_TYPE


def test_a_call_without_its_request_is_refused(line: Line) -> None:
    status, answer = line.post(message("OpenSession", TCLIService.OpenSession_args()))
    assert status == 400
    assert exception(answer).type == TApplicationException.PROTOCOL_ERROR


def test_nesting_without_end_is_refused(line: Line) -> None:
    head = message("OpenSession", TCLIService.OpenSession_args())[:-1]
    for level in (
        struct.pack("!bh", TType.STRUCT, 1),
        struct.pack("!bh", TType.STRUCT, 99),
        struct.pack("!bhbi", TType.LIST, 99, TType.STRUCT, 1),
    ):
        status, answer = line.post(head + level * 200_000)
        assert status == 400
        assert exception(answer).type == TApplicationException.PROTOCOL_ERROR


@pytest.mark.parametrize("length", [2**31 - 1, 2**30, -1, -(2**31)])
def test_lengths_that_lie_are_refused(line: Line, length: int) -> None:
    head = message("OpenSession", TCLIService.OpenSession_args())[:-1] + struct.pack("!bh", TType.STRUCT, 1)
    text = struct.pack("!bhi", TType.STRING, 2, length)
    strings = struct.pack("!bhbbi", TType.MAP, 4, TType.STRING, TType.STRING, length)
    numbers = struct.pack("!bhbi", TType.LIST, 1281, TType.I32, length)
    for field in (text, strings, numbers):
        checked(line.post(head + field + b"abc"))


@FUZZ
@given(st.binary(max_size=300))
def test_random_bytes(line: Line, body: bytes) -> None:
    checked(line.post(body))


@FUZZ
@given(st.data())
def test_messages_with_bytes_changed(line: Line, data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([OPEN, EXECUTE])))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    checked(line.post(bytes(body)))


@FUZZ
@given(
    st.sampled_from(sorted(TCLIService.Processor(None)._processMap)),
    st.dictionaries(st.integers(1, 6), st.sampled_from([TType.I32, TType.STRING, TType.STRUCT, TType.LIST])),
)
def test_requests_with_fields_of_other_types(line: Line, name: str, fields: dict[int, int]) -> None:
    values = {
        TType.I32: struct.pack("!i", -5),
        TType.STRING: struct.pack("!i", 3) + b"abc",
        TType.STRUCT: struct.pack("!bhi", TType.STRING, 1, 2) + b"xy\0",
        TType.LIST: struct.pack("!bi", TType.I32, 0),
    }
    head = message(name, TCLIService.OpenSession_args())[:-1] + struct.pack("!bh", TType.STRUCT, 1)
    body = b"".join(struct.pack("!bh", kind, number) + values[kind] for number, kind in fields.items())
    checked(line.post(head + body + b"\0\0"))


def test_the_service_lives_on(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
