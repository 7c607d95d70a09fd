"""`lakestead telemetry`: checks, the schema of spans, a dashboard."""
