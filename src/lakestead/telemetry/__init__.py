"""OpenTelemetry for Databricks programs: spans, metrics, exporters, and guards before statements."""
