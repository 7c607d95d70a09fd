"""Dashboards (Lakeview): the API, their checks, and what their widgets show."""
