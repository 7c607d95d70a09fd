"""Unity Catalog: the objects of the metastore, their privileges, tags and constraints."""
