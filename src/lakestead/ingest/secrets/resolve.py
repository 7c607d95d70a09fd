"""The order in which secrets are looked for; the first that has a value gives it.

1. environment: `DLT_<SOURCE>_<KEY>`, then dlt's own `SOURCES__<NAME>__<KEY>`
2. the file `.dlt/secrets.toml`
3. the Databricks secret scope, if `[secrets] scope` names one: `<source>-<key>`
4. the Azure Key Vault, if `[secrets] key_vault_url` names one: `<source>-<key>`

What is nearest to the process wins: a variable is one run's, a file one machine's, a store everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from lakestead.client import Profile
from lakestead.core.config import Declaration
from lakestead.core.errors import ConfigError

from .environment import from_environment
from .found import Found
from .naming import SourceNames
from .secrets import Origin, Resolved, Secrets
from .stores import SecretStore, Stores
from .toml_file import from_file, readable_by_others


class Settings(Declaration):
    """`[secrets]`: which stores are asked.

    Args:
        scope: a Databricks secret scope.
        key_vault_url: an Azure Key Vault's.
        profile: the profile of `~/.databrickscfg` whose workspace has the scopes; else the destination's
            workspace, else the environment's.
    """

    scope: str | None = None
    key_vault_url: str | None = None
    profile: str | None = None


def resolve(path: Path, environment: Mapping[str, str], names: Iterable[str] = ()) -> Secrets:
    """Find all secrets.

    Args:
        path: of `.dlt/secrets.toml`; it need not be there.
        environment: names and values of variables.
        names: the sources that jobs name; those that the file has a section for are known too.

    Raises:
        ConfigError: when the file, a variable or a reference is not what it must be; says where.
        DatabricksError: when the secret scope cannot be listed.
        ConnectionFailed: when the key vault cannot be listed.
    """
    in_file = from_file(path)
    sections = {found.path[1] for found in in_file if found.path[0] == "sources" and len(found.path) > 2}
    known = SourceNames({*names, *sections})
    given = _first([*from_environment(environment, known), *in_file])
    stores = _stores(given)
    entries = [_entry(found, shadows, stores) for found, shadows in given]
    for store in stores.asked:
        entries = [*_shadowed(entries, store, known)]
    warning = readable_by_others(path)
    return Secrets(sorted(entries, key=lambda entry: entry.path), [(str(path), warning)] if warning else [])


def _first(found: Iterable[Found]) -> list[tuple[Found, tuple[Origin, ...]]]:
    """Return the first of those for one path, with the others' origins."""
    kept: list[tuple[Found, list[Origin]]] = []
    for one in found:
        over = next((item for item in kept if _same(item[0].path, one.path)), None)
        if over is None:
            kept.append((one, []))
        else:
            over[1].append(one.origin)
    return [(one, tuple(origins)) for one, origins in kept]


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return whether two paths cannot both have a value: they are one, or one is a table of the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _stores(given: list[tuple[Found, tuple[Origin, ...]]]) -> Stores:
    values = {found.path: found.value for found, _ in given}
    own = {path[1:] or path: value for path, value in values.items() if path[0] == "secrets"}
    try:
        settings = Settings.model_validate({".".join(path): value for path, value in own.items()})
    except ValidationError as error:
        keys = ", ".join(str(detail["loc"][0]) for detail in error.errors())
        known = ", ".join(Settings.model_fields)
        raise ConfigError(f"[secrets] cannot have {keys}; it has {known}, which are texts") from None

    def profile() -> Profile:
        if settings.profile is not None:
            return Profile(name=settings.profile)
        credentials = {
            path[-1]: value for path, value in values.items() if path[:2] == ("destination", "databricks")
        }
        host, token = credentials.get("server_hostname"), credentials.get("access_token")
        if host and token and "://" not in token:
            return Profile(host=host if "://" in host else f"https://{host}", token=token)
        return Profile()

    return Stores(settings.scope, settings.key_vault_url, profile)


def _entry(found: Found, shadows: tuple[Origin, ...], stores: Stores) -> Resolved:
    refers = stores.refers(found.value, found.origin.place)
    if refers is None:
        return Resolved(found.path, found.origin, lambda: found.value, shadows)
    return Resolved(found.path, replace(found.origin, reference=refers[0]), refers[1], shadows)


def _shadowed(entries: list[Resolved], store: SecretStore, names: SourceNames) -> Iterator[Resolved]:
    """Yield the entries with those of a store, which are below them."""
    added = dict(_of_store(store, names))
    for entry in entries:
        below = tuple(added.pop(path).origin for path in list(added) if _same(path, entry.path))
        yield replace(entry, shadows=(*entry.shadows, *below))
    yield from added.values()


def _of_store(store: SecretStore, names: SourceNames) -> Iterator[tuple[tuple[str, ...], Resolved]]:
    for name in store.names():
        parts = names.split(name)
        if parts is not None:
            path = ("sources", *parts)
            origin = Origin(store.kind, store.place(name))
            yield path, Resolved(path, origin, partial(store.get, name))
