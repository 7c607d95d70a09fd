"""Secret scopes and secrets, guarded by access control lists."""
