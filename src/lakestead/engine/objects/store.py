"""One bucket or container: objects are looked up, listed, read, written and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import obstore

from lakestead.engine.objects.errors import StoreError, StoreErrorKind, explained
from lakestead.engine.objects.url import ObjectUrl

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta
    from obstore.store import ObjectStore

_PART = 1024 * 1024
_UPLOADED_PART = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Object:
    """An object.

    Attributes:
        key: its path in the bucket.
        size: bytes.
        modified: seconds since the epoch.
        version: changes with the object's content; "" when the store does not tell.
    """

    key: str
    size: int
    modified: float
    version: str

    @classmethod
    def of(cls, meta: ObjectMeta) -> Object:
        """Return obstore's form of an object as ours."""
        # Lists of Azure have tags without quotes, answers with them.
        tag = (meta["e_tag"] or "").removeprefix("W/").strip('"')
        return cls(meta["path"], meta["size"], meta["last_modified"].timestamp(), tag)

    def is_like(self, other: Object) -> bool:
        """Return whether two looks at an object saw the same; times in answers are of whole seconds."""
        same_version = not (self.version and other.version) or self.version == other.version
        return same_version and self.size == other.size and int(self.modified) == int(other.modified)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder.

    Attributes:
        folders: keys of the folders in it.
        objects: what lies in it itself.
    """

    folders: tuple[str, ...]
    objects: tuple[Object, ...]


class Store:
    """A bucket or container.

    Every method raises StoreError.

    Args:
        url: a URL in it.
        inner: obstore's own form of it.
    """

    def __init__(self, url: ObjectUrl, inner: ObjectStore) -> None:
        self._url = url
        self._inner = inner

    def url(self, key: str) -> str:
        """Return the URL of a key."""
        return self._url.at(key).text

    def head(self, key: str) -> Object | None:
        """Return an object, or None when there is none."""
        try:
            with explained(self.url(key)):
                return Object.of(obstore.head(self._inner, key))
        except StoreError as error:
            if error.kind is not StoreErrorKind.NOT_FOUND:
                raise
            return None

    def list(self, folder: str) -> Listing | None:
        """Return what is in a folder; None when it is not there, which is to say that nothing is in it.

        An object that marks the folder itself (its key ends with a slash) makes it be there.
        """
        with explained(self.url(folder)):
            found = obstore.list_with_delimiter(self._inner, prefix=folder or None)
        folders = tuple(found["common_prefixes"])
        # Where folders have objects of their own, these have no content.
        objects = tuple(
            Object.of(meta)
            for meta in found["objects"]
            if meta["path"] != folder and not (meta["size"] == 0 and meta["path"] in folders)
        )
        is_there = folders or found["objects"] or not folder
        return Listing(folders, objects) if is_there else None

    def read(self, found: Object, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield an object's content, or a range of it, as it was when it was looked at.

        Args:
            found: the object.
            start: the first byte.
            end: the byte behind the last one.

        Raises:
            StoreError: CHANGED also while it is being read.
        """
        url = self.url(found.key)
        end = found.size if end is None else end
        if start >= end:
            return
        options: GetOptions = {} if (start, end) == (0, found.size) else {"range": (start, end)}
        with explained(url):
            answer = obstore.get(self._inner, found.key, options=options)
            if not found.is_like(Object.of(answer.meta)):
                raise StoreError(StoreErrorKind.CHANGED, f"{url} was changed.")
            count = 0
            for chunk in answer.stream(min_chunk_size=_PART):
                count += len(chunk)
                yield chunk
        if count != end - start:
            raise StoreError(StoreErrorKind.UNAVAILABLE, f"{url} was not sent to its end.")

    def find(self, key: str) -> Object | Listing | None:
        """Return the object or folder that a key is; an object without content may stand for a folder."""
        found = self.head(key) if key else None
        if found is not None and found.size > 0:
            return found
        listing = self.list(key)
        if listing is not None and (listing.folders or listing.objects or found is None):
            return listing
        return found

    def write(self, key: str, content: Path | bytes, *, overwrite: bool) -> None:
        """Write an object, of bytes or a local file: all of it or nothing.

        Raises:
            StoreError: EXISTS.
        """
        # The store itself refuses only what comes in one request; the rest we look up just before.
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        single = not overwrite and size <= _UPLOADED_PART
        if not overwrite and not single and self.head(key) is not None:
            raise StoreError(StoreErrorKind.EXISTS, f"{self.url(key)} already exists.")
        with explained(self.url(key)):
            obstore.put(
                self._inner,
                key,
                content,
                mode="create" if single else "overwrite",
                use_multipart=not single,
                chunk_size=_UPLOADED_PART,
                max_concurrency=4,
            )

    def delete(self, key: str) -> None:
        """Remove an object; S3 does not mind when there is none."""
        with explained(self.url(key)):
            obstore.delete(self._inner, key)
