"""Names that Unity Catalog and Delta take, from names that sources have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lakestead.core.errors import ConfigError
from lakestead.core.names import canonical

# Delta's columns without column mapping: https://docs.databricks.com/delta/column-mapping.html
_NOT_IN_COLUMNS = re.compile(r"[ ,;{}()\n\t=]")
_NOT_IN_TABLES = re.compile(r"[. /\x00-\x1f\x7f]")


def table_name(name: str) -> str:
    """Return a table's name for one of a source: in lower case, `_` for what is not allowed."""
    return canonical(_NOT_IN_TABLES.sub("_", name.strip()))


def column_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each column of a source its name in a table: `_` for what is not allowed, case kept.

    Raises:
        ConfigError: when two of them become one.
    """
    made: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in names:
        column = _NOT_IN_COLUMNS.sub("_", name)
        other = taken.setdefault(column.lower(), name)
        if other != name:
            raise ConfigError(
                f"the source's columns '{other}' and '{name}' would both be the column '{column}': read one"
                " of them (`columns`), or name them apart with a query"
            )
        made[name] = column
    return made
