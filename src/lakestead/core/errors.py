"""The toolkit's errors.

LakesteadError
├── ConfigError      a declaration (file, sheet, environment) is wrong; says where and what to do
├── ConnectionFailed  a workspace or source could not be reached
├── MissingExtra     an optional dependency is not installed; names the extra
├── WorkspaceLocked  another server has the embedded workspace's folder
├── SourceError      a source gave what cannot be used
└── PolicyError      a governance policy forbids the operation

Errors that Databricks' clients raise (``DatabricksError``, ``databricks.sql.Error``) are never wrapped.
"""

from __future__ import annotations


class LakesteadError(Exception):
    """Any error that lakestead itself raises in the toolkit."""


class ConfigError(LakesteadError):
    """A declaration is wrong.

    Args:
        message: what is wrong and what to do.
        where: the place, e.g. ``lakestead.yaml:12:3``; put before the message.
    """

    def __init__(self, message: str, *, where: str | None = None) -> None:
        self.where = where
        super().__init__(f"{where}: {message}" if where else message)


class ConnectionFailed(LakesteadError):
    """A workspace or a source could not be reached."""


class MissingExtra(LakesteadError):
    """An optional part of lakestead is not installed.

    Args:
        feature: what needs it.
        extra: the extra to install, e.g. ``local``.
    """

    def __init__(self, feature: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{feature} needs an optional part: pip install 'lakestead[{extra}]'")


class WorkspaceLocked(LakesteadError):
    """Another server has the embedded workspace's folder."""


class SourceError(LakesteadError):
    """A source gave something that cannot be used."""


class PolicyError(LakesteadError):
    """A governance policy forbids the operation."""
