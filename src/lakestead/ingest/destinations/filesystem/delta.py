"""Published files as a Delta table: one commit for each load, however often it is tried."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core.datatypes import TIMESTAMP_NTZ
from lakestead.core.datatypes import from_arrow as datatype
from lakestead.core.errors import MissingExtra, SourceError
from lakestead.ingest.destinations.filesystem.layout import PARTITION, day_folder
from lakestead.ingest.destinations.filesystem.state import Claim
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.secrets.redaction import Redactor
from lakestead.ingest.stores import StoreCredentials, delta_options
from lakestead.ingest.stores.location import Location

if TYPE_CHECKING:
    from deltalake import DeltaTable

_TRIES = 10
_QUERY = re.compile(r"\?[^\s\"')]+")
_LONGEST = 300


class DeltaFolder:
    """The Delta table of a folder, if it is one.

    Args:
        location: the folder.
        credentials: of its store.
        app: names the writer in the table's log: the job.

    Raises:
        MissingExtra: when the extra `delta` is not installed.
    """

    def __init__(self, location: Location, credentials: StoreCredentials, app: str) -> None:
        try:
            import deltalake  # noqa: F401 - missing is to be told now
        except ImportError as error:
            raise MissingExtra("Delta tables in folders", "delta") from error
        self._url = location.prefix if location.kind == "file" else location.url
        self._options = delta_options(location, credentials)
        self._app = app
        self._redactor = Redactor()
        for secret in credentials.secrets:
            self._redactor.add(secret)

    def look(self) -> tuple[int, tuple[StagedColumn, ...] | None]:
        """Return the number of the job's newest load in the table, 0 for none, and the table's columns.

        The columns are None where there is no table.
        """
        with self._errors():
            table = self._open()
            if table is None:
                return 0, None
            schema = pa.schema(table.schema())
            columns = tuple(
                StagedColumn(field.name, field.name, datatype(field.type).sql)
                for field in schema
                if field.name != PARTITION
            )
            return table.transaction_version(self._app) or 0, columns

    def files(self) -> list[str]:
        """Return the names of the table's files, within its folder."""
        with self._errors():
            table = self._open()
            return pa.table(table.get_add_actions()).column("path").to_pylist() if table is not None else []

    def rows(self) -> int:
        """Return the number of the table's rows, of which its log tells."""
        with self._errors():
            table = self._open()
            if table is None:
                return 0
            return int(pc.sum(pa.table(table.get_add_actions()).column("num_records")).as_py() or 0)

    def commit(self, number: int, claim: Claim, comment: str | None) -> None:
        """Make a load's published files the table's, unless that is done.

        Args:
            number: the load's.
            claim: the load.
            comment: of a new table.

        Raises:
            SourceError: when the table cannot be written.
        """
        from deltalake.exceptions import CommitFailedError, DeltaError

        with self._errors():
            for _ in range(_TRIES):
                table = self._open()
                if table is not None and (table.transaction_version(self._app) or 0) >= number:
                    return
                try:
                    self._commit(table, number, claim, comment)
                except CommitFailedError:
                    continue
                except DeltaError:
                    # Another process has just made the table.
                    if table is None and self._open() is not None:
                        continue
                    raise
                return
        raise SourceError(f"{self._url}: others write to the table all the time: try again later")

    def _commit(self, table: DeltaTable | None, number: int, claim: Claim, comment: str | None) -> None:
        from deltalake import CommitProperties, Schema, Transaction
        from deltalake.transaction import create_table_with_add_actions

        schema = Schema.from_arrow(_schema(claim.columns))
        once = CommitProperties(app_transactions=[Transaction(self._app, number)])
        actions = _additions(claim)
        if table is None:
            create_table_with_add_actions(
                self._url, schema, actions, partition_by=[PARTITION], description=comment,
                storage_options=self._options, commit_properties=once,
            )  # fmt: skip
        elif claim.package.strategy == "replace":
            _allow(table, claim.columns)
            table.create_write_transaction(
                actions, "overwrite", schema, partition_by=[PARTITION], commit_properties=once
            )
        else:
            table = self._with_columns(table, claim.columns)
            table.create_write_transaction(
                actions, "append", table.schema(), partition_by=[PARTITION], commit_properties=once
            )

    def _with_columns(self, table: DeltaTable, columns: Sequence[StagedColumn]) -> DeltaTable:
        from deltalake import Schema

        known = {field.name.lower() for field in table.schema().fields}
        new = [one for one in columns if one.name.lower() not in known]
        if new:
            fields = [pa.field(one.name, one.datatype.to_arrow()) for one in new]
            table.alter.add_columns(Schema.from_arrow(pa.schema(fields)).fields)
            table.update_incremental()
        return table

    def _open(self) -> DeltaTable | None:
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        try:
            return DeltaTable(self._url, storage_options=self._options)
        except TableNotFoundError:
            return None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn delta-rs' errors into ours. Theirs hold URLs with signatures, so they are not chained."""
        from deltalake.exceptions import DeltaError

        try:
            yield
        except (DeltaError, OSError) as error:
            text = _QUERY.sub("?…", " ".join(self._redactor.redact(str(error)).split()))
            raise SourceError(f"{self._url}: {text[:_LONGEST]}") from None


def _schema(columns: Sequence[StagedColumn]) -> pa.Schema:
    fields = [pa.field(one.name, one.datatype.to_arrow()) for one in columns]
    return pa.schema([*fields, pa.field(PARTITION, pa.date32())])


def _additions(claim: Claim) -> list[Any]:
    from deltalake.transaction import AddAction

    day = claim.package.started.date()
    return [
        AddAction(
            f"{day_folder(day)}/{claim.package.load_id}-{file.name}",
            file.size,
            {PARTITION: day.isoformat()},
            int(claim.package.started.timestamp() * 1000),
            True,
            json.dumps({"numRecords": file.rows}),
        )
        for file in claim.files
    ]


def _allow(table: DeltaTable, columns: Sequence[StagedColumn]) -> None:
    """Let a table have timestamps without a zone, which not every reader knows."""
    from deltalake import TableFeatures

    features = table.protocol().reader_features or []
    if any(TIMESTAMP_NTZ.sql in one.type for one in columns) and "timestampNtz" not in features:
        table.alter.add_feature(TableFeatures.TimestampWithoutTimezone, allow_protocol_versions_increase=True)
        table.update_incremental()
