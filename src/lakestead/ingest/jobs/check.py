"""What can be known to be wrong before a source or a destination is connected to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from databricks.sdk.errors.base import DatabricksError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lakestead.core.config import unknown
from lakestead.core.errors import LakesteadError, MissingExtra
from lakestead.ingest.secrets import Secrets
from lakestead.ingest.sources.registry import SOURCES

from .entry import Entry, Finding
from .job import Job
from .together import Placed

_SECTIONS = ("destination", "sources", "secrets")
_DESTINATIONS = ("databricks", "filesystem")


def check_source_types(jobs: Sequence[Placed]) -> Iterator[Finding]:
    """Yield kinds of sources that there are not."""
    known = SOURCES.names
    for job, entry in jobs:
        if job.source_type not in known:
            yield entry.finding(
                "source_type", unknown("source type", job.source_type, known), fatal=job.enabled
            )


def check_secrets(jobs: Sequence[Placed], secrets: Secrets) -> Iterator[Finding]:
    """Yield what the sources and destinations of enabled jobs lack among the secrets."""
    yield from _check_sections(secrets)
    enabled = [(job, entry) for job, entry in jobs if job.enabled]
    for job, entry in {job.source_name: (job, entry) for job, entry in reversed(enabled)}.values():
        if job.source_type not in SOURCES.names:
            continue
        try:
            settings = getattr(SOURCES.get(job.source_type), "Settings", None)
        except (MissingExtra, ModuleNotFoundError) as error:
            yield entry.finding("source_type", f"is not installed: {error}; pip install 'lakestead[ingest]'")
            continue
        if settings is not None:
            yield from _check_source(job, entry, settings, secrets)
    yield from _check_destinations(enabled, secrets)
    yield from (Finding(place, text, fatal=False) for place, text in secrets.warnings)


def _check_sections(secrets: Secrets) -> Iterator[Finding]:
    """An unknown section may be dlt's: it is a mistake only when it is nearly one of ours."""
    tops = {entry.path[0]: entry for entry in reversed(secrets.entries) if entry.path[0] not in _SECTIONS}
    for top, entry in tops.items():
        near = get_close_matches(top, _SECTIONS, n=1, cutoff=0.8)
        if near:
            yield Finding(
                entry.origin.place, f"[{top}] is no section that is read; did you mean [{near[0]}]?"
            )


def _check_source(job: Job, entry: Entry, settings: type[BaseModel], secrets: Secrets) -> Iterator[Finding]:
    try:
        section = secrets.source(job.source_name)
    except (LakesteadError, DatabricksError) as error:
        yield entry.finding("source_name", f"its secrets cannot be read: {error}")
        return
    try:
        settings.model_validate(dict(section))
    except ValidationError as error:
        details = error.errors()
    else:
        return
    missing = [str(detail["loc"][-1]) for detail in details if detail["type"] == "missing"]
    if missing:
        yield entry.finding("source_name", _missing(job.source_name, missing, bool(section), secrets))
    for detail in details:
        if detail["type"] != "missing":
            yield _wrong(job, entry, detail, settings, secrets)


def _missing(source: str, keys: list[str], known: bool, secrets: Secrets) -> str:
    variable = "DLT_" + "".join(one if one.isalnum() else "_" for one in source).upper()
    near = get_close_matches(source, secrets.source_names, n=1)
    hint = f"; did you mean the source '{near[0]}'?" if near and not known else ""
    variables = ", ".join(f"{variable}_{key.upper()}" for key in keys)
    return (
        f"its secrets lack {', '.join(keys)}: write them under [sources.{source}] in .dlt/secrets.toml,"
        f" or set {variables}{hint}"
    )


def _wrong(
    job: Job, entry: Entry, detail: ErrorDetails, settings: type[BaseModel], secrets: Secrets
) -> Finding:
    keys = tuple(str(part) for part in detail["loc"])
    origin = secrets.origin("sources", job.source_name, *keys)
    place = origin.place if origin else entry.places.get("source_name", entry.place)
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if detail["type"] == "extra_forbidden":
        message = unknown("key", keys[-1], list(settings.model_fields))
    where = ".".join(("sources", job.source_name, *keys))
    return Finding(place, secrets.redact(f"{where}: {message}"))


def _check_destinations(jobs: Sequence[Placed], secrets: Secrets) -> Iterator[Finding]:
    given = secrets.get("destination", "type")
    if given is not None and given not in _DESTINATIONS:
        origin = secrets.origin("destination", "type")
        near = unknown("destination type", str(given), _DESTINATIONS)
        yield Finding(origin.place if origin else "[destination]", near)
    for job, entry in jobs:
        kind = job.destination_type or given or "filesystem"
        if kind == "databricks" and job.target_format and not job.destination_type:
            yield entry.finding("target_format", "is for the destination filesystem; leave it empty")
        if kind == "filesystem" and not secrets.origin("destination", "filesystem", "bucket_url"):
            yield entry.finding(
                "destination_type",
                "a filesystem needs bucket_url under [destination.filesystem] in .dlt/secrets.toml;"
                ' for Unity Catalog write type = "databricks" under [destination]',
            )
            return
