from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UserContext(_message.Message):
    __slots__ = ("user_id", "user_name")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    USER_NAME_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    user_name: str
    def __init__(self, user_id: _Optional[str] = ..., user_name: _Optional[str] = ...) -> None: ...

class SQL(_message.Message):
    __slots__ = ("query",)
    QUERY_FIELD_NUMBER: _ClassVar[int]
    query: str
    def __init__(self, query: _Optional[str] = ...) -> None: ...

class Relation(_message.Message):
    __slots__ = ("sql",)
    SQL_FIELD_NUMBER: _ClassVar[int]
    sql: SQL
    def __init__(self, sql: _Optional[_Union[SQL, _Mapping]] = ...) -> None: ...

class Plan(_message.Message):
    __slots__ = ("root",)
    ROOT_FIELD_NUMBER: _ClassVar[int]
    root: Relation
    def __init__(self, root: _Optional[_Union[Relation, _Mapping]] = ...) -> None: ...

class ReattachOptions(_message.Message):
    __slots__ = ("reattachable",)
    REATTACHABLE_FIELD_NUMBER: _ClassVar[int]
    reattachable: bool
    def __init__(self, reattachable: _Optional[bool] = ...) -> None: ...

class ExecutePlanRequest(_message.Message):
    __slots__ = ("session_id", "user_context", "plan", "client_type", "request_options", "operation_id")
    class RequestOption(_message.Message):
        __slots__ = ("reattach_options",)
        REATTACH_OPTIONS_FIELD_NUMBER: _ClassVar[int]
        reattach_options: ReattachOptions
        def __init__(self, reattach_options: _Optional[_Union[ReattachOptions, _Mapping]] = ...) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    CLIENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    user_context: UserContext
    plan: Plan
    client_type: str
    request_options: _containers.RepeatedCompositeFieldContainer[ExecutePlanRequest.RequestOption]
    operation_id: str
    def __init__(self, session_id: _Optional[str] = ..., user_context: _Optional[_Union[UserContext, _Mapping]] = ..., plan: _Optional[_Union[Plan, _Mapping]] = ..., client_type: _Optional[str] = ..., request_options: _Optional[_Iterable[_Union[ExecutePlanRequest.RequestOption, _Mapping]]] = ..., operation_id: _Optional[str] = ...) -> None: ...

class ExecutePlanResponse(_message.Message):
    __slots__ = ("session_id", "arrow_batch", "result_complete")
    class ArrowBatch(_message.Message):
        __slots__ = ("row_count", "data")
        ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
        DATA_FIELD_NUMBER: _ClassVar[int]
        row_count: int
        data: bytes
        def __init__(self, row_count: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...
    class ResultComplete(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ARROW_BATCH_FIELD_NUMBER: _ClassVar[int]
    RESULT_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    arrow_batch: ExecutePlanResponse.ArrowBatch
    result_complete: ExecutePlanResponse.ResultComplete
    def __init__(self, session_id: _Optional[str] = ..., arrow_batch: _Optional[_Union[ExecutePlanResponse.ArrowBatch, _Mapping]] = ..., result_complete: _Optional[_Union[ExecutePlanResponse.ResultComplete, _Mapping]] = ...) -> None: ...

class ReleaseExecuteRequest(_message.Message):
    __slots__ = ("session_id", "user_context", "operation_id", "release_all")
    class ReleaseAll(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ALL_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    user_context: UserContext
    operation_id: str
    release_all: ReleaseExecuteRequest.ReleaseAll
    def __init__(self, session_id: _Optional[str] = ..., user_context: _Optional[_Union[UserContext, _Mapping]] = ..., operation_id: _Optional[str] = ..., release_all: _Optional[_Union[ReleaseExecuteRequest.ReleaseAll, _Mapping]] = ...) -> None: ...

class ReleaseExecuteResponse(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class KeyValue(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ConfigRequest(_message.Message):
    __slots__ = ("session_id", "user_context", "operation")
    class Set(_message.Message):
        __slots__ = ("pairs",)
        PAIRS_FIELD_NUMBER: _ClassVar[int]
        pairs: _containers.RepeatedCompositeFieldContainer[KeyValue]
        def __init__(self, pairs: _Optional[_Iterable[_Union[KeyValue, _Mapping]]] = ...) -> None: ...
    class Operation(_message.Message):
        __slots__ = ("set",)
        SET_FIELD_NUMBER: _ClassVar[int]
        set: ConfigRequest.Set
        def __init__(self, set: _Optional[_Union[ConfigRequest.Set, _Mapping]] = ...) -> None: ...
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    user_context: UserContext
    operation: ConfigRequest.Operation
    def __init__(self, session_id: _Optional[str] = ..., user_context: _Optional[_Union[UserContext, _Mapping]] = ..., operation: _Optional[_Union[ConfigRequest.Operation, _Mapping]] = ...) -> None: ...

class ConfigResponse(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class InterruptRequest(_message.Message):
    __slots__ = ("session_id", "user_context", "interrupt_type", "operation_id")
    class InterruptType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        INTERRUPT_TYPE_UNSPECIFIED: _ClassVar[InterruptRequest.InterruptType]
        INTERRUPT_TYPE_ALL: _ClassVar[InterruptRequest.InterruptType]
        INTERRUPT_TYPE_TAG: _ClassVar[InterruptRequest.InterruptType]
        INTERRUPT_TYPE_OPERATION_ID: _ClassVar[InterruptRequest.InterruptType]
    INTERRUPT_TYPE_UNSPECIFIED: InterruptRequest.InterruptType
    INTERRUPT_TYPE_ALL: InterruptRequest.InterruptType
    INTERRUPT_TYPE_TAG: InterruptRequest.InterruptType
    INTERRUPT_TYPE_OPERATION_ID: InterruptRequest.InterruptType
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    INTERRUPT_TYPE_FIELD_NUMBER: _ClassVar[int]
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    user_context: UserContext
    interrupt_type: InterruptRequest.InterruptType
    operation_id: str
    def __init__(self, session_id: _Optional[str] = ..., user_context: _Optional[_Union[UserContext, _Mapping]] = ..., interrupt_type: _Optional[_Union[InterruptRequest.InterruptType, str]] = ..., operation_id: _Optional[str] = ...) -> None: ...

class InterruptResponse(_message.Message):
    __slots__ = ("interrupted_ids",)
    INTERRUPTED_IDS_FIELD_NUMBER: _ClassVar[int]
    interrupted_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, interrupted_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ReleaseSessionRequest(_message.Message):
    __slots__ = ("session_id", "user_context")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    user_context: UserContext
    def __init__(self, session_id: _Optional[str] = ..., user_context: _Optional[_Union[UserContext, _Mapping]] = ...) -> None: ...

class ReleaseSessionResponse(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...
