"""Results of statements, kept in chunks for the client to fetch."""
