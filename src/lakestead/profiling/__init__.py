"""Data profiling, declared and deployed: monitors, unified views, alerts and dashboards for many tables."""
