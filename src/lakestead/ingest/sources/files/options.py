"""What a job may say of its files, and what the secrets may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator

from lakestead.core.config import Declaration
from lakestead.ingest.sources.reading.given import read
from lakestead.ingest.stores import StoreCredentials

FileFormat = Literal["parquet", "csv", "jsonl", "excel"]
IncrementalBy = Literal["modified", "name", "folder_date"]
BadLines = Literal["fail", "reject"]

_TAB = {"\\t": "\t", "tab": "\t"}


class Settings(Declaration):
    """The section of the source in the secrets.

    Attributes:
        bucket_url: where relative paths begin, and below which each folder is a table.
        credentials: what lets in to the store.
    """

    bucket_url: str | None = None
    credentials: StoreCredentials = StoreCredentials()


class Options(Declaration):
    """What all formats have.

    Attributes:
        metadata_columns: add the columns `_file_name` and `_file_modified`.
        folder_date: how dates are written in the path, in the letters of strptime: ``dt=%Y-%m-%d``; else
            the usual ways are looked for.
    """

    metadata_columns: bool = False
    folder_date: str | None = None


class ParquetOptions(Options):
    """Parquet says all by itself."""


class CsvOptions(Options):
    """Delimited values.

    Attributes:
        delimiter: found in the first line if not given: comma, semicolon, tab or bar.
        quote: what stands around values that hold the delimiter; empty for none.
        escape: what stands before a quote in a quoted value.
        header: whether the first line has the names of the columns.
        names: the names of the columns, instead of or without a header.
        encoding: any that Python knows.
        null_values: the texts that stand for no value, quoted or not.
        comment: lines that begin so are passed over.
        skip_rows: lines before the header.
        decimal_separator: the point of numbers.
        date_format: how dates are written, in the letters of strptime, if not as 2025-01-31.
        timestamp_format: likewise for times.
        on_bad_lines: fail, or reject: put them into the rejects and go on.
    """

    delimiter: str | None = Field(None, min_length=1, max_length=4)
    quote: str = Field('"', max_length=1)
    escape: str = Field('"', max_length=1)
    header: bool = True
    names: tuple[str, ...] = ()
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = ("",)
    comment: str | None = Field(None, min_length=1, max_length=1)
    skip_rows: int = Field(0, ge=0)
    decimal_separator: Literal[".", ","] = "."
    date_format: str | None = None
    timestamp_format: str | None = None
    on_bad_lines: BadLines = "fail"

    @field_validator("delimiter")
    @classmethod
    def _tab(cls, value: str | None) -> str | None:
        return _TAB.get(value, value) if value else value


class JsonOptions(Options):
    """A JSON object in each line.

    Attributes:
        on_bad_lines: fail, or reject: put them into the rejects and go on.
    """

    on_bad_lines: BadLines = "fail"


class ExcelOptions(Options):
    """A sheet of a workbook.

    Attributes:
        sheet: its name, or its number from 0.
        header: whether its first row has the names of the columns.
        skip_rows: rows before that.
    """

    sheet: str | int = 0
    header: bool = True
    skip_rows: int = Field(0, ge=0)


class FileRequest(Declaration):
    """The options of a request that are about files.

    Attributes:
        path: of a file, of a folder, or with a glob; or several. A URL, or below the source's `bucket_url`.
        file_format: by the suffix if not given.
        format_options: those of the format.
        incremental_by: what tells new files from old ones; the window goes by it.
    """

    path: str | tuple[str, ...] | None = None
    file_format: FileFormat | None = None
    format_options: Mapping[str, Any] = {}
    incremental_by: IncrementalBy | None = None


FORMATS: Mapping[FileFormat, type[Options]] = {
    "parquet": ParquetOptions,
    "csv": CsvOptions,
    "jsonl": JsonOptions,
    "excel": ExcelOptions,
}


def read_settings(values: Mapping[str, Any], name: str) -> Settings:
    """Read the source's section; its credentials may stand in it, or in a section `credentials` of it."""
    inner = dict(values.get("credentials") or {})
    for key, value in values.items():
        if key in StoreCredentials.model_fields:
            inner[key] = value
    own = {key: value for key, value in values.items() if key not in StoreCredentials.model_fields}
    plain = {
        key: value.get_secret_value() if isinstance(value, SecretStr) else value
        for key, value in inner.items()
    }
    return read(Settings, own | {"credentials": plain}, f"[sources.{name}]")
