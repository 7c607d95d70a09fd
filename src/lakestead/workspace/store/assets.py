"""The tree of folders in which dashboards, alerts, queries and files are."""

from __future__ import annotations

import secrets

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms


def _object_id() -> int:
    # Clients in other languages hold it in a double.
    return secrets.randbits(52)


class Asset(Base):
    """Something with a path: DIRECTORY, DASHBOARD, ALERT, QUERY or FILE.

    ``path`` is without the prefix ``/Workspace``; ``resource_id`` is what its own API calls it.
    """

    __tablename__ = "assets"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, default=_object_id)
    path: Mapped[str] = mapped_column(unique=True)
    parent_path: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(12))
    resource_id: Mapped[str] = mapped_column(unique=True)
    owner: Mapped[str]
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    modified_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rsplit("/", 1)[-1]


class FileContent(Base):
    """What is in a FILE."""

    __tablename__ = "asset_files"

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
