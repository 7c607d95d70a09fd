"""A bucket of S3, Azure or Google as a store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import obstore
from obstore import exceptions

from lakestead.core.errors import ConnectionFailed, LakesteadError, SourceError

from .globs import Glob
from .location import Location
from .store import Entry

if TYPE_CHECKING:
    from obstore.store import ObjectStore

# One part of a large file; with the parts that are under way at a time it bounds the memory of a transfer.
_PART = 8 * 1024 * 1024
_PARTS_AT_A_TIME = 4
_LISTED_AT_A_TIME = 1000
_REFUSED = re.compile(
    r"\b(401|403)\b|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|AuthenticationFailed"
    r"|AuthorizationFailure|ExpiredToken|invalid_client|unauthorized_client|Unauthorized|Forbidden"
)
_UNREACHED = re.compile(
    r"error sending request|client error \(Connect\)|dns error|timed? ?out", re.IGNORECASE
)
_QUERY = re.compile(r"\?[^\s\"')]+")
_LONGEST = 300


class Bucket:
    """A bucket or container.

    Args:
        location: where keys begin.
        inner: obstore's store of the bucket, its prefix applied.
        secrets: texts that no message may hold.
    """

    def __init__(self, location: Location, inner: ObjectStore, secrets: tuple[str, ...] = ()) -> None:
        self.location = location
        self._inner = inner
        self._secrets = secrets

    def url(self, key: str = "") -> str:
        return self.location.join(key).url

    def put_file(self, local: Path, key: str) -> None:
        with self._errors(key):
            obstore.put(self._inner, key, local, chunk_size=_PART, max_concurrency=_PARTS_AT_A_TIME)

    def get_file(self, key: str, local: Path) -> None:
        with self._errors(key), local.open("wb") as file:
            for chunk in obstore.get(self._inner, key).stream(min_chunk_size=_PART):
                file.write(chunk)

    def create(self, key: str, content: bytes) -> bool:
        with self._errors(key):
            try:
                obstore.put(self._inner, key, content, mode="create")
            except (FileExistsError, exceptions.AlreadyExistsError):
                return False
        return True

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        with self._errors(key):
            if end is None:
                return bytes(obstore.get(self._inner, key).bytes())[start:]
            return bytes(obstore.get_range(self._inner, key, start=start, end=end))

    def move(self, key: str, to: str) -> None:
        with self._errors(key):
            try:
                size = obstore.head(self._inner, key)["size"]
                obstore.copy(self._inner, key, to)
            except (FileNotFoundError, exceptions.NotFoundError):
                if self.exists(to):
                    return
                raise
            # A store may copy in the background: what is not there whole must not lose its original.
            if obstore.head(self._inner, to)["size"] != size:
                raise SourceError(f"{self.url(key)} is still being copied to {self.url(to)}: try again")
        self.delete([key])

    def list(self, pattern: str = "**") -> Iterator[Entry]:
        glob = Glob(pattern)
        with self._errors(glob.folder):
            pages = obstore.list(self._inner, glob.folder or None, chunk_size=_LISTED_AT_A_TIME)
            for page in pages:
                for found in page:
                    key = found["path"]
                    if glob.matches(key):
                        yield Entry(key, self.url(key), found["size"], found["last_modified"])

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            with self._errors(key):
                try:
                    obstore.delete(self._inner, key)
                except (FileNotFoundError, exceptions.NotFoundError):
                    continue

    def exists(self, key: str) -> bool:
        with self._errors(key):
            try:
                obstore.head(self._inner, key)
            except (FileNotFoundError, exceptions.NotFoundError):
                return False
        return True

    def local(self, key: str) -> None:
        """No key is a file of this machine."""

    def check(self) -> None:
        with self._errors(""):
            next(iter(obstore.list(self._inner, chunk_size=1)), None)

    def close(self) -> None:
        """Connections end with the object."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        """Turn obstore's errors into ours. Theirs hold URLs with signatures, so they are not chained."""
        try:
            yield
        except (exceptions.BaseError, FileNotFoundError, PermissionError) as error:
            raise self._explained(error, key) from None

    def _explained(self, error: Exception, key: str) -> LakesteadError:
        text = str(error).partition("\n\nDebug source:")[0]
        if isinstance(
            error, (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError, PermissionError)
        ):
            return self._refused(text)
        if _REFUSED.search(text):
            return self._refused(text)
        if _UNREACHED.search(text):
            return ConnectionFailed(
                f"{self.location.name} cannot be reached: check the name, the endpoint and the network"
                f" ({self._short(text)})"
            )
        if isinstance(error, (exceptions.NotFoundError, FileNotFoundError)):
            return SourceError(f"{self.url(key)} is not there: check the name of the bucket and of the file")
        return SourceError(f"{self.url(key)}: {self._short(text)}")

    def _refused(self, text: str) -> ConnectionFailed:
        return ConnectionFailed(
            f"{self.location.name} refuses the credentials: check that they belong to it, have not expired"
            f" and may list, read and write there ({self._short(text)})"
        )

    def _short(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = _QUERY.sub("?…", " ".join(text.split()))
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
