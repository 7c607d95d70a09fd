"""What can be known to be wrong before a source or a destination is connected to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from difflib import get_close_matches

from lakestead.core.config import unknown
from lakestead.core.errors import ConfigError, MissingExtra
from lakestead.ingest.requests import OPTIONS, request
from lakestead.ingest.secrets import Secrets, refusals, variable
from lakestead.ingest.sources.registry import SOURCES
from lakestead.ingest.sources.source import Source

from .entry import Entry, Finding
from .job import Job
from .rules import not_for_files
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
    known = [(job, entry) for job, entry in enabled if job.source_type in SOURCES.names]
    for name in dict.fromkeys(job.source_name for job, _ in known):
        yield from _check_source([one for one in known if one[0].source_name == name], secrets)
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


def _check_source(jobs: Sequence[Placed], secrets: Secrets) -> Iterator[Finding]:
    """A source checks its section when it is made, and connects only when it is asked something."""
    job, entry = jobs[0]
    try:
        section = secrets.source(job.source_name)
    except refusals() as error:
        yield entry.finding("source_name", f"its secrets cannot be read: {error}")
        return
    try:
        source = SOURCES.get(job.source_type)(job.source_name, section)
    except MissingExtra as error:
        yield entry.finding("source_type", str(error))
    except ModuleNotFoundError as error:
        yield entry.finding("source_type", f"{error}; pip install 'lakestead[ingest]'")
    except ConfigError as error:
        yield _wrong(job, entry, secrets.redact(str(error)), secrets)
    else:
        with closing(source):
            for one in jobs:
                yield from _reviewed(source, *one, secrets)


def _reviewed(source: Source, job: Job, entry: Entry, secrets: Secrets) -> Iterator[Finding]:
    try:
        source.review(request(job, None))
    except (ConfigError, MissingExtra) as error:
        message = secrets.redact(str(error))
        field = next((name for name in OPTIONS if name in message and name in entry.values), "source_name")
        yield entry.finding(field, message)


def _wrong(job: Job, entry: Entry, message: str, secrets: Secrets) -> Finding:
    """Return the finding at the key that a message names, or else at the job that needs the source."""
    path = ("sources", job.source_name)
    of_source = [one for one in secrets.entries if one.path[:2] == path]
    named = next((one for one in of_source if any(f"'{key}'" in message for key in one.path[2:])), None)
    if named is not None:
        return Finding(named.origin.place, message)
    remedy = (
        f"write it under [sources.{job.source_name}] in .dlt/secrets.toml, or set {variable(job.source_name)}"
    )
    near = get_close_matches(job.source_name, secrets.source_names, n=1)
    hint = f"; did you mean the source '{near[0]}'?" if near and not of_source else ""
    return entry.finding("source_name", f"{message}; {remedy}_<KEY>{hint}")


def _check_destinations(jobs: Sequence[Placed], secrets: Secrets) -> Iterator[Finding]:
    given = secrets.get("destination", "type")
    if given is not None and given not in _DESTINATIONS:
        origin = secrets.origin("destination", "type")
        near = unknown("destination type", str(given), _DESTINATIONS)
        yield Finding(origin.place if origin else "[destination]", near)
    for job, entry in jobs:
        kind = job.destination_type or given or "databricks"
        if kind == "databricks" and job.target_format and not job.destination_type:
            yield entry.finding("target_format", "is for the destination filesystem; leave it empty")
        if given == "filesystem" and not job.destination_type:
            yield from (entry.finding(field, text) for field, text in not_for_files(job))
        if kind == "filesystem" and not secrets.origin("destination", "filesystem", "bucket_url"):
            yield entry.finding(
                "destination_type",
                "a filesystem needs bucket_url under [destination.filesystem] in .dlt/secrets.toml;"
                ' for Unity Catalog write type = "databricks" under [destination]',
            )
            return
