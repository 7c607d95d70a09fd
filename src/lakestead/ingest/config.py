"""The files that say what is ingested, and with which secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from lakestead.core.errors import ConfigError

from .jobs import excel, yaml
from .jobs.check import check_secrets, check_source_types
from .jobs.entry import Declared, Finding
from .jobs.job import Job
from .jobs.together import between
from .secrets import Secrets, refusals, resolve

CONFIG_PATHS = tuple(Path("config") / f"ingestion_config{suffix}" for suffix in (".xlsx", ".yaml", ".yml"))
SECRETS_PATH = Path(".dlt/secrets.toml")

_READERS = {
    ".xlsx": excel.read_jobs,
    ".xlsm": excel.read_jobs,
    ".yaml": yaml.read_jobs,
    ".yml": yaml.read_jobs,
}


class ConfigLoader:
    """Reads jobs and secrets, each once.

    Args:
        config_path: a workbook with the sheet `SourceConfig`, or YAML; else `config/ingestion_config.xlsx`,
            or `.yaml` if there is no workbook.
        secrets_path: else `.dlt/secrets.toml`, which need not be there.
        environment: variables; those of the process unless given.
        key: of a YAML file that says other things too: the one whose value has the jobs.
    """

    def __init__(
        self,
        config_path: str | Path | None = None,
        secrets_path: str | Path | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        key: str | None = None,
    ) -> None:
        self._key = key
        self._config_path = None if config_path is None else Path(config_path)
        self.secrets_path = SECRETS_PATH if secrets_path is None else Path(secrets_path)
        self._environment = os.environ if environment is None else environment

    @property
    def config_path(self) -> Path:
        """The file of the jobs.

        Raises:
            ConfigError: when there is none.
        """
        if self._config_path is not None:
            return self._config_path
        there = next((path for path in CONFIG_PATHS if path.is_file()), None)
        if there is None:
            raise ConfigError(
                f"there is no {CONFIG_PATHS[0]} and no .yaml; write one with: lakestead ingest init"
            )
        return there

    @cached_property
    def declared(self) -> Declared:
        """What the file says, its mistakes among it.

        Raises:
            ConfigError: when the file cannot be read at all.
        """
        path = self.config_path
        if self._key is not None:
            return yaml.read_jobs(path, self._key)
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            raise ConfigError(f"must end in one of {', '.join(_READERS)}", where=str(path))
        return reader(path)

    @cached_property
    def secrets(self) -> Secrets:
        """All secrets, with their origins.

        Raises:
            ConfigError: when the file or a reference is wrong; says where.
            ConnectionFailed: when a key vault is not to be had.
            DatabricksError: when a secret scope is not to be had.
        """
        try:
            names = self.declared.source_names
        except ConfigError:  # what is wrong with the jobs is said by who reads them
            names = set()
        return resolve(self.secrets_path, self._environment, names)

    def load_secrets(self) -> dict[str, Any]:
        """Return all secrets as the file would have them, from wherever they come; the tree shows no value.

        Raises:
            ConfigError, ConnectionFailed, DatabricksError: as :attr:`secrets`.
        """
        return self.secrets.tree()

    def load_jobs(self) -> list[Job]:
        """Return all jobs in the file's order; those that are not enabled too.

        Raises:
            ConfigError: when there is a mistake in a job that is enabled, or between such; each is a line.
        """
        wrong = [finding for finding in self._findings_in_jobs() if finding.fatal]
        if wrong:
            raise ConfigError("\n".join(map(str, wrong)))
        return [job for job, _ in self.declared.jobs]

    def check(self) -> list[Finding]:
        """Return everything that can be known to be wrong before anything runs.

        Sources and destinations are not connected to; secret stores are asked, if any are named.
        """
        findings: list[Finding] = []
        try:
            findings += self._findings_in_jobs()
            jobs = self.declared.jobs
        except ConfigError as error:
            findings.append(_found(error, str(self._config_path or CONFIG_PATHS[0])))
            jobs = ()
        try:
            findings += check_secrets(jobs, self.secrets)
        except refusals() as error:
            findings.append(_found(error, str(self.secrets_path)))
        return findings

    def _findings_in_jobs(self) -> list[Finding]:
        jobs = self.declared.jobs
        found = [*self.declared.findings, *check_source_types(jobs), *between(jobs)]
        if self._config_path is None:
            others = [path for path in CONFIG_PATHS if path.is_file() and path != self.config_path]
            text = f"is not read, because {self.config_path} is there; choose it with --config"
            found += [Finding(str(path), text, fatal=False) for path in others]
        return found


def _found(error: Exception, where: str) -> Finding:
    place = getattr(error, "where", None)
    text = str(error)
    return Finding(place, text.removeprefix(f"{place}: ")) if place else Finding(where, text)
