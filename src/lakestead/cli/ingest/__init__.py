"""`lakestead ingest …`: sources into tables, as a sheet or a YAML file says."""
