"""Credentials in COPY INTO: ``WITH (CREDENTIAL (AWS_ACCESS_KEY = '…', …))``."""

from __future__ import annotations

from collections.abc import Mapping

from lakestead.engine.objects import AwsKeys, AzureSas, Credentials, ObjectUrl
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql import sources
from lakestead.workspace.sql.grammar.ast import CopySource

_AWS = ("AWS_ACCESS_KEY", "AWS_SECRET_KEY")
_AWS_TOKEN = "AWS_SESSION_TOKEN"
_AZURE = ("AZURE_SAS_TOKEN",)


def given(source: CopySource) -> Credentials | None:
    """Return the credentials that a source brings with it; None when it has none.

    Raises:
        ApiError: they are not those that its kind of object store takes; NOT_IMPLEMENTED for named ones.
    """
    if source.credential is not None:
        raise unsupported("COPY INTO … WITH (CREDENTIAL …) naming a storage credential")
    if not source.credentials:
        return None
    cloud = None
    if ObjectUrl.is_one(source.path):
        with sources.explained():
            cloud = ObjectUrl.parse(source.path).cloud
    if cloud not in ("s3", "azure"):
        scheme = source.path.partition("://")[0] if "://" in source.path else "dbfs"
        raise ApiError(
            ErrorCode.NOT_IMPLEMENTED,
            f"Invalid scheme {scheme[:20]}. COPY INTO source credentials currently only supports "
            "s3/s3n/s3a/wasbs/abfss.",
            condition="COPY_INTO_CREDENTIALS_NOT_ALLOWED_ON",
        )
    values = {key.upper(): value for key, value in source.credentials}
    if cloud == "azure":
        _require(values, _AZURE, ())
        return AzureSas(values[_AZURE[0]])
    _require(values, _AWS, (_AWS_TOKEN,))
    access, secret = (values[key] for key in _AWS)
    return AwsKeys(access, secret, values.get(_AWS_TOKEN) or None)


def _require(values: Mapping[str, str], wanted: tuple[str, ...], further: tuple[str, ...]) -> None:
    if any(not values.get(key) for key in wanted):
        raise ApiError(
            ErrorCode.SYNTAX_ERROR,
            f"COPY INTO source credentials must specify {', '.join(wanted)}.",
            condition="COPY_INTO_CREDENTIALS_REQUIRED",
        )
    unknown = [key for key in values if key not in (*wanted, *further)]
    if unknown:
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"'{unknown[0][:60]}' is not a credential of this kind of object store.",
        )
