"""Object stores: S3, Azure Data Lake Storage and Blob Storage, Google Cloud Storage.

They are reached with the credentials of the server's own environment, or with some that are given; a custom
endpoint comes from the environment too.
"""

from __future__ import annotations

from .credentials import AwsKeys, AzureSas, Credentials
from .errors import StoreError, StoreErrorKind
from .opening import open_store
from .store import Listing, Object, Store
from .tree import ObjectTree
from .url import ObjectUrl

__all__ = [
    "AwsKeys",
    "AzureSas",
    "Credentials",
    "Listing",
    "Object",
    "ObjectTree",
    "ObjectUrl",
    "Store",
    "StoreError",
    "StoreErrorKind",
    "open_store",
]
