"""Statements through the SQL connector: pooled sessions, bound parameters, safe retries, Arrow results."""
