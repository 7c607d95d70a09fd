"""Why files could not be read."""

from __future__ import annotations

from enum import Enum, auto


class FilesErrorKind(Enum):
    """Why files could not be read."""

    NOT_FOUND = auto()  # no such file or folder
    OPTION = auto()  # an unknown option, or a wrong value of one
    MALFORMED = auto()  # a file is not what its format says
    SCHEMA = auto()  # files do not go together, or cannot be read as the wanted columns
    UNSUPPORTED = auto()  # a format or option that is not served


class FilesError(Exception):
    """Files that could not be read.

    Args:
        kind: why.
        message: what is wrong and in which file, in one sentence.
    """

    def __init__(self, kind: FilesErrorKind, message: str) -> None:
        self.kind = kind
        self.message = message
        super().__init__(message)
