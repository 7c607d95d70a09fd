"""Sail, an embedded Spark SQL engine, reached over Spark Connect on loopback.

One :class:`Engine` serves a whole process; every :class:`EngineSession` has a catalog in memory of its own,
which holds only what was put there. The pyspark client is not used: its import alone takes longer than
the start of everything else.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import pyarrow as pa

from lakestead.engine.arrow import Batch, Stream, split
from lakestead.engine.spark_connect import spark_connect_pb2 as pb

logger = logging.getLogger(__name__)

_SERVICE = "/spark.connect.SparkConnectService/"
# Sail compresses its answers with gzip, which costs seven times what it saves on loopback: ask for identity.
_CHANNEL_OPTIONS = [
    ("grpc.compression_enabled_algorithms_bitset", 1),
    # The thread that reads a stream drives it: a thread more for each call costs a third of a small query.
    ("SingleThreadedUnaryStream", 1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
_ENVIRONMENT = {
    "RUST_LOG": "error",
    # Sessions live as long as the client's session does; the workspace releases them.
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": str(30 * 24 * 3600),
}


_START_SECONDS = 30


class EngineError(Exception):
    """The engine's own words on why a statement failed."""


class Interrupted(Exception):
    """The statement was cancelled while it ran."""


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Keep SIGINT's handler.

    Sail sets one of its own once it serves: the engine would stop whenever a program is interrupted, and
    Python's main thread would not wake up to hear of it. Python sets handlers in the main thread only, so an
    engine that is started in another one stops on Ctrl-C.
    """
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if handler is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)


class Engine:
    """The embedded engine.

    Opening sessions and running statements is safe from any thread.
    """

    def __init__(self) -> None:
        for key, value in _ENVIRONMENT.items():
            os.environ.setdefault(key, value)
        # Sail's Unity provider would read the credentials of a real workspace: the engine must not see them.
        hidden = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith("DATABRICKS_")}
        try:
            from pysail.spark import SparkConnectServer

            self._server = SparkConnectServer("127.0.0.1", 0)
            with _own_interrupt():
                self._server.start(background=True)
                self._channel = self._connect()
        finally:
            os.environ.update(hidden)
        self.execute_plan = self._channel.unary_stream(
            _SERVICE + "ExecutePlan",
            pb.ExecutePlanRequest.SerializeToString,
            pb.ExecutePlanResponse.FromString,
        )
        self.configure = self._unary("Config", pb.ConfigRequest, pb.ConfigResponse)
        self.interrupt = self._unary("Interrupt", pb.InterruptRequest, pb.InterruptResponse)
        self.release = self._unary("ReleaseSession", pb.ReleaseSessionRequest, pb.ReleaseSessionResponse)

    def _connect(self) -> grpc.Channel:
        address = self._server.listening_address
        if address is None:
            raise EngineError("the engine did not start")
        channel = grpc.insecure_channel(f"{address[0]}:{address[1]}", options=_CHANNEL_OPTIONS)
        try:
            grpc.channel_ready_future(channel).result(timeout=_START_SECONDS)
        except grpc.FutureTimeoutError:
            raise EngineError(f"the engine did not start in {_START_SECONDS} s") from None
        return channel

    def _unary(self, method: str, request: type, response: type) -> Callable[..., object]:
        call: Callable[..., object] = self._channel.unary_unary(
            _SERVICE + method,
            request.SerializeToString,  # type: ignore[attr-defined]
            response.FromString,  # type: ignore[attr-defined]
        )
        return call

    def session(self, user: str) -> EngineSession:
        """Open a session with an empty catalog.

        Args:
            user: the name that ``current_user()`` gives.
        """
        return EngineSession(self, user)

    def stop(self) -> None:
        """Stop the engine; statements still running end with an error."""
        self._channel.close()
        self._server.stop()


class EngineSession:
    """A session of the engine: its temporary views, settings and registered tables."""

    def __init__(self, engine: Engine, user: str) -> None:
        self.id = str(uuid.uuid4())
        self._engine = engine
        self._user = pb.UserContext(user_id=user, user_name=user)
        self.set("spark.sql.session.timeZone", "UTC")

    def set(self, key: str, value: str) -> None:
        """Set a Spark configuration value for this session."""
        operation = pb.ConfigRequest.Operation(
            set=pb.ConfigRequest.Set(pairs=[pb.KeyValue(key=key, value=value)])
        )
        self._call(
            self._engine.configure,
            pb.ConfigRequest(session_id=self.id, user_context=self._user, operation=operation),
        )

    def run(self, sql: str) -> Run:
        """Start a statement; it goes on as its batches are read."""
        return Run(self, sql)

    def query(self, sql: str) -> pa.Table:
        """Run a statement and read its whole result into memory.

        Raises:
            EngineError: when the engine refuses the statement or it fails.
        """
        return self.run(sql).stream().table()

    def command(self, sql: str) -> None:
        """Run a statement for what it does."""
        for _ in self.run(sql).stream().batches:
            pass

    def close(self) -> None:
        """Interrupt what runs and forget the session."""
        request = pb.InterruptRequest(
            session_id=self.id,
            user_context=self._user,
            interrupt_type=pb.InterruptRequest.INTERRUPT_TYPE_ALL,
        )
        try:
            self._call(self._engine.interrupt, request)
        except EngineError as error:
            logger.warning("a statement of a session that was closed had failed: %s", error)
        self._call(
            self._engine.release, pb.ReleaseSessionRequest(session_id=self.id, user_context=self._user)
        )

    def interrupt(self, operation_id: str) -> None:
        """End one statement and forget it.

        Raises:
            EngineError: it had failed already, in a way that its stream does not tell.
        """
        self._call(
            self._engine.interrupt,
            pb.InterruptRequest(
                session_id=self.id,
                user_context=self._user,
                interrupt_type=pb.InterruptRequest.INTERRUPT_TYPE_OPERATION_ID,
                operation_id=operation_id,
            ),
        )

    def _call(self, method: Callable[..., object], request: object) -> object:
        try:
            return method(request)
        except grpc.RpcError as error:
            raise EngineError(error.details()) from None


class Run:
    """One statement under way."""

    def __init__(self, session: EngineSession, sql: str) -> None:
        self._session = session
        self._operation_id = str(uuid.uuid4())
        self._cancelled = threading.Event()
        self._call = session._engine.execute_plan(
            pb.ExecutePlanRequest(
                session_id=session.id,
                user_context=session._user,
                operation_id=self._operation_id,
                client_type="lakestead",
                plan=pb.Plan(root=pb.Relation(sql=pb.SQL(query=sql))),
            )
        )

    def cancel(self) -> None:
        """Ask the engine to stop; the reader of the stream gets :class:`Interrupted`."""
        self._cancelled.set()
        try:
            self._session.interrupt(self._operation_id)
        except EngineError as error:
            logger.debug("a statement that was cancelled had failed: %s", error)
        self._call.cancel()

    def stream(self) -> Stream:
        """Return the result; its first batch has been read when this returns.

        Raises:
            EngineError: when the statement fails.
            Interrupted: when it was cancelled.
        """
        batches = self._batches()
        first = next(batches, None)
        if first is None:
            return Stream(pa.schema([]), iter(()))
        message, batch = first
        schema = pa.ipc.read_schema(pa.py_buffer(message))

        def rest() -> Iterator[Batch]:
            yield batch
            for _, following in batches:
                yield following

        return Stream(schema, rest())

    def _batches(self) -> Iterator[tuple[bytes, Batch]]:
        try:
            for response in self._call:
                if response.HasField("arrow_batch"):
                    message, data = split(response.arrow_batch.data)
                    yield message, Batch(response.arrow_batch.row_count, data)
            # When a task of the engine panics, the stream just ends, as if that were all. Forgetting the
            # statement tells, and frees what the engine keeps of it.
            self._session.interrupt(self._operation_id)
        except GeneratorExit:
            self.cancel()
            raise
        except (grpc.RpcError, EngineError) as error:
            if self._cancelled.is_set():
                raise Interrupted from None
            raise (error if isinstance(error, EngineError) else EngineError(error.details())) from None
        # An interrupted stream may just end.
        if self._cancelled.is_set():
            raise Interrupted
