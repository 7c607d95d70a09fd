"""What Apache Atlas exports, in its REST API's own forms (version 2).

- The answer of `/api/atlas/v2/lineage/{guid}`: `guidEntityMap` and `relations`, from data sets to processes
  and from these to data sets.
- The answers of `/api/atlas/v2/entity/bulk` and `/api/atlas/v2/entity/guid/{guid}`: `entities` or `entity`,
  with `referredEntities`.
- The archive of `/api/atlas/admin/export`: each entity in a file of its own, in the form before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakestead.core.errors import SourceError
from lakestead.govern.imports.documents import documents

TABLES = ("hive_table", "hive_view", "spark_table", "iceberg_table", "impala_table")
COLUMNS = ("hive_column", "spark_column", "iceberg_column")
PATHS = (
    "hdfs_path",
    "fs_path",
    "aws_s3_object",
    "aws_s3_v2_object",
    "aws_s3_pseudo_dir",
    "aws_s3_v2_directory",
    "adls_gen2_blob",
    "adls_gen2_directory",
    "gcp_storage_object",
    "azure_datalake_gen2_path",
)

_DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that Atlas knows.

    Args:
        guid: its id.
        type_name: such as `hive_table`.
        attributes: what is known of it.
        classifications: their names, and the attributes of each; those that came by lineage, too.
        updated: when it was last changed, in milliseconds; None if that is not said.
    """

    guid: str
    type_name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    classifications: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    updated: int | None = None

    @property
    def qualified_name(self) -> str:
        """Its name in Atlas, such as `sales.orders@cluster`."""
        return str(self.attributes.get("qualifiedName") or "")


@dataclass(frozen=True, slots=True)
class AtlasExport:
    """All that an export says.

    Args:
        entities: by their ids; deleted ones are left out.
        ways: the ids of the inputs and of the outputs of what is no data set, by its id.
        deleted: how many entities were left out.
    """

    entities: Mapping[str, Entity]
    ways: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    deleted: int

    def of_type(self, *names: str) -> Iterator[Entity]:
        """Yield the entities of some types."""
        return (one for one in self.entities.values() if one.type_name in names)


def read_atlas(paths: Iterable[Path]) -> AtlasExport:
    """Read exports: JSON files and zip archives, all forms mixed.

    Raises:
        SourceError: when a file cannot be read, or none has an entity.
    """
    return parse_atlas(documents(paths))


def parse_atlas(said: Iterable[tuple[str, Any]]) -> AtlasExport:
    """Return what documents say.

    Args:
        said: the documents, each with its place for messages.

    Raises:
        SourceError: when an entity has no id or type, or there is none at all.
    """
    entities: dict[str, Entity] = {}
    deleted: set[str] = set()
    relations: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for where, document in said:
        for given in _entities(document):
            one = _entity(given, where)
            if given.get("status") == _DELETED:
                deleted.add(one.guid)
            elif one.guid not in entities or len(one.attributes) >= len(entities[one.guid].attributes):
                # Headers in answers on lineage say less than the entities themselves.
                entities[one.guid] = one
        for relation in document.get("relations") or [] if isinstance(document, dict) else []:
            relations[relation["toEntityId"]][0].append(relation["fromEntityId"])
            relations[relation["fromEntityId"]][1].append(relation["toEntityId"])
    if not entities and not deleted:
        raise SourceError(
            "no entity of Apache Atlas is in what was given: export lineage or entities as JSON"
        )
    present = {guid: one for guid, one in entities.items() if guid not in deleted}
    return AtlasExport(present, _ways(present, relations), len(deleted))


def _entities(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the entities of a document of any form; the type definitions in archives have none."""
    if not isinstance(document, dict):
        return
    yield from (document.get("guidEntityMap") or {}).values()
    yield from (document.get("referredEntities") or {}).values()
    yield from document.get("entities") or []
    if isinstance(document.get("entity"), dict):
        yield document["entity"]


def _entity(given: Mapping[str, Any], where: str) -> Entity:
    try:
        guid, type_name = str(given["guid"]), str(given["typeName"])
    except (KeyError, TypeError):
        raise SourceError(f"{where} has an entity without `guid` or `typeName`") from None
    classifications = {
        one["typeName"]: one.get("attributes") or {} for one in given.get("classifications") or []
    }
    for name in given.get("classificationNames") or []:
        classifications.setdefault(name, {})
    updated = given.get("updateTime") or given.get("createTime")
    return Entity(guid, type_name, given.get("attributes") or {}, classifications, updated)


def _ways(
    entities: Mapping[str, Entity], relations: Mapping[str, tuple[list[str], list[str]]]
) -> dict[str, tuple[Sequence[str], Sequence[str]]]:
    """Return the inputs and outputs of processes, from what these say and from relations."""
    # Types of processes have any names, and answers on lineage do not say which are some.
    ways: dict[str, tuple[Sequence[str], Sequence[str]]] = {}
    for guid, one in entities.items():
        if one.type_name in (*TABLES, *COLUMNS, *PATHS):
            continue
        sources, targets = relations.get(guid, ([], []))
        sources = [*sources, *_ids(one.attributes.get("inputs"), entities)]
        targets = [*targets, *_ids(one.attributes.get("outputs"), entities)]
        ways[guid] = list(dict.fromkeys(sources)), list(dict.fromkeys(targets))
    return ways


def _ids(references: Any, entities: Mapping[str, Entity]) -> Iterator[str]:
    """Yield the ids of references, which name things by id, or by type and qualified name."""
    for one in references or []:
        if one.get("guid"):
            yield str(one["guid"])
            continue
        name = (one.get("uniqueAttributes") or {}).get("qualifiedName")
        yield from (guid for guid, other in entities.items() if name and other.qualified_name == name)
