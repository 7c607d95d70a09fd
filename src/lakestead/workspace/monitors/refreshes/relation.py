"""The table that a refresh reads, as the monitor's owner may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deltalake import DeltaTable
from sqlalchemy import select

from lakestead.core.names import quote_name
from lakestead.engine import delta
from lakestead.workspace.access import Access, authorise
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.policies import Policies
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal, load_principal
from lakestead.workspace.sql.dml.write import refusals
from lakestead.workspace.store.objects import Kind, Securable
from lakestead.workspace.store.principals import Identity
from lakestead.workspace.system.tables import SYSTEM

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view.

    Attributes:
        path: its full name in parts.
        columns: DDL types by name, in order.
        delta: the version that is read of a Delta table; None for views and tables with policies, of which
            only the engine knows what there is to see.
    """

    path: tuple[str, ...]
    columns: dict[str, str]
    delta: DeltaTable | None

    @property
    def text(self) -> str:
        """It as FROM names it: one version, as long as the refresh takes."""
        name = quote_name(*self.path)
        return name if self.delta is None else f"{name} VERSION AS OF {self.delta.version()}"

    @property
    def version(self) -> int | None:
        """The version that is read, None if there are none."""
        return None if self.delta is None else self.delta.version()

    @property
    def identifier(self) -> str | None:
        """What tells the table apart from others of its name."""
        return None if self.delta is None else str(self.delta.metadata().id)

    def find(self, name: str) -> str | None:
        """Return a column's name as the table has it, by its name in any case; None if there is none."""
        return next((one for one in self.columns if one.lower() == name.lower()), None)

    def column(self, name: str, setting: str) -> str:
        """Return a column's name as the table has it.

        Args:
            name: in any case.
            setting: of the monitor, which names it.

        Raises:
            ApiError: COLUMN_NOT_FOUND.
        """
        found = self.find(name)
        if found is not None:
            return found
        raise ApiError(
            ErrorCode.COLUMN_NOT_FOUND,
            f"{setting}: {'.'.join(self.path)} has no column '{name}' (any more). It has: "
            f"{', '.join(self.columns)}.",
        )


def owner_of(workspace: Workspace, name: str) -> Principal:
    """Return the principal with whose privileges a monitor works.

    Raises:
        ApiError: PRINCIPAL_NOT_FOUND.
    """
    with workspace.store.read() as tx:
        identity = tx.scalars(select(Identity).where(Identity.name == name)).one_or_none()
        if identity is None or not identity.active:
            raise ApiError(ErrorCode.PRINCIPAL_NOT_FOUND, f"The monitor's owner {name} is not active.")
        return load_principal(tx, identity)


def resolve(workspace: Workspace, owner: Principal, path: tuple[str, ...]) -> Relation:
    """Return a table or view, in its newest version.

    Raises:
        ApiError: TABLE_NOT_FOUND; PERMISSION_DENIED when the owner may not read it.
    """
    with workspace.store.read() as tx:
        authorise(tx, owner, [Access("SELECT", Kind.TABLE, path)])
        table = get(tx, Kind.TABLE, path)
        columns = {column.name: column.type for column in table.columns}
        location = _files(table)
    if location is None:
        return Relation(path, columns, None)
    with refusals():
        return Relation(path, columns, delta.open_table(location))


def _files(table: Securable) -> str | None:
    """Return where the files are whose rows, and no others, everybody sees who may read the table."""
    whole = not table.is_view and not Policies.of(table) and table.path[0] != SYSTEM
    return table.location if whole else None
