"""CREATE and REPLACE: which kind of object they make."""

from __future__ import annotations

from .ast import Command
from .functions import read_create_function
from .objects import read_create_catalog, read_create_schema, read_create_volume
from .reader import Reader
from .tables import read_create_table
from .unserved import refuse_object
from .views import read_create_view


def read_create(reader: Reader) -> Command:
    """Read what follows CREATE."""
    or_replace = reader.accept("OR", "REPLACE")
    if reader.accept("TABLE"):
        return read_create_table(reader, "CREATE OR REPLACE" if or_replace else "CREATE", external=False)
    if reader.accept("EXTERNAL", "TABLE"):
        return read_create_table(reader, "CREATE OR REPLACE" if or_replace else "CREATE", external=True)
    if reader.accept("VIEW"):
        return read_create_view(reader, or_replace=or_replace, temporary=False)
    if reader.accept("TEMPORARY", "VIEW") or reader.accept("TEMP", "VIEW"):
        return read_create_view(reader, or_replace=or_replace, temporary=True)
    if reader.accept("FUNCTION"):
        return read_create_function(reader, or_replace=or_replace, temporary=False)
    if reader.accept("TEMPORARY", "FUNCTION") or reader.accept("TEMP", "FUNCTION"):
        return read_create_function(reader, or_replace=or_replace, temporary=True)
    refresh = reader.accept("OR", "REFRESH")  # only what is refused can be refreshed
    refuse_object(reader, "CREATE")
    if or_replace or refresh:
        raise reader.error()
    if reader.accept("CATALOG"):
        return read_create_catalog(reader)
    if reader.accept_any("SCHEMA", "DATABASE"):
        return read_create_schema(reader)
    if reader.accept("VOLUME"):
        return read_create_volume(reader, external=False)
    if reader.accept("EXTERNAL", "VOLUME"):
        return read_create_volume(reader, external=True)
    raise reader.error()


def read_replace(reader: Reader) -> Command:
    """Read what follows REPLACE."""
    external = reader.accept("EXTERNAL")
    reader.expect("TABLE")
    return read_create_table(reader, "REPLACE", external=external)
