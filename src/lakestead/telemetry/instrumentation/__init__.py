"""Spans for every call of Databricks' clients, without a change to the program."""
