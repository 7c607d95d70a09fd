"""Records in and out of tables: `DatabricksConnector`."""

from __future__ import annotations

from lakestead.client.sql.results import Result
from lakestead.records.changes import Changes
from lakestead.records.connector import DatabricksConnector
from lakestead.records.fitting import InferredColumn
from lakestead.records.staging import Staged, Staging

__all__ = ["Changes", "DatabricksConnector", "InferredColumn", "Result", "Staged", "Staging"]
