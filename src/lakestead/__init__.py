"""The toolkit for a lakehouse on Databricks Unity Catalog."""
