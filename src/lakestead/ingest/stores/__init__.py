"""Object stores: S3, Azure Data Lake Storage, Google Cloud Storage and local folders, by their URLs.

with open_store("az://staging@account.dfs.core.windows.net/raw", secrets) as store:
    store.put_file(Path("rows.parquet"), "orders/rows.parquet")
    [entry.url for entry in store.list("orders/*.parquet")]
"""

from __future__ import annotations

from .credentials import StoreCredentials
from .delta import delta_options
from .globs import Glob
from .location import Location
from .opening import open_store
from .sas import Sas, container_sas
from .store import Entry, Store

__all__ = [
    "Entry",
    "Glob",
    "Location",
    "Sas",
    "Store",
    "StoreCredentials",
    "container_sas",
    "delta_options",
    "open_store",
]
