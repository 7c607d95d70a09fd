"""Lineage: which tables and columns a statement reads, and what it makes of them."""
