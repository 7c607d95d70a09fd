"""Local files to the volume, and the record of what was staged and loaded.

The record is a small file in the volume itself. A file is staged again unless the volume still has what was
put there (same size and time of change) and the local file has the same SHA-256.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ValidationError

from lakestead.core.errors import SourceError
from lakestead.run.lakehouse import Lakehouse

# Like every name that starts with `_`, it is no data to COPY INTO.
RECORD_NAME = "_lakestead.json"


class Staged(BaseModel):
    """What is known of one file of the volume.

    Args:
        sha256: of the local file it came from; None if it did not come from here.
        size: in bytes.
        modified: the volume's time of change, in milliseconds since 1970.
        tables: the ids of the tables it was loaded into.
    """

    sha256: str | None = None
    size: int = -1
    modified: int = -1
    tables: set[str] = set()


class Record(BaseModel):
    """What was staged and loaded, by path relative to the volume."""

    files: dict[str, Staged] = {}

    @classmethod
    def read(cls, lakehouse: Lakehouse) -> Record:
        """Read the volume's record; an empty one if there is none."""
        from databricks.sdk.errors import NotFound

        path = f"{lakehouse.volume_path}/{RECORD_NAME}"
        try:
            contents = lakehouse.client.files.download(path).contents
        except NotFound:
            return cls()
        if contents is None:
            return cls()
        with contents:
            text = contents.read()
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise SourceError(f"{path} is damaged: remove it, and the files are staged anew") from error

    def write(self, lakehouse: Lakehouse) -> None:
        """Put the record into the volume."""
        text = io.BytesIO(self.model_dump_json().encode())
        lakehouse.client.files.upload(f"{lakehouse.volume_path}/{RECORD_NAME}", text, overwrite=True)


@dataclass(frozen=True)
class VolumeFile:
    """A file as the volume lists it: size in bytes, time of change in milliseconds since 1970."""

    size: int
    modified: int


def volume_files(lakehouse: Lakehouse) -> dict[str, VolumeFile]:
    """Return the volume's data files by relative path. Names that start with `_` or `.` are no data."""
    found: dict[str, VolumeFile] = {}
    folders = [lakehouse.volume_path]
    while folders:
        for entry in lakehouse.client.files.list_directory_contents(folders.pop()):
            path = str(entry.path).rstrip("/")
            if hidden(PurePosixPath(path).name):
                continue
            if entry.is_directory:
                folders.append(path)
            else:
                relative = path.removeprefix(lakehouse.volume_path + "/")
                found[relative] = VolumeFile(entry.file_size or 0, entry.last_modified or 0)
    return found


def local_files(folder: Path) -> dict[str, Path]:
    """Return a folder's data files by relative path.

    Raises:
        SourceError: when there is no such folder.
    """
    if not folder.is_dir():
        raise SourceError(f"the folder to stage, {folder}, does not exist")
    files = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name.as_posix(): path for name, path in files.items() if not any(map(hidden, name.parts))}


def hidden(name: str) -> bool:
    """Return whether COPY INTO passes over a name."""
    return name.startswith(("_", "."))


def matches(path: str, pattern: str) -> bool:
    """Return whether a relative path matches a glob pattern, folder by folder (`*` stays within a name)."""
    parts, patterns = PurePosixPath(path).parts, PurePosixPath(pattern).parts
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Upload:
    """One file to stage."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Stage:
    """Files to put into the volume by the Files API."""

    uploads: tuple[Upload, ...]
    record: Record

    @property
    def title(self) -> str:
        """What it does."""
        size = sum(upload.path.stat().st_size for upload in self.uploads)
        return f"stage {len(self.uploads)} files ({size / 1e6:,.1f} MB)"

    def apply(self, lakehouse: Lakehouse) -> None:
        for upload in self.uploads:
            with upload.path.open("rb") as stream:
                lakehouse.client.files.upload(
                    f"{lakehouse.volume_path}/{upload.name}", stream, overwrite=True
                )
        there = volume_files(lakehouse)
        for upload in self.uploads:
            file = there[upload.name]
            tables = self._tables(upload)
            self.record.files[upload.name] = Staged(
                sha256=upload.sha256, size=file.size, modified=file.modified, tables=tables
            )
        self.record.write(lakehouse)

    def _tables(self, upload: Upload) -> set[str]:
        """The same content staged again is as loaded as it was."""
        before = self.record.files.get(upload.name)
        return before.tables if before and before.sha256 == upload.sha256 else set()


def plan_staging(
    folder: Path, there: dict[str, VolumeFile], record: Record, tables: dict[str, str]
) -> list[Stage]:
    """Return the staging of the files that are new or changed, if there are any.

    Args:
        folder: the local files.
        there: the volume's files.
        record: what was staged and loaded before.
        tables: the project's tables that exist: id → name.

    Raises:
        SourceError: when a file changed after it was loaded, since COPY INTO would pass over it.
    """
    uploads: list[Upload] = []
    for name, path in local_files(folder).items():
        sha256, staged, file = digest(path), record.files.get(name), there.get(name)
        same = staged is not None and staged.sha256 == sha256
        if same and staged and file == VolumeFile(staged.size, staged.modified):
            continue
        loaded = sorted(tables[table] for table in staged.tables if table in tables) if staged else []
        if loaded and not same:
            raise SourceError(
                f"{path} changed after it was loaded into {', '.join(loaded)}, and COPY INTO loads a file"
                " name once. Give the new data a new file name, or drop the table to have it loaded anew"
            )
        uploads.append(Upload(name, path, sha256))
    return [Stage(tuple(uploads), record)] if uploads else []
