"""The file formats of Glue's tables, as Unity Catalog's external tables have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SERDES = {
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": "PARQUET",
    "parquet.hive.serde.ParquetHiveSerDe": "PARQUET",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "ORC",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe": "AVRO",
    "org.apache.hive.hcatalog.data.JsonSerDe": "JSON",
    "org.apache.hadoop.hive.serde2.JsonSerDe": "JSON",
    "org.openx.data.jsonserde.JsonSerDe": "JSON",
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": "CSV",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": "CSV",
}
_PROVIDERS = ("DELTA", "PARQUET", "ORC", "AVRO", "JSON", "CSV", "TEXT")
_ELSEWHERE = {
    "ICEBERG": "federate the Glue catalog, or convert it by CONVERT TO DELTA iceberg.`…`",
    "HUDI": "convert its files to Delta first",
}
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"


class UnknownFormat(ValueError):
    """A format that external tables of Unity Catalog cannot have."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a table's files are read.

    Args:
        name: such as `PARQUET`.
        options: of the format.
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


def table_format(table: Mapping[str, Any]) -> Format:
    """Return the format of a table's files.

    Args:
        table: as Glue describes it.

    Raises:
        UnknownFormat: when external tables cannot have it; says what to do, or names the SerDe.
    """
    parameters = {key.lower(): str(value) for key, value in (table.get("Parameters") or {}).items()}
    kind = parameters.get("table_type", "").upper()
    if kind in _ELSEWHERE:
        raise UnknownFormat(f"it is a table of {kind.title()}: {_ELSEWHERE[kind]}")
    provider = (kind if kind in _PROVIDERS else parameters.get("spark.sql.sources.provider", "")).upper()
    if provider == "HUDI" or provider == "ICEBERG":
        raise UnknownFormat(f"it is a table of {provider.title()}: {_ELSEWHERE[provider]}")
    if provider in _PROVIDERS:
        return Format(provider, _header(parameters) if provider == "CSV" else {})
    return _by_serde(table.get("StorageDescriptor") or {}, parameters)


def _by_serde(storage: Mapping[str, Any], parameters: Mapping[str, str]) -> Format:
    info = storage.get("SerdeInfo") or {}
    serde = str(info.get("SerializationLibrary") or "")
    name = _SERDES.get(serde)
    if name is None:
        raise UnknownFormat(f"no external table reads the SerDe '{serde or 'none'}'")
    if name != "CSV":
        return Format(name)
    if storage.get("InputFormat") not in (None, "", _TEXT_INPUT):
        raise UnknownFormat(f"no external table reads text by '{storage['InputFormat']}'")
    given = {key.lower(): str(value) for key, value in (info.get("Parameters") or {}).items()}
    if serde.endswith("OpenCSVSerde"):
        options = {
            "sep": given.get("separatorchar", ","),
            "quote": given.get("quotechar", '"'),
            "escape": given.get("escapechar", "\\"),
        }
    else:
        options = {"sep": given.get("field.delim", given.get("serialization.format", "\x01"))}
        # That a delimiter is the first of the ASCII characters is written as its number.
        options["sep"] = "\x01" if options["sep"] == "1" else options["sep"]
        options |= {"escape": given["escape.delim"]} if "escape.delim" in given else {}
        options |= {"nullValue": given.get("serialization.null.format", "\\N"), "quote": ""}
    return Format("CSV", options | _header({**parameters, **given}))


def _header(parameters: Mapping[str, str]) -> dict[str, str]:
    lines = parameters.get("skip.header.line.count", "0")
    if lines not in ("0", "1"):
        raise UnknownFormat(f"its files start with {lines} lines of header; at most one can be left out")
    return {"header": "true"} if lines == "1" else {}
