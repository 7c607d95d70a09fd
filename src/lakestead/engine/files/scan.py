"""From files to a relation of the engine.

Files are brought into one Parquet file of their records as they are (CSV: columns of text; JSON: documents;
text: lines), which the engine reads fast and in bounded memory; what the values mean is left to its SQL.
Parquet files that it can read itself are not copied.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from lakestead.core.datatypes import BINARY, LONG, STRING, TIMESTAMP
from lakestead.engine.delta.rules import Query
from lakestead.engine.delta.table import DeltaColumn
from lakestead.engine.files import csv, lines, parquet
from lakestead.engine.files.errors import FilesError, FilesErrorKind
from lakestead.engine.files.guess import guessed
from lakestead.engine.files.inference import Inference
from lakestead.engine.files.listing import SourceFile
from lakestead.engine.files.options import Options
from lakestead.engine.files.relation import (
    Column,
    JsonColumn,
    Relation,
    TextColumn,
    TypedColumn,
    Values,
    parquet_files,
)
from lakestead.engine.files.spill import Spill
from lakestead.engine.files.streams import explained

_TEXT = (DeltaColumn("value", STRING),)
_BINARY = (
    DeltaColumn("path", STRING),
    DeltaColumn("modificationTime", TIMESTAMP),
    DeltaColumn("length", LONG),
    DeltaColumn("content", BINARY),
)
Batches = Callable[[SourceFile, Options], Iterator[pa.RecordBatch]]
_NOT_AN_OBJECT = "json_object_keys(value) IS NULL"


@dataclass(frozen=True, slots=True)
class Scan:
    """Files as the engine can read them.

    Attributes:
        relation: the files.
        corrupt: files that were passed over because of the option ignoreCorruptFiles.
    """

    relation: Relation
    corrupt: tuple[SourceFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Scanner:
    """Makes relations of files.

    Attributes:
        options: how the files are read.
        scratch: a folder that outlives the relations.
        query: runs a query of the engine.
        infer: whether types are found from values where files do not tell them.
        lenient: whether values that do not fit become null when the options do not say.
        metadata: whether records have a ``_metadata`` column.
        check: called again and again while files are read; raises to stop it.
    """

    options: Options
    scratch: Path
    query: Query
    check: Callable[[], None]
    infer: bool = False
    lenient: bool = False
    metadata: bool = False

    def scan(self, files: Sequence[SourceFile]) -> Scan:
        """Return a relation over files.

        Raises:
            FilesError: OPTION, MALFORMED, SCHEMA, UNSUPPORTED.
        """
        match self.options.format:
            case "CSV":
                return Scan(self._csv(files))
            case "JSON":
                return Scan(self._json(files))
            case "PARQUET":
                return self._parquet(files)
            case "TEXT":
                return Scan(self._typed(files, _TEXT, lines.text_batches))
            case "BINARYFILE":
                return Scan(self._typed(files, _BINARY, _binary_batches))

    def _csv(self, files: Sequence[SourceFile]) -> Relation:
        names: dict[str, str] = {}
        for file in files:
            for name in csv.names(file, self.options):
                names.setdefault(name.lower(), name)
        columns = [DeltaColumn(name, STRING) for name in names.values()]
        left = "ltrim" if self.options.flag("ignoreleadingwhitespace") else ""
        right = "rtrim" if self.options.flag("ignoretrailingwhitespace") else ""
        trim = "trim" if left and right else left or right
        own = [TextColumn(name, trim=trim) for name in names.values()]
        relation = self._spilled(files, columns, csv.batches, own)
        return guessed(relation, self.query) if self.infer or self.options.flag("inferschema") else relation

    def _json(self, files: Sequence[SourceFile]) -> Relation:
        inference = Inference(self.options)

        def documents(file: SourceFile, options: Options) -> Iterator[pa.RecordBatch]:
            for batch in lines.json_batches(file, options):
                if self.infer:
                    inference.see(batch.column(0).to_pylist())
                yield batch

        relation = self._spilled(files, _TEXT, documents, ())
        self._refuse_malformed(relation)
        if self.infer:
            members: list[Column] = [JsonColumn(field.name, field.type) for field in inference.fields]
        else:
            keys = self.query(
                f"SELECT DISTINCT explode(json_object_keys(value)) AS name FROM {relation.source}"
            )
            members = [JsonColumn(name) for name in sorted(keys.column("name").to_pylist())]
        where = f"NOT ({_NOT_AN_OBJECT})" if self.options.mode == "DROPMALFORMED" else ""
        return Relation(relation.source, (*members, *relation.columns), relation.values, where)

    def _refuse_malformed(self, relation: Relation) -> None:
        mode = self.options.mode
        if mode in ("PERMISSIVE", "DROPMALFORMED") or (mode is None and self.lenient):
            return
        found = self.query(f"SELECT value FROM {relation.source} WHERE {_NOT_AN_OBJECT} LIMIT 1").to_pylist()
        if found:
            raise FilesError(
                FilesErrorKind.MALFORMED,
                f"Malformed records are detected in record parsing: {found[0]['value'][:200]}",
            )

    def _parquet(self, files: Sequence[SourceFile]) -> Scan:
        schemas: list[tuple[SourceFile, pa.Schema]] = []
        corrupt: list[SourceFile] = []
        for file in files:
            try:
                schemas.append((file, parquet.schema(file)))
            except FilesError:
                if not self.options.flag("ignorecorruptfiles"):
                    raise
                corrupt.append(file)
        columns = parquet.union(schemas)
        good = [file for file, _ in schemas]
        partitioned = any(file.partition for file in good)
        if not partitioned and not self.metadata and parquet.as_they_are(schemas, columns):
            folder = self.scratch / str(uuid.uuid4())
            folder.mkdir()
            for number, file in enumerate(good):
                (folder / f"{number}.parquet").symlink_to(file.path.resolve())
            typed = tuple(TypedColumn(column.name, column.type) for column in columns)
            return Scan(Relation(parquet_files(folder), typed, self._values()), tuple(corrupt))
        return Scan(self._typed(good, columns, parquet.batches), tuple(corrupt))

    def _typed(self, files: Sequence[SourceFile], columns: Sequence[DeltaColumn], read: Batches) -> Relation:
        own = [TypedColumn(column.name, column.type) for column in columns]
        return self._spilled(files, columns, read, own)

    def _spilled(
        self,
        files: Sequence[SourceFile],
        columns: Sequence[DeltaColumn],
        read: Batches,
        own: Sequence[Column],
    ) -> Relation:
        """Return a relation over a copy of the files: their own columns, and what their folders say."""
        known = {column.name.lower() for column in columns}
        partitions = [
            name
            for name in dict.fromkeys(name for file in files for name in file.partition)
            if name.lower() not in known
        ]
        target = self.scratch / f"{uuid.uuid4()}.parquet"
        with Spill(target, columns, partitions, metadata=self.metadata) as out:
            for file in files:
                for batch in read(file, self.options):
                    self.check()
                    out.write(file, batch)
        folders = guessed(
            Relation(parquet_files(target), tuple(TextColumn(name) for name in partitions)), self.query
        )
        return Relation(folders.source, (*own, *folders.columns), self._values())

    def _values(self) -> Values:
        return Values.of(self.options, lenient=self.lenient)


def _binary_batches(file: SourceFile, _: Options) -> Iterator[pa.RecordBatch]:
    with explained(file):
        content = file.path.read_bytes()
    modified = datetime.fromtimestamp(file.modified, UTC)
    schema = pa.schema([column.arrow for column in _BINARY])
    yield pa.RecordBatch.from_arrays(
        [
            pa.array([value], field.type)
            for value, field in zip((file.name, modified, len(content), content), schema, strict=True)
        ],
        schema=schema,
    )
