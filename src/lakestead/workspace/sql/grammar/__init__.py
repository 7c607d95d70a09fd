"""The grammar of Databricks SQL commands: `parse` takes a statement's text and returns a frozen value.

The values are the classes of `ast`; the functions that read them are in files named after what they read.
Queries and DML are only recognised: the engine's own parser reads them.
"""

from __future__ import annotations

from . import ast
from .errors import SqlSyntaxError
from .statements import parse

__all__ = ["SqlSyntaxError", "ast", "parse"]
