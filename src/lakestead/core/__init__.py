"""Names, errors and registries that every other room uses; imports nothing else of the package."""
