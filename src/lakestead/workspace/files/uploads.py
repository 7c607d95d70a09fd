"""Uploads in parts: begun, filled by signed links in any order, and put in place as one file."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files import service
from lakestead.workspace.files.service import VolumePath
from lakestead.workspace.identity.principals import Principal

MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload under way.

    Attributes:
        token: names it; only who began it has it.
        principal: who began it.
        at: where the file will be.
        overwrite: whether it may replace one.
        folder: where its parts are.
        tags: for each part that is there, what its sender was given for it.
    """

    token: str
    principal: Principal
    at: VolumePath
    overwrite: bool
    folder: Path
    tags: dict[int, str] = field(default_factory=dict)


class Uploads:
    """All uploads under way. They end with the process; what is left of them is removed at the next start."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def begin(self, principal: Principal, at: VolumePath, overwrite: bool) -> Upload:
        """Begin an upload.

        Raises:
            ApiError: FILE_EXISTS when there is a file already and it must not be overwritten.
        """
        if not overwrite and service.exists(at):
            raise ApiError(ErrorCode.FILE_EXISTS, f"A file already exists at {at.name}.")
        token = secrets.token_urlsafe(24)
        folder = at.staging / f"{token}.parts"
        folder.mkdir(parents=True)
        upload = Upload(token, principal, at, overwrite, folder)
        with self._lock:
            self._uploads[token] = upload
        return upload

    def get(self, token: str) -> Upload:
        """Return an upload.

        Raises:
            ApiError: NOT_FOUND when there is none, or it was completed or aborted.
        """
        with self._lock:
            found = self._uploads.get(token)
        if found is None:
            raise ApiError(ErrorCode.NOT_FOUND, "There is no such upload session, or it has ended.")
        return found

    def add(self, token: str, number: int, chunks: Iterable[bytes]) -> str:
        """Take a part; a part that was sent before is replaced.

        Returns:
            The tag by which the sender names the part when it completes the upload.
        """
        upload = self.get(token)
        tag = secrets.token_hex(16)
        draft = upload.folder / tag
        try:
            with draft.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
            draft.replace(upload.folder / str(number))
            upload.tags[number] = tag
        finally:
            draft.unlink(missing_ok=True)
        return tag

    def complete(self, token: str, at: VolumePath, parts: Sequence[tuple[int, str]]) -> None:
        """Put the parts together as one file, and that in place.

        Args:
            token: the upload's.
            at: where the file will be; the same as when it began.
            parts: number and tag of all its parts.

        Raises:
            ApiError: NOT_FOUND; INVALID_REQUEST when the parts are not those that were sent; FILE_EXISTS.
        """
        upload = self.get(token)
        numbers = [number for number, _ in parts]
        if at.name != upload.at.name or at.volume.id != upload.at.volume.id:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"The upload session is not for {at.name}.")
        if numbers != sorted(set(numbers)) or not parts or any(upload.tags.get(n) != tag for n, tag in parts):
            raise ApiError(ErrorCode.INVALID_REQUEST, "The parts are not those that were uploaded, in order.")
        with self._lock:
            # From here on nobody else completes or aborts it.
            if self._uploads.pop(token, None) is None:
                raise ApiError(ErrorCode.NOT_FOUND, "There is no such upload session, or it has ended.")
        whole = upload.folder / str(numbers[0])
        try:
            with whole.open("ab") as file:
                for number in numbers[1:]:
                    part = upload.folder / str(number)
                    with part.open("rb") as source:
                        shutil.copyfileobj(source, file, 1024 * 1024)
                    part.unlink()
            at.place.put(whole, upload.overwrite)
        finally:
            shutil.rmtree(upload.folder, ignore_errors=True)

    def abort(self, token: str) -> None:
        """End an upload and forget its parts; one that has ended is left as it is."""
        with self._lock:
            upload = self._uploads.pop(token, None)
        if upload is not None:
            shutil.rmtree(upload.folder, ignore_errors=True)
