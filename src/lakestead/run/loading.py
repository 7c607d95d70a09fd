"""Staged files into tables, by COPY INTO."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.core.errors import SourceError
from lakestead.core.names import quote, quote_string
from lakestead.run.changes import Change, affected_rows
from lakestead.run.lakehouse import Lakehouse
from lakestead.run.project import Project, Table
from lakestead.run.staging import Record, Staged, matches

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import TableInfo

# COPY INTO takes at most this many names in FILES.
_FILES_AT_ONCE = 1000


@dataclass(frozen=True)
class Load:
    """New files of one table."""

    name: str
    table: Table
    files: tuple[str, ...]
    record: Record

    @property
    def title(self) -> str:
        """What it does."""
        return f"load {self.name} from {len(self.files)} {'file' if len(self.files) == 1 else 'files'}"

    def apply(self, lakehouse: Lakehouse) -> int:
        rows = 0
        for start in range(0, len(self.files), _FILES_AT_ONCE):
            files = self.files[start : start + _FILES_AT_ONCE]
            rows += affected_rows(lakehouse, copy_into(self.name, self.table, files, lakehouse)) or 0
        there = lakehouse.table(self.name)
        for file in self.files:
            self.record.files.setdefault(file, Staged()).tables.add(str(there.table_id if there else ""))
        self.record.write(lakehouse)
        return rows


def copy_into(name: str, table: Table, files: Iterable[str], lakehouse: Lakehouse) -> str:
    """Return the statement that loads files of the volume into a table.

    Each column is cast to its declared type, whatever the format made of it: what does not fit is an error.
    """
    columns = ", ".join(
        f"CAST({quote(c)} AS {declared.type}) AS {quote(c)}" for c, declared in table.columns.items()
    )
    options = ", ".join(
        f"{quote_string(key)} = {quote_string(value)}" for key, value in table.options.items()
    )
    lines = [
        f"COPY INTO {lakehouse.quoted(name)}",
        f"FROM (SELECT {columns} FROM {quote_string(lakehouse.volume_path)})",
        f"FILEFORMAT = {str(table.format).upper()}",
        f"FILES = ({', '.join(map(quote_string, files))})",
    ]
    if options:
        lines.append(f"FORMAT_OPTIONS ({options})")
    return "\n".join(lines)


def plan_loading(
    project: Project, files: Iterable[str], record: Record, actual: Mapping[str, TableInfo | None]
) -> list[Change]:
    """Return the loads that are due: for each table the files that match and that it has not loaded.

    Args:
        files: what the volume will hold.
        record: what was loaded before.
        actual: the tables as they are.

    Raises:
        SourceError: when no file matches a table's pattern.
    """
    names = sorted(files)
    changes: list[Change] = []
    for name in project.creation_order():
        table, there = project.tables[name], actual[name]
        if table.files is None:
            continue
        matching = [file for file in names if matches(file, table.files)]
        if not matching:
            raise SourceError(f"table {name}: no file of the volume matches '{table.files}'")
        new = tuple(
            file for file in matching if there is None or not _loaded(record, file, str(there.table_id))
        )
        if new:
            changes.append(Load(name, table, new, record))
    return changes


def _loaded(record: Record, file: str, table_id: str) -> bool:
    return file in record.files and table_id in record.files[file].tables
