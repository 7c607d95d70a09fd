"""Files: COPY INTO, and PUT, GET, REMOVE and LIST on volumes."""

from __future__ import annotations

from dataclasses import dataclass, field

from .statement import Command, Fragment, Name, Pairs


@dataclass(frozen=True, slots=True)
class CopySource:
    """Where COPY INTO reads. ``select`` is the expression list of (SELECT … FROM 'path').

    ``credential`` names a storage credential; ``credentials`` and ``encryption`` are inline secrets, kept out
    of the repr.
    """

    path: str
    select: Fragment | None = None
    credential: str | None = None
    credentials: Pairs = field(default=(), repr=False)
    encryption: Pairs = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CopyInto(Command):
    """COPY INTO; ``format`` is upper case. With ``validate``, ``validate_rows`` None means ALL."""

    table: Name
    source: CopySource
    format: str
    columns: tuple[str, ...] = ()
    by_position: bool = False
    validate: bool = False
    validate_rows: int | None = None
    files: tuple[str, ...] = ()
    pattern: str | None = None
    format_options: Pairs = ()
    copy_options: Pairs = ()


@dataclass(frozen=True, slots=True)
class PutFile(Command):
    """PUT 'local' INTO 'remote' [OVERWRITE]."""

    local: str
    remote: str
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class GetFile(Command):
    """GET 'remote' TO 'local'."""

    remote: str
    local: str


@dataclass(frozen=True, slots=True)
class RemoveFile(Command):
    """REMOVE 'remote'."""

    remote: str


@dataclass(frozen=True, slots=True)
class ListFiles(Command):
    """LIST 'remote' [RECURSIVE] [LIMIT n]."""

    remote: str
    recursive: bool = False
    limit: int | None = None
