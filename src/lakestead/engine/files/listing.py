"""Which files are read: those of a path, by name, pattern and time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.globs import has_wildcard, pattern
from lakestead.engine.files.options import Options
from lakestead.engine.files.tree import Entry, Tree

_HIVE = re.compile(r"([^=/]+)=([^/]*)\Z")
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read.

    Attributes:
        path: where it is once its tree has fetched it.
        name: how users name it, e.g. by its path in a volume.
        size: bytes.
        modified: seconds since the epoch.
        partition: columns and values that folders named ``column=value`` give.
        key: its path in its tree.
        version: changes with its content; "" where nothing tells.
    """

    path: Path
    name: str
    size: int
    modified: float
    partition: Mapping[str, str | None] = field(default_factory=dict)
    key: str = ""
    version: str = ""

    @property
    def basename(self) -> str:
        """The last part of its name."""
        return self.name.rpartition("/")[2]

    @property
    def suffixes(self) -> list[str]:
        """The endings of its name, such as ``.csv`` and ``.gz``, in lower case."""
        return [suffix.lower() for suffix in PurePosixPath(self.basename).suffixes]


@dataclass(frozen=True, slots=True)
class Root:
    """Where files are looked for.

    Attributes:
        tree: where paths lead to files.
        path: a file or folder of it, or with ``*``, ``?``, ``[…]`` and ``{…}`` many of them.
        name: how users name it.
    """

    tree: Tree
    path: str
    name: str

    def below(self, relative: str) -> Root:
        """Return a path below this one."""
        return Root(self.tree, _joined(self.path, relative), _joined(self.name, relative))

    def file(self, entry: Entry, partition: Mapping[str, str | None]) -> SourceFile:
        """Return what lies here as a file to read."""
        local = self.tree.local(self.path)
        return SourceFile(local, self.name, entry.size, entry.modified, partition, self.path, entry.version)


def find(
    root: Root, options: Options, *, names: Sequence[str] = (), matching: str | None = None
) -> list[SourceFile]:
    """Return the files that are to be read, by name; their tree has yet to fetch them.

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
    roots = _roots(root)
    recursive = options.flag("recursivefilelookup")
    if names:
        entries = [entry for one, _ in roots for entry in _named(one, names)]
    else:
        deep = recursive or (matching is not None and "/" in matching)
        entries = [entry for one, found in roots for entry in _walk(one, found, deep, not recursive)]
    relative_pattern = None if matching is None else pattern(matching)
    glob_filter = options.text("pathglobfilter")
    name_pattern = None if glob_filter is None else pattern(glob_filter)
    after, before = options.moment("modifiedafter"), options.moment("modifiedbefore")
    chosen = [
        file
        for relative, file in entries
        if (relative_pattern is None or relative_pattern.fullmatch(relative))
        and (name_pattern is None or name_pattern.fullmatch(file.basename))
        and (after is None or file.modified > after)
        and (before is None or file.modified < before)
    ]
    return sorted(chosen, key=lambda file: file.name)


def _roots(root: Root) -> list[tuple[Root, Entry]]:
    """Return the files and folders that a path stands for."""
    (found,) = root.tree.status([root.path])
    if found is not None:
        return [(root, found)]
    roots = list(_expand(root)) if has_wildcard(root.path) else []
    if not roots:
        raise FilesError(FilesErrorKind.NOT_FOUND, f"Path does not exist: {root.name}.")
    return roots


def _expand(root: Root) -> Iterator[tuple[Root, Entry]]:
    """Yield the files and folders that a path with wildcards stands for."""
    parts = root.path.split("/")
    fixed = next(index for index, part in enumerate(parts) if has_wildcard(part))
    variable = len(parts) - fixed
    base = Root(root.tree, _without(root.path, variable), _without(root.name.rstrip("/"), variable))
    (start,) = root.tree.status([base.path])
    found = [] if start is None else [(base, start)]
    for part in parts[fixed:]:
        wanted = pattern(part)
        folders = [one for one, entry in found if entry.is_folder]
        listed = root.tree.entries([one.path for one in folders])
        found = [
            (one.below(entry.name), entry)
            for one, entries in zip(folders, listed, strict=True)
            for entry in sorted(entries, key=lambda entry: entry.name)
            if wanted.fullmatch(entry.name) and not entry.name.startswith((".", "_"))
        ]
    yield from found


def _named(root: Root, names: Sequence[str]) -> Iterator[tuple[str, SourceFile]]:
    paths = [root.below(name) for name in names]
    upwards = any(".." in name.split("/") for name in names)
    found: Iterable[Entry | None] = (
        [None] * len(paths) if upwards else root.tree.status([path.path for path in paths])
    )
    for name, path, entry in zip(names, paths, found, strict=True):
        if entry is None or entry.is_folder:
            raise FilesError(FilesErrorKind.NOT_FOUND, f"Path does not exist: {path.name}.")
        yield name, path.file(entry, {})


def _walk(root: Root, found: Entry, deep: bool, partitions: bool) -> Iterator[tuple[str, SourceFile]]:
    """Yield the files under a root, with their paths relative to it; level by level."""
    if not found.is_folder:
        yield found.name, root.file(found, {})
        return
    level: list[tuple[str, Mapping[str, str | None]]] = [("", {})]
    while level:
        listed = root.tree.entries([_joined(root.path, folder) for folder, _ in level])
        folders: list[tuple[str, Mapping[str, str | None]]] = []
        for (folder, partition), entries in zip(level, listed, strict=True):
            for entry in entries:
                relative = _joined(folder, entry.name)
                hive = _HIVE.match(entry.name) if partitions else None
                if entry.name.startswith((".", "_")):
                    continue
                if not entry.is_folder:
                    yield relative, root.below(relative).file(entry, partition)
                elif hive:
                    value = unquote(hive.group(2))
                    known = None if value == _NULL_PARTITION else value
                    folders.append((relative, {**partition, hive.group(1): known}))
                elif deep:
                    folders.append((relative, partition))
        level = folders


def _joined(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder and name else folder or name


def _without(path: str, count: int) -> str:
    """Return a path without so many of its last parts."""
    return "/".join(path.split("/")[:-count]) or ("/" if path.startswith("/") else "")
