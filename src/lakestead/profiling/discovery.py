"""Which tables are meant, and what is set for each: YAML over tags over defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lakestead.profiling.config import DEFAULT_GROUP, Discovery, OrchestratorConfig
from lakestead.profiling.metadata import Table, Tags, read_tables, read_tags
from lakestead.profiling.pacing import Requests
from lakestead.profiling.problems import Problem
from lakestead.profiling.settings import TableSettings
from lakestead.profiling.targets import UNRANKED, Target

if TYPE_CHECKING:
    from lakestead.client import Warehouse

_RANKS = {"critical": 0, "high": 1, "medium": 2, "low": 3}
# A tag such as `monitor_label_column` says a setting of its table.
_SETTING_PREFIX = "monitor_"
_SEVERAL = {"granularity": ",", "slicing_exprs": ";"}
_NOT_IN_TAGS = {"custom_metrics", "schedule", "group", "owner"}


@dataclass(frozen=True)
class Resolution:
    """The tables that are meant.

    Args:
        targets: those that are there, by priority.
        problems: what is wrong with others.
    """

    targets: Sequence[Target]
    problems: Sequence[Problem]


def resolve(config: OrchestratorConfig, warehouse: Warehouse, requests: Requests) -> Resolution:
    """Return the tables that a configuration means, with their settings.

    Args:
        config: the configuration.
        warehouse: the workspace.
        requests: how to ask it.
    """
    tags = read_tags(warehouse, config.catalog_name)
    found = tagged(config.discovery, tags) if config.include_tagged_tables and config.discovery else []
    names = list(dict.fromkeys([*config.monitored_tables, *found]))
    tables = read_tables(requests, warehouse.client, set(names))
    targets: list[Target] = []
    problems: list[Problem] = []
    for name in names:
        if name not in tables:
            text = f"Table '{name}' (from monitored_tables) not found, or it may not be seen"
            problems.append(Problem(name, "monitored_tables", text))
            continue
        try:
            targets.append(_target(config, name, tables[name], tags.get(name, {})))
        except ValidationError as error:
            problems.extend(_tag_problems(name, error))
    return Resolution(sorted(targets, key=lambda target: (target.priority, target.full_name)), problems)


def tagged(discovery: Discovery, tags: Mapping[str, Tags]) -> list[str]:
    """Return the full names of the tables that a discovery finds.

    Args:
        discovery: what to look for.
        tags: of each table, by full names.
    """
    return [name for name, own in sorted(tags.items()) if _has_tags(discovery, own) and _in(discovery, name)]


def _has_tags(discovery: Discovery, tags: Tags) -> bool:
    included = all(_says(tags, tag, value) for tag, value in discovery.include_tags.items())
    return included and not any(_says(tags, tag, value) for tag, value in discovery.exclude_tags.items())


def _says(tags: Tags, tag: str, value: str) -> bool:
    return tag in tags and value in ("*", tags[tag])


def _in(discovery: Discovery, name: str) -> bool:
    _, schema, table = name.split(".")
    if discovery.include_schemas and not matches(schema, discovery.include_schemas):
        return False
    if matches(schema, discovery.exclude_schemas):
        return False
    return not any(matches(text, discovery.exclude_tables) for text in (f"{schema}.{table}", table, name))


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Return whether a name matches one of several patterns (`*`, `?`), without regard to case."""
    return any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)


def _target(config: OrchestratorConfig, name: str, table: Table, tags: Tags) -> Target:
    own = config.monitored_tables.get(name)
    levels = [settings_of(tags), *([own] if own is not None else [])]
    settings = config.profile_defaults.overridden(*levels)
    catalog, schema, own_name = name.split(".")
    return Target(
        catalog=catalog,
        schema=schema,
        name=own_name,
        table_id=table.table_id,
        settings=settings,
        group=(own and own.group) or tags.get(config.group_tag) or settings.group or DEFAULT_GROUP,
        owner=(own and own.owner) or tags.get(config.owner_tag) or settings.owner or table.owner,
        table_owner=table.owner,
        tags=tags,
        priority=_rank(tags.get(config.discovery.priority_tag, "")) if config.discovery else UNRANKED,
        source="yaml" if own is not None else "tags",
    )


def settings_of(tags: Tags) -> TableSettings:
    """Return the settings that a table's tags say: `monitor_<setting>`, several values with `,` or `;`.

    Raises:
        ValidationError: a tag says what cannot be.
    """
    values: dict[str, object] = {}
    for setting in TableSettings.model_fields:
        text = tags.get(_SETTING_PREFIX + setting)
        if text is None or setting in _NOT_IN_TAGS:
            continue
        between = _SEVERAL.get(setting)
        values[setting] = [one.strip() for one in text.split(between)] if between else text
    return TableSettings.model_validate(values)


def _rank(text: str) -> int:
    text = text.strip().lower()
    return int(text) if text.isdecimal() else _RANKS.get(text, UNRANKED)


def _tag_problems(name: str, error: ValidationError) -> list[Problem]:
    problems = []
    for detail in error.errors():
        tag = f"{_SETTING_PREFIX}{detail['loc'][0]}" if detail["loc"] else "tags"
        message = detail["msg"].removeprefix("Value error, ")
        problems.append(Problem(name, tag, f"Table '{name}': the tag '{tag}' cannot be used: {message}"))
    return problems
