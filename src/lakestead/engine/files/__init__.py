"""CSV, JSON, Parquet, text and binary files, read as relations of the engine."""

from __future__ import annotations

from .errors import FilesError, FilesErrorKind
from .listing import Root, SourceFile, find
from .options import Options, file_format
from .relation import Column, NoColumn, Reading, Relation
from .rescue import rescued
from .scan import Scan, Scanner
from .tree import LocalTree, Tree

__all__ = [
    "Column",
    "FilesError",
    "FilesErrorKind",
    "LocalTree",
    "NoColumn",
    "Options",
    "Reading",
    "Relation",
    "Root",
    "Scan",
    "Scanner",
    "SourceFile",
    "Tree",
    "file_format",
    "find",
    "rescued",
]
