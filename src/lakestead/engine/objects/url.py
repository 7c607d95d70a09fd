"""URLs of objects, folders and buckets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from lakestead.engine.objects.errors import StoreError, StoreErrorKind

Cloud: TypeAlias = Literal["s3", "azure", "gs"]

_CLOUDS: dict[str, Cloud] = {
    "s3": "s3",
    "s3a": "s3",
    "s3n": "s3",
    "gs": "gs",
    "abfss": "azure",
    "abfs": "azure",
    "wasbs": "azure",
    "wasb": "azure",
    "az": "azure",
    "azure": "azure",
}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<place>[^/]*)(?:/(?P<key>.*))?", re.DOTALL)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}|\$(?:root|web)")
_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")
# Only Azure's own hosts: an account cannot lead a request, and the credentials with it, anywhere else.
_ACCOUNT = re.compile(
    r"(?P<account>[a-z0-9]{3,24})\.(?:dfs|blob)\."
    r"(?P<domain>core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net))"
)


@dataclass(frozen=True, slots=True)
class ObjectUrl:
    """The URL of an object, a folder or a bucket.

    Attributes:
        cloud: whose object store it is.
        bucket: the bucket, in Azure the container.
        key: the path in it, without slashes at its ends; may have wildcards.
        account: Azure's storage account.
        domain: where Azure's accounts are, such as ``core.windows.net``.
    """

    cloud: Cloud
    bucket: str
    key: str = ""
    account: str = ""
    domain: str = ""

    @classmethod
    def is_one(cls, text: str) -> bool:
        """Return whether a path has the scheme of an object store."""
        return text.partition("://")[0].lower() in _CLOUDS and "://" in text

    @classmethod
    def parse(cls, text: str) -> ObjectUrl:
        """Read a URL: ``s3://``, ``s3a://``, ``gs://``, or Azure's ``abfss://container@account.dfs…/path``.

        Azure's ``abfs``, ``wasbs``, ``wasb``, ``az`` and hosts with ``blob`` for ``dfs`` are the same.

        Raises:
            StoreError: URL.
        """
        found = _URL.fullmatch(text)
        cloud = _CLOUDS.get(found["scheme"].lower()) if found else None
        if found is None or cloud is None:
            raise _invalid(text, "it is not the URL of an object store")
        key = (found["key"] or "").strip("/")
        if key and any(part in ("", ".", "..") for part in key.split("/")):
            raise _invalid(text, "a part of its path is empty, '.' or '..'")
        if any(ord(character) < 32 for character in key):
            raise _invalid(text, "it has a control character")
        if re.search(r"[?&](sig|X-Amz-Signature|X-Goog-Signature)=", key, re.IGNORECASE):
            raise _invalid(text, "it is a signed URL; credentials are given by WITH (CREDENTIAL (…))")
        if cloud != "azure":
            if not _BUCKET.fullmatch(found["place"]):
                raise _invalid(text, "it has no valid name of a bucket")
            return cls(cloud, found["place"], key)
        container, _, host = found["place"].partition("@")
        account = _ACCOUNT.fullmatch(host.lower())
        if account is None or not _BUCKET.fullmatch(container):
            raise _invalid(text, "it is not like abfss://container@account.dfs.core.windows.net/path")
        return cls(cloud, container, key, account["account"], account["domain"])

    @property
    def text(self) -> str:
        """The URL in the one form by which objects are known, whichever way it was written."""
        place = self.bucket
        if self.cloud == "azure":
            place = f"{place}@{self.account}.dfs.{self.domain}"
        scheme = "abfss" if self.cloud == "azure" else self.cloud
        return f"{scheme}://{place}/{self.key}".rstrip("/")

    def at(self, key: str) -> ObjectUrl:
        """Return the URL of another key in the same bucket."""
        return replace(self, key=key)


def _invalid(text: str, why: str) -> StoreError:
    shown = _PASSWORD.sub("//…@", text.partition("?")[0])[:200]
    return StoreError(StoreErrorKind.URL, f"'{shown}' is not a valid location: {why}.")
