"""The embedded workspace: a local server that speaks Databricks' own protocols."""
