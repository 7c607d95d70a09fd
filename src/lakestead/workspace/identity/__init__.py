"""Who sends a request: users, groups, service principals, tokens."""
