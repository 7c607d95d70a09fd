"""Messages: from the bytes of a request to the bytes of its answer.

The structures and methods are those of the Thrift interface that the official SQL connector ships; its
generated classes read and write them here too.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from typing import Any

from databricks.sql.thrift_api.TCLIService import TCLIService as Interface
from databricks.sql.thrift_api.TCLIService.ttypes import TGetInfoValue, TProtocolVersion
from thrift.protocol.TBinaryProtocol import TBinaryProtocolAccelerated
from thrift.Thrift import TApplicationException, TException, TMessageType
from thrift.transport.TTransport import TMemoryBuffer

from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Call
from lakestead.workspace.thrift.status import Refused, failure

logger = logging.getLogger(__name__)

Method = Callable[[Call, Any], Any]
# What generated code raises for bytes that are no message of the interface.
_UNREADABLE = (
    TException,
    EOFError,
    struct.error,
    UnicodeDecodeError,
    ValueError,
    TypeError,
    OverflowError,
    MemoryError,
    RecursionError,
)
# Fields that answers must have even when they only tell of an error.
_REQUIRED: dict[str, dict[str, object]] = {
    "OpenSession": {"serverProtocolVersion": TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V9},
    "GetInfo": {"infoValue": TGetInfoValue()},
}


class Malformed(Exception):
    """A request that is no message of the interface.

    Attributes:
        answer: what to send back; empty when the request does not even say what it asks.
    """

    def __init__(self, reason: str, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.answer = answer


def answer(methods: dict[str, Method], call: Call) -> bytes:
    """Carry out the request in a call's body and return its answer.

    Args:
        methods: what carries out each method of the interface.
        call: the request.

    Raises:
        Malformed: the body is no request of the interface.
        Refused: the request is refused by HTTP.
    """
    protocol = _protocol(call.body)
    try:
        name, kind, sequence = protocol.readMessageBegin()
    except _UNREADABLE:
        raise Malformed("The body is not a Thrift message in the binary protocol.") from None
    if kind != TMessageType.CALL:
        raise _malformed(name, sequence, TApplicationException.INVALID_MESSAGE_TYPE, f"{name} is no call")
    arguments_type = getattr(Interface, f"{name}_args", None)
    if arguments_type is None:
        raise _malformed(name, sequence, TApplicationException.UNKNOWN_METHOD, f"Unknown function {name}")
    arguments = arguments_type()
    try:
        arguments.read(protocol)
    except _UNREADABLE as error:
        reason = f"The arguments of {name} cannot be read: {str(error)[:200] or type(error).__name__}"
        raise _malformed(name, sequence, TApplicationException.PROTOCOL_ERROR, reason) from None
    if arguments.req is None:
        reason = f"The request of {name} is missing"
        raise _malformed(name, sequence, TApplicationException.PROTOCOL_ERROR, reason)
    result = getattr(Interface, f"{name}_result")(_carried_out(methods, name, call, arguments.req))
    return _message(name, TMessageType.REPLY, sequence, result)


def _carried_out(methods: dict[str, Method], name: str, call: Call, request: Any) -> Any:
    try:
        method = methods.get(name)
        if method is None:
            raise unsupported(name)
        return method(call, request)
    except Refused:
        raise
    except ApiError as error:
        known = error
    except Exception:
        # Clients repeat a request that ends with HTTP status 500 for minutes: they must get an answer.
        logger.exception("%s failed", name)
        known = ApiError(ErrorCode.INTERNAL, f"{name} failed inside the workspace; see its log.")
    response_type = getattr(Interface, f"{name}_result").thrift_spec[0][3][0]
    return response_type(status=failure(known), **_REQUIRED.get(name, {}))


def _protocol(body: bytes = b"") -> TBinaryProtocolAccelerated:
    # The body's size was limited when it was read, so what is inside it needs no limit of its own.
    return TBinaryProtocolAccelerated(TMemoryBuffer(body), strictRead=True, string_length_limit=None)


def _message(name: str, kind: int, sequence: int, content: Any) -> bytes:
    protocol = _protocol()
    protocol.writeMessageBegin(name, kind, sequence)
    content.write(protocol)
    protocol.writeMessageEnd()
    return bytes(protocol.trans.getvalue())


def _malformed(name: str, sequence: int, kind: int, reason: str) -> Malformed:
    content = TApplicationException(kind, reason)
    return Malformed(reason, _message(name, TMessageType.EXCEPTION, sequence, content))
