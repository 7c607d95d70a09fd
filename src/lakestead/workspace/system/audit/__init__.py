"""system.access.audit: who did what, whether it was allowed, and from where."""
