"""What object stores refuse, as the workspace's errors."""

from __future__ import annotations

from lakestead.engine.objects import StoreError, StoreErrorKind
from lakestead.workspace.errors import ApiError, ErrorCode

_CODES = {
    StoreErrorKind.URL: ErrorCode.INVALID_REQUEST,
    StoreErrorKind.NOT_FOUND: ErrorCode.FILE_NOT_FOUND,
    StoreErrorKind.DENIED: ErrorCode.FILE_NOT_ACCESSIBLE,
    StoreErrorKind.EXISTS: ErrorCode.FILE_EXISTS,
    StoreErrorKind.UNAVAILABLE: ErrorCode.FILE_NOT_ACCESSIBLE,
}


def store_failure(error: StoreError) -> ApiError:
    """Return an object store's refusal as the error of a request or statement."""
    if error.kind is StoreErrorKind.CHANGED:
        return ApiError(
            ErrorCode.FAILED_READ_FILE, error.message, condition="FAILED_READ_FILE.FILE_NOT_EXIST"
        )
    return ApiError(_CODES[error.kind], error.message)
