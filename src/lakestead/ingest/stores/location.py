"""Where a store is, read from the URL forms of dlt, Databricks and the clouds' own tools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

from lakestead.core.errors import ConfigError

Kind = Literal["file", "s3", "az", "gs"]

_SCHEMES: dict[str, Kind] = {
    "s3": "s3",
    "s3a": "s3",
    "az": "az",
    "azure": "az",
    "abfs": "az",
    "abfss": "az",
    "gs": "gs",
    "gcs": "gs",
}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<place>[^/]*)(?:/(?P<path>.*))?", re.DOTALL)
_AZURE_HOST = re.compile(r"(?P<account>[a-z0-9]+)\.(?:dfs|blob)\.(?P<domain>[a-z0-9.-]+)")
_PUBLIC = "core.windows.net"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a store.

    Attributes:
        kind: which service.
        container: the bucket or container; empty for local folders.
        prefix: the folder in it (for local folders an absolute path), without `/` at its end.
        account: the Azure storage account, where the URL names it.
        domain: Azure's domain of the account: another one in the sovereign clouds.
    """

    kind: Kind
    container: str = ""
    prefix: str = ""
    account: str | None = None
    domain: str = _PUBLIC

    @classmethod
    def parse(cls, url: str) -> Location:
        """Read a URL, or the path of a local folder.

        Raises:
            ConfigError: when the URL is of no known form; lists the forms.
        """
        found = _URL.fullmatch(url.strip())
        if found is None or found["scheme"].lower() == "file":
            path = unquote(found["path"] or "") if found else url.strip()
            local = Path("/" + path) if found else Path(path).expanduser()
            return cls("file", prefix=str(local.absolute()))
        scheme, place, path = found["scheme"].lower(), found["place"], (found["path"] or "").strip("/")
        kind = _SCHEMES.get(scheme)
        if kind is None or not place:
            raise ConfigError(
                f"'{url}' is no URL of a store: write s3://bucket/folder, gs://bucket/folder,"
                " az://container@account.dfs.core.windows.net/folder (or abfss://…), file:///folder or a path"
            )
        if kind != "az" or "@" not in place:
            return cls(kind, place, path)
        container, _, host = place.partition("@")
        azure = _AZURE_HOST.fullmatch(host.lower())
        if azure is None or not container:
            raise ConfigError(f"'{url}': expected az://container@account.dfs.{_PUBLIC}/folder")
        return cls(kind, container, path, azure["account"], azure["domain"])

    def join(self, key: str) -> Location:
        """Return the location of a key below this one."""
        inner = "/".join(part for part in (self.prefix, key.strip("/")) if part)
        return Location(self.kind, self.container, inner, self.account, self.domain)

    @property
    def name(self) -> str:
        """The bucket, container or folder, as messages name it."""
        if self.kind == "file":
            return f"the folder {self.prefix}"
        if self.kind == "az":
            account = f" of the storage account '{self.account}'" if self.account else ""
            return f"the container '{self.container}'{account}"
        return f"the bucket '{self.container}'"

    @property
    def url(self) -> str:
        """The URL in Databricks' form."""
        if self.kind == "file":
            return "file://" + quote(self.prefix, safe="/=,:@+~")
        if self.kind == "az":
            place = f"abfss://{self.container}@{self.account}.dfs.{self.domain}"
        else:
            place = f"{self.kind}://{self.container}"
        return f"{place}/{self.prefix}" if self.prefix else place
