"""SQL warehouses: names and settings for the one embedded engine, started and stopped as on Databricks."""
