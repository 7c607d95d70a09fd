"""Which files a table has already loaded.

The commit that loads a file records it as an application transaction of the table's log, so that rows and
record come into being together, whatever is killed when. As on Databricks a file counts by its path: one that
was changed since is not loaded again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from deltalake import DeltaTable

from lakestead.engine import delta
from lakestead.engine.delta import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import table_id
from lakestead.engine.files import SourceFile


class Ledger:
    """The files that a table has loaded.

    Args:
        location: the table's folder.

    Attributes:
        table_id: the table's identifier in its log.
    """

    def __init__(self, location: str) -> None:
        self.table_id = table_id(location)
        self._table: DeltaTable | None = None
        try:
            self._table = delta.open_table(location)
        except DeltaError as error:
            # A table without columns cannot be opened, and has loaded nothing.
            if error.kind is not DeltaErrorKind.NO_COLUMNS:
                raise

    def new(self, files: Iterable[SourceFile]) -> list[SourceFile]:
        """Return the files that were not loaded yet."""
        table = self._table
        if table is None:
            return list(files)
        return [file for file in files if table.transaction_version(self._key(file)) is None]

    def transactions(self, files: Sequence[SourceFile]) -> tuple[tuple[str, int], ...]:
        """Return what the commit that loads files has to record."""
        return tuple((self._key(file), 1) for file in files)

    def _key(self, file: SourceFile) -> str:
        return f"copy-into:{self.table_id}:{hashlib.sha256(file.name.encode()).hexdigest()}"
