"""Which files are read: those of a path, by name, pattern and time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.globs import has_wildcard, pattern
from lakestead.engine.files.options import Options

_HIVE = re.compile(r"([^=/]+)=([^/]*)\Z")
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read.

    Attributes:
        path: where it is.
        name: how users name it, e.g. by its path in a volume.
        size: bytes.
        modified: seconds since the epoch.
        partition: columns and values that folders named ``column=value`` give.
    """

    path: Path
    name: str
    size: int
    modified: float
    partition: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Root:
    """Where files are looked for.

    Attributes:
        path: a file or folder, or with ``*``, ``?``, ``[…]`` and ``{…}`` many of them.
        name: how users name it.
        confine: links that lead out of this folder are not followed.
    """

    path: Path
    name: str
    confine: Path


def find(
    root: Root, options: Options, *, names: Sequence[str] = (), matching: str | None = None
) -> list[SourceFile]:
    """Return the files that are to be read, by name.

    Files and folders whose names start with ``.`` or ``_`` are passed over, as Spark does. Folders are not
    entered, unless they are partitions (``column=value``) or the option recursiveFileLookup is on.

    Args:
        root: where to look.
        options: may filter by name and time.
        names: only these files, by their paths relative to the root.
        matching: only files whose paths relative to the root match this pattern.

    Raises:
        FilesError: NOT_FOUND when the root or one of ``names`` is not there.
    """
    roots = list(_expand(root)) if has_wildcard(str(root.path)) and not root.path.exists() else [root]
    if not all(one.path.exists() for one in roots) or not roots:
        raise FilesError(FilesErrorKind.NOT_FOUND, f"Path does not exist: {root.name}.")
    recursive = options.flag("recursivefilelookup")
    if names:
        entries = [(name, _named(one, name)) for one in roots for name in names]
    else:
        deep = recursive or (matching is not None and "/" in matching)
        entries = [entry for one in roots for entry in _walk(one, deep, not recursive)]
    relative_pattern = None if matching is None else pattern(matching)
    glob_filter = options.text("pathglobfilter")
    name_pattern = None if glob_filter is None else pattern(glob_filter)
    after, before = options.moment("modifiedafter"), options.moment("modifiedbefore")
    chosen = [
        file
        for relative, file in entries
        if (relative_pattern is None or relative_pattern.fullmatch(relative))
        and (name_pattern is None or name_pattern.fullmatch(file.path.name))
        and (after is None or file.modified > after)
        and (before is None or file.modified < before)
    ]
    return sorted(chosen, key=lambda file: file.name)


def _expand(root: Root) -> Iterator[Root]:
    """Yield the files and folders that a path with wildcards stands for."""
    parts = root.path.parts
    fixed = next(index for index, part in enumerate(parts) if has_wildcard(part))
    shown = root.name.rstrip("/").split("/")
    base = "/".join(shown[: fixed - len(parts)])
    found = [(Path(*parts[:fixed]), base)]
    for part in parts[fixed:]:
        wanted = pattern(part)
        found = [
            (path / entry, f"{name}/{entry}")
            for path, name in found
            if path.is_dir()
            for entry in sorted(os.listdir(path))
            if wanted.fullmatch(entry) and not entry.startswith((".", "_"))
        ]
    for path, name in found:
        if _inside(path, root):
            yield Root(path, name, root.confine)


def _named(root: Root, name: str) -> SourceFile:
    path = root.path / name
    if ".." in Path(name).parts or not path.is_file() or not _inside(path, root):
        raise FilesError(FilesErrorKind.NOT_FOUND, f"Path does not exist: {root.name.rstrip('/')}/{name}.")
    return _file(path, f"{root.name.rstrip('/')}/{name}", {})


def _walk(root: Root, deep: bool, partitions: bool) -> Iterator[tuple[str, SourceFile]]:
    """Yield the files under a root, with their paths relative to it."""
    if root.path.is_file():
        yield root.path.name, _file(root.path, root.name, {})
        return
    pending: list[tuple[Path, Mapping[str, str | None]]] = [(root.path, {})]
    while pending:
        folder, partition = pending.pop()
        for entry in os.scandir(folder):
            path = Path(entry.path)
            if entry.name.startswith((".", "_")) or (entry.is_symlink() and not _inside(path, root)):
                continue
            relative = path.relative_to(root.path).as_posix()
            hive = _HIVE.match(entry.name) if partitions else None
            if entry.is_file():
                yield relative, _file(path, f"{root.name.rstrip('/')}/{relative}", partition)
            elif hive:
                value = unquote(hive.group(2))
                known = None if value == _NULL_PARTITION else value
                pending.append((path, {**partition, hive.group(1): known}))
            elif deep:
                pending.append((path, partition))


def _inside(path: Path, root: Root) -> bool:
    return path.resolve().is_relative_to(root.confine)


def _file(path: Path, name: str, partition: Mapping[str, str | None]) -> SourceFile:
    status = path.stat()
    return SourceFile(path, name, status.st_size, status.st_mtime, partition)
