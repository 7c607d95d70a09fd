"""What a command names: an object of the metastore, or a column of a table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.workspace.catalog.lookup import DEPTH, find, get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.store.objects import Kind, Securable

_STORED = {
    ast.Kind.METASTORE: Kind.METASTORE,
    ast.Kind.CATALOG: Kind.CATALOG,
    ast.Kind.SCHEMA: Kind.SCHEMA,
    ast.Kind.TABLE: Kind.TABLE,
    ast.Kind.VIEW: Kind.TABLE,
    ast.Kind.COLUMN: Kind.TABLE,
    ast.Kind.VOLUME: Kind.VOLUME,
    ast.Kind.FUNCTION: Kind.FUNCTION,
}


@dataclass(frozen=True, slots=True)
class Target:
    """An object as a command names it.

    Attributes:
        kind: how the metastore keeps it.
        path: its full name.
        column: a column of it.
        as_view: whether the command is one for views.
    """

    kind: Kind
    path: tuple[str, ...]
    column: str | None = None
    as_view: bool = False

    @classmethod
    def of(cls, ctx: Context, kind: ast.Kind, name: ast.Name) -> Target:
        """Return what a name in a statement means in its session."""
        column = name[-1] if kind is ast.Kind.COLUMN else None
        stored = _STORED[kind]
        parts = name if column is None else name[:-1]
        return cls(stored, ctx.full_name(parts, DEPTH[stored]), column, kind is ast.Kind.VIEW)

    def find(self, tx: Session) -> Securable | None:
        """Return the object, or None.

        Raises:
            ApiError: CATALOG_NOT_FOUND; INVALID_NAME.
        """
        if len(self.path) > 1:
            get(tx, Kind.CATALOG, self.path[:1])
        return find(tx, self.kind, self.path)

    def get(self, tx: Session) -> Securable:
        """Return the object.

        Raises:
            ApiError: NOT_FOUND of its kind; VIEW_EXPECTED when a command for views names a table.
        """
        found = get(tx, self.kind, self.path)
        if self.as_view and not found.is_view:
            raise ApiError(
                ErrorCode.VIEW_EXPECTED, f"{quote_name(*self.path)} is a table; a view is expected here."
            )
        return found
