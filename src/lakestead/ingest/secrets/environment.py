"""Secrets in environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .found import Found
from .naming import SourceNames
from .secrets import Origin

_OURS = "DLT_"
_SECTIONS = ("SOURCES", "DESTINATION", "SECRETS")


def from_environment(environment: Mapping[str, str], names: SourceNames) -> Iterator[Found]:
    """Yield what variables say: `DLT_<SOURCE>_<KEY>` first, then dlt's own `SOURCES__<NAME>__<KEY>`.

    dlt's form also works for the sections `DESTINATION` and `SECRETS`. An empty variable counts as not set.

    Args:
        environment: names and values.
        names: the sources that variables may be for.
    """
    given = sorted((name, value) for name, value in environment.items() if value)
    for name, value in given:
        parts = names.split(name.removeprefix(_OURS)) if name.startswith(_OURS) else None
        if parts is not None:
            yield Found(("sources", *parts), value, Origin("environment", name))
    for name, value in given:
        section, *rest = name.split("__")
        if section in _SECTIONS and all(rest) and len(rest) >= (2 if section == "SOURCES" else 1):
            path = [part.lower() for part in rest]
            if section == "SOURCES":
                path[0] = names.find(rest[0])
            yield Found((section.lower(), *path), value, Origin("environment", name))
