"""TPC-H: its data, its 22 queries, and what it takes for two answers to be the same."""
