"""Monitors of data quality: what the data-quality API declares, and what its refreshes compute."""
