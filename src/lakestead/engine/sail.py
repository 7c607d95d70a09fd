"""Sail, a Spark SQL engine in a process of its own, reached over Spark Connect on loopback.

One :class:`Engine` serves a whole program; every :class:`EngineSession` has a catalog in memory of its own,
which holds only what was put there. The pyspark client is not used: its import alone takes longer than
the start of everything else.
"""

from __future__ import annotations

import atexit
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import grpc
import pyarrow as pa

from lakestead.engine.arrow import Batch, Stream, split
from lakestead.engine.process import EngineProcess
from lakestead.engine.spark_connect import spark_connect_pb2 as pb

logger = logging.getLogger(__name__)

_STOPPED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)
# A statement that does not end so soon after it was told to takes the engine with it.
_CANCEL_SECONDS = 10.0
_SERVICE = "/spark.connect.SparkConnectService/"
# Sail compresses its answers with gzip, which costs seven times what it saves on loopback: ask for identity.
_CHANNEL_OPTIONS = [
    ("grpc.compression_enabled_algorithms_bitset", 1),
    # The thread that reads a stream drives it: a thread more for each call costs a third of a small query.
    ("SingleThreadedUnaryStream", 1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
# Sail 0.7 keeps about 54 KB of every statement it has parsed: after so many it is started anew when idle.
_STATEMENTS_PER_LIFE = 10_000
# It keeps the result of a complete statement until it is told to forget it. What is smaller than this is not
# worth a round trip: the end of the session or of the process's life frees it.
_WORTH_FORGETTING = 4096
# A reattachable statement's stream says when it is complete; when a task of the engine panics, it just ends.
_SAY_WHEN_COMPLETE = pb.ExecutePlanRequest.RequestOption(
    reattach_options=pb.ReattachOptions(reattachable=True)
)


class EngineError(Exception):
    """The engine's own words on why a statement failed."""


class EngineStopped(EngineError):
    """The engine's process ended while the statement ran; it is started again for the next one."""


class Interrupted(Exception):
    """The statement was cancelled while it ran."""


class Life:
    """One process of the engine, from its start to its end."""

    def __init__(self) -> None:
        self.process = EngineProcess()
        self._connecting = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._methods: dict[str, Callable[..., Any]] = {}
        self.statements = 0
        self.running = 0

    def call(self, method: str, request: Any, timeout: float | None = None) -> Any:
        """Make a call of the Spark Connect protocol; the first one waits until the process serves."""
        if not self._methods:
            with self._connecting:
                if not self._methods:
                    self._methods = self._connect()
        return self._methods[method](request, timeout=timeout)

    def _connect(self) -> dict[str, Callable[..., Any]]:
        address = f"127.0.0.1:{self.process.port()}"
        channel = self._channel = grpc.insecure_channel(address, options=_CHANNEL_OPTIONS)
        methods = {
            method: channel.unary_unary(
                _SERVICE + method,
                getattr(pb, f"{method}Request").SerializeToString,
                getattr(pb, f"{method}Response").FromString,
            )
            for method in ("Config", "Interrupt", "ReleaseExecute", "ReleaseSession")
        }
        methods["ExecutePlan"] = channel.unary_stream(
            _SERVICE + "ExecutePlan",
            pb.ExecutePlanRequest.SerializeToString,
            pb.ExecutePlanResponse.FromString,
        )
        return methods

    def stop(self) -> None:
        """End the process and all calls."""
        if self._channel is not None:
            self._channel.close()
        self.process.stop()


class Engine:
    """The engine; it is on its way when this returns, and the first call waits for it.

    Opening sessions and running statements is safe from any thread.
    """

    def __init__(self) -> None:
        self._life = Life()
        self._lock = threading.Lock()
        self._pinned: set[str] = set()

    def session(self, user: str) -> EngineSession:
        """Open a session with an empty catalog.

        Args:
            user: the name that ``current_user()`` gives.
        """
        return EngineSession(self, user)

    def begin(self) -> Life:
        """Note that a statement starts; return the life that runs it, a new one if the last has ended."""
        with self._lock:
            life = self._life
            worn = life.statements >= _STATEMENTS_PER_LIFE and not life.running and not self._pinned
            if worn or not life.process.alive:
                life.stop()
                life = self._life = Life()
            life.statements += 1
            life.running += 1
            return life

    def end(self, life: Life) -> None:
        """Note that a statement has ended."""
        with self._lock:
            life.running -= 1

    def pin(self, session_id: str, pinned: bool) -> None:
        """Note whether a session has what a new life of the engine would lose."""
        with self._lock:
            (self._pinned.add if pinned else self._pinned.discard)(session_id)

    @property
    def life(self) -> Life:
        """The life that runs statements now."""
        return self._life

    def stop(self) -> None:
        """Stop the engine; statements still running end with an error."""
        self._life.stop()


@cache
def shared_engine() -> Engine:
    """Return the engine that all workspaces of this process share; it ends with the process."""
    engine = Engine()
    atexit.register(engine.stop)
    return engine


class EngineSession:
    """A session of the engine: its temporary views, settings and registered tables.

    Attributes:
        catalog: what its user has put into the engine's catalog, in any form; emptied when the engine had to
            be started anew, and with it its own catalog.
    """

    def __init__(self, engine: Engine, user: str) -> None:
        self._engine = engine
        self._user = pb.UserContext(user_id=user, user_name=user)
        self._lock = threading.Lock()
        # Unless told, Sail lets the PySpark that is installed, if one is, decide whether errors are errors.
        self._settings = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
        self._life: Life | None = None
        self.id = ""
        self.catalog: dict[str, Any] = {}

    def set(self, key: str, value: str) -> None:
        """Set a Spark configuration value for this session.

        Raises:
            EngineError: the engine does not take it.
        """
        with self._lock:
            if self._life is not None:
                self._configure(self._life, {key: value})
            self._settings[key] = value

    def pin(self, pinned: bool) -> None:
        """Say whether the session has temporary views, which a new life of the engine would lose."""
        self._engine.pin(self.id, pinned)

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
        self.pin(False)
        life = self._life
        if life is None or life is not self._engine.life:
            return
        interrupt = pb.InterruptRequest(
            session_id=self.id,
            user_context=self._user,
            interrupt_type=pb.InterruptRequest.INTERRUPT_TYPE_ALL,
        )
        release = pb.ReleaseSessionRequest(session_id=self.id, user_context=self._user)
        try:
            _unary(life, "Interrupt", interrupt)
        except EngineError as error:
            logger.warning("a statement of a session that was closed had failed: %s", error)
        try:
            _unary(life, "ReleaseSession", release)
        except EngineStopped:
            logger.debug("the engine ended before the session")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the engine from being started anew for its age while a statement prepares and runs."""
        life = self.begin()
        try:
            yield
        finally:
            self.end(life)

    # What a statement asks of its session

    def begin(self) -> Life:
        """Note that a statement starts; return the life that runs it, in which the session is open."""
        life = self._engine.begin()
        try:
            with self._lock:
                if self._life is not life:
                    self.id = str(uuid.uuid4())
                    self.catalog.clear()
                    self._configure(life, self._settings)
                    self._life = life
        except BaseException:
            self._engine.end(life)
            raise
        return life

    def end(self, life: Life) -> None:
        """Note that a statement has ended."""
        self._engine.end(life)

    def request(self, sql: str, operation_id: str) -> pb.ExecutePlanRequest:
        """Return the request that runs a statement."""
        return pb.ExecutePlanRequest(
            session_id=self.id,
            user_context=self._user,
            operation_id=operation_id,
            client_type="lakestead",
            plan=pb.Plan(root=pb.Relation(sql=pb.SQL(query=sql))),
            request_options=[_SAY_WHEN_COMPLETE],
        )

    def forget(self, life: Life, operation_id: str) -> None:
        """Have the engine forget the result of a statement that has ended."""
        life.call(
            "ReleaseExecute",
            pb.ReleaseExecuteRequest(
                session_id=self.id,
                user_context=self._user,
                operation_id=operation_id,
                release_all=pb.ReleaseExecuteRequest.ReleaseAll(),
            ),
        )

    def interrupt(self, life: Life, operation_id: str, timeout: float | None = None) -> None:
        """End one statement and forget it.

        Raises:
            EngineError: it had failed already, in a way that its stream does not tell.
            EngineStopped: it did not end in time.
        """
        request = pb.InterruptRequest(
            session_id=self.id,
            user_context=self._user,
            interrupt_type=pb.InterruptRequest.INTERRUPT_TYPE_OPERATION_ID,
            operation_id=operation_id,
        )
        _unary(life, "Interrupt", request, timeout)

    def _configure(self, life: Life, settings: dict[str, str]) -> None:
        pairs = [pb.KeyValue(key=key, value=value) for key, value in settings.items()]
        operation = pb.ConfigRequest.Operation(set=pb.ConfigRequest.Set(pairs=pairs))
        request = pb.ConfigRequest(session_id=self.id, user_context=self._user, operation=operation)
        _unary(life, "Config", request)


def _unary(life: Life, method: str, request: Any, timeout: float | None = None) -> None:
    try:
        life.call(method, request, timeout)
    except grpc.RpcError as error:
        raise failure(error) from None


def failure(error: grpc.RpcError) -> EngineError:
    """Return the engine's error."""
    if error.code() in _STOPPED:
        return EngineStopped("the engine stopped while the statement ran")
    return EngineError(error.details())


class Run:
    """One statement under way."""

    def __init__(self, session: EngineSession, sql: str) -> None:
        self._session = session
        self._operation_id = str(uuid.uuid4())
        self._cancelled = threading.Event()
        self._life = session.begin()
        self._ended = False
        request = session.request(sql, self._operation_id)
        try:
            self._call = self._life.call("ExecutePlan", request)
        except BaseException:
            self._end()
            raise

    def cancel(self) -> None:
        """Ask the engine to stop; the reader of the stream gets :class:`Interrupted`."""
        self._cancelled.set()
        try:
            self._session.interrupt(self._life, self._operation_id, _CANCEL_SECONDS)
        except EngineStopped:
            logger.warning("a statement did not end when it was cancelled: the engine is started anew")
            self._life.stop()
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
        complete, size = False, 0
        try:
            for response in self._call:
                if response.HasField("arrow_batch"):
                    message, data = split(response.arrow_batch.data)
                    size += len(response.arrow_batch.data)
                    yield message, Batch(response.arrow_batch.row_count, data)
                complete = complete or response.HasField("result_complete")
            if complete:
                if size > _WORTH_FORGETTING:
                    self._session.forget(self._life, self._operation_id)
            elif not self._cancelled.is_set():
                # The engine's words on a panic come with the answer to this.
                self._session.interrupt(self._life, self._operation_id)
                raise EngineError("the engine ended the statement's result before its end")
        except GeneratorExit:
            self.cancel()
            raise
        except (grpc.RpcError, EngineError) as error:
            if self._cancelled.is_set():
                raise Interrupted from None
            raise (error if isinstance(error, EngineError) else failure(error)) from None
        finally:
            self._end()
        # An interrupted stream may just end.
        if self._cancelled.is_set():
            raise Interrupted

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._session.end(self._life)
