"""Query history: every statement that ran, as Databricks keeps it."""
