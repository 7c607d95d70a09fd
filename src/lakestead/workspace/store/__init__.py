"""The metastore: objects, principals, grants and history, in a transactional database."""
