"""Saved queries, which legacy alerts look at."""
