"""The Delta protocol: which versions and features a table's metadata asks for, and which we write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind

# Feature: the first writer version that has it without being listed.
_LEGACY = {
    "appendOnly": 2,
    "invariants": 2,
    "checkConstraints": 3,
    "changeDataFeed": 4,
    "generatedColumns": 4,
}
# Features that need protocol versions 3 and 7, where features are listed, and concern readers too.
_LISTED = {"timestampNtz", "variantType"}
_WRITTEN = {
    *_LEGACY,
    *_LISTED,
    "variantType-preview",
    "domainMetadata",
    "v2Checkpoint",
    "vacuumProtocolCheck",
}
# Properties that switch on what either the engine or other writers here cannot write.
_REFUSED = {
    "delta.columnmapping.mode": {"id", "name"},
    "delta.enabledeletionvectors": {"true"},
    "delta.enablerowtracking": {"true"},
    "delta.enableincommittimestamps": {"true"},
    "delta.enableicebergcompatv1": {"true"},
    "delta.enableicebergcompatv2": {"true"},
}
READER, WRITER = 1, 2
LISTED_READER, LISTED_WRITER = 3, 7


def refuse_properties(properties: Mapping[str, str]) -> None:
    """Check that properties ask for nothing that cannot be written.

    Raises:
        DeltaError: UNSUPPORTED naming the property.
    """
    for key, value in properties.items():
        if value.lower() in _REFUSED.get(key.lower(), ()):
            raise DeltaError(
                DeltaErrorKind.UNSUPPORTED,
                f"The table property {key}={value} asks for a Delta feature that is not supported.",
            )


def needed(fields: Sequence[Mapping[str, Any]], configuration: Mapping[str, str]) -> set[str]:
    """Return the features that a table's metadata asks for."""
    features: set[str] = set()
    types = {name for one in fields for name in _type_names(one["type"])}
    if "timestamp_ntz" in types:
        features.add("timestampNtz")
    if "variant" in types:
        features.add("variantType")
    if any("delta.generationExpression" in one["metadata"] for one in fields):
        features.add("generatedColumns")
    if any(key.startswith("delta.constraints.") for key in configuration):
        features.add("checkConstraints")
    if configuration.get("delta.enableChangeDataFeed", "").lower() == "true":
        features.add("changeDataFeed")
    return features


def protocol(
    features: set[str],
    reader: int = READER,
    writer: int = WRITER,
    reader_features: Iterable[str] = (),
    writer_features: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the log's protocol entry that has given features and at least a given protocol."""
    if writer < LISTED_WRITER and not features & _LISTED:
        versions = [_LEGACY[feature] for feature in features]
        return {"minReaderVersion": reader, "minWriterVersion": max([writer, *versions])}
    implied = legacy_features(writer)
    return {
        "minReaderVersion": LISTED_READER,
        "minWriterVersion": LISTED_WRITER,
        "readerFeatures": sorted({*reader_features, *(features & _LISTED)}),
        "writerFeatures": sorted({*writer_features, *features, *implied}),
    }


def legacy_features(writer: int) -> set[str]:
    """Return the features that a writer version has without listing them."""
    return {name for name, version in _LEGACY.items() if version <= writer < LISTED_WRITER}


def refuse_features(features: Iterable[str]) -> None:
    """Check that a table has no feature that we would break by writing.

    Raises:
        DeltaError: UNSUPPORTED naming the features.
    """
    unknown = sorted(set(features) - _WRITTEN)
    if unknown:
        raise DeltaError(
            DeltaErrorKind.UNSUPPORTED,
            f"The table has Delta features that are not supported: {', '.join(unknown)}.",
        )


def _type_names(kind: Any) -> Iterator[str]:
    """Yield the names of all primitive types in a type of the log."""
    if isinstance(kind, str):
        yield kind
        return
    if kind["type"] == "struct":
        inner = [one["type"] for one in kind["fields"]]
    else:
        inner = [kind[key] for key in ("elementType", "keyType", "valueType") if key in kind]
    for one in inner:
        yield from _type_names(one)
