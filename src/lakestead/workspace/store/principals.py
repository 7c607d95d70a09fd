"""Users, groups, service principals and their tokens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms


class Identity(Base):
    """A user, group or service principal.

    ``name`` is what grants and ownership refer to: a user's e-mail address, a group's display name, a service
    principal's application id. ``attributes`` has what SCIM clients keep here and nothing acts on: ``name``,
    ``emails``, ``entitlements``.
    """

    __tablename__ = "identities"
    # The number of someone who is gone is never given again.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str] = mapped_column(default="")
    external_id: Mapped[str | None] = mapped_column(default=None)
    active: Mapped[bool] = mapped_column(default=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[int] = mapped_column(default=now_ms)


class Membership(Base):
    """A user, group or service principal in a group."""

    __tablename__ = "memberships"

    group_id: Mapped[int] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), primary_key=True)


class Token(Base):
    """A token that requests are made with; only the hash of its secret is kept.

    ``kind`` is PERSONAL (made by or for a principal, listed and revoked by it) or OAUTH (short-lived,
    had for a
    client secret).
    """

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(12), default="PERSONAL")
    creator_id: Mapped[int] = mapped_column(default=0)
    comment: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int] = mapped_column(default=now_ms)
    expires_at: Mapped[int | None] = mapped_column(default=None)


class ClientSecret(Base):
    """A secret of a service principal, with which it gets OAuth tokens; only the hash is kept."""

    __tablename__ = "client_secrets"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int] = mapped_column(default=now_ms)
    expires_at: Mapped[int]
