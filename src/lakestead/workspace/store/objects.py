"""Securable objects of the metastore: catalogs, schemas, tables, views, volumes, functions.

All kinds are one table, so that owners, grants, tags, comments, renames and inheritance are one mechanism.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lakestead.workspace.store.base import Base, new_id, now_ms


class Kind(StrEnum):
    """What a securable is. Views are tables whose ``spec`` has a view definition."""

    METASTORE = "METASTORE"
    CATALOG = "CATALOG"
    SCHEMA = "SCHEMA"
    TABLE = "TABLE"
    VOLUME = "VOLUME"
    FUNCTION = "FUNCTION"


class Securable(Base):
    """An object with an owner, on which privileges are granted.

    ``location`` is where its data lies, as a path or URL; ``spec`` holds what only its kind has:

    - TABLE: ``table_type`` (MANAGED, EXTERNAL, VIEW), ``format``, ``partition_columns``,
    ``clustering_columns``, ``policies`` (row filter and column masks, by the ids of their functions);
      views: ``view_definition`` with every name in full, ``view_text`` as it was written, ``dependencies``,
      ``query_columns`` (what the query calls the columns).
    - VOLUME: ``volume_type`` (MANAGED, EXTERNAL).
    - FUNCTION: ``parameters``, ``returns``, ``returns_table``, ``body``, ``deterministic``.
    """

    __tablename__ = "securables"
    __table_args__ = (UniqueConstraint("parent_id", "kind", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Kind] = mapped_column(Enum(Kind, native_enum=False, length=12))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"))
    name: Mapped[str]
    owner: Mapped[str]
    comment: Mapped[str | None] = mapped_column(default=None)
    properties: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    location: Mapped[str | None] = mapped_column(default=None)
    spec: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[int] = mapped_column(default=now_ms)
    created_by: Mapped[str]
    updated_at: Mapped[int] = mapped_column(default=now_ms)
    updated_by: Mapped[str]

    parent: Mapped[Securable | None] = relationship(remote_side=[id], lazy="select")
    columns: Mapped[list[TableColumn]] = relationship(
        order_by="TableColumn.position", cascade="all, delete-orphan", lazy="select"
    )
    constraints: Mapped[list[TableConstraint]] = relationship(
        foreign_keys="TableConstraint.table_id",
        order_by="TableConstraint.name",
        cascade="all, delete-orphan",
        lazy="select",
    )

    @property
    def path(self) -> tuple[str, ...]:
        """Its full name in parts; empty for the metastore."""
        return () if self.parent is None else (*self.parent.path, self.name)

    @property
    def full_name(self) -> str:
        """Its full name with dots, as the REST API writes it."""
        return ".".join(self.path)

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return self.spec.get("table_type") == "VIEW"


class TableColumn(Base):
    """A column of a table or view.

    ``type`` is the canonical DDL text. ``default`` is a SQL expression; ``identity`` has ``start``,
    ``step``, ``always``
    and ``next``; ``generation`` is the expression of a generated column.
    """

    __tablename__ = "columns"
    __table_args__ = (UniqueConstraint("table_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    table_id: Mapped[str] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    type: Mapped[str]
    nullable: Mapped[bool] = mapped_column(default=True)
    comment: Mapped[str | None] = mapped_column(default=None)
    default: Mapped[str | None] = mapped_column(default=None)
    identity: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    generation: Mapped[str | None] = mapped_column(default=None)


class TableConstraint(Base):
    """A primary key, foreign key (both informational) or check constraint (enforced) of a table."""

    __tablename__ = "constraints"
    __table_args__ = (UniqueConstraint("table_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    table_id: Mapped[str] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(12))  # PRIMARY KEY, FOREIGN KEY, CHECK
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    timeseries_columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    rely: Mapped[bool] = mapped_column(default=False)
    expression: Mapped[str | None] = mapped_column(default=None)
    parent_table_id: Mapped[str | None] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"))
    parent_columns: Mapped[list[str]] = mapped_column(JSON, default=list)

    parent_table: Mapped[Securable | None] = relationship(foreign_keys=[parent_table_id], lazy="select")


class Grant(Base):
    """A privilege that a principal has on an object."""

    __tablename__ = "grants"

    securable_id: Mapped[str] = mapped_column(
        ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True
    )
    principal: Mapped[str] = mapped_column(primary_key=True)
    privilege: Mapped[str] = mapped_column(primary_key=True)


class Tag(Base):
    """A tag on an object, or on one of its columns (``column`` is empty for the object itself)."""

    __tablename__ = "tags"

    securable_id: Mapped[str] = mapped_column(
        ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True
    )
    column: Mapped[str] = mapped_column(primary_key=True, default="")
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(default="")


class Intent(Base):
    """A change of a table's files that the metastore must follow: written before, removed with, the change.

    What is left of these after a kill is brought into agreement at the next start.
    """

    __tablename__ = "intents"

    table_id: Mapped[str] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True)
