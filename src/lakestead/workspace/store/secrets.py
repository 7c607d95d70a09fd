"""Secret scopes, their secrets, and who may do what with them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms


class SecretScope(Base):
    """A named collection of secrets; ``folded`` is the name without regard to case."""

    __tablename__ = "secret_scopes"

    folded: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Secret(Base):
    """A secret. The database's file, which its owner alone can read, is what guards the value."""

    __tablename__ = "secrets"

    scope: Mapped[str] = mapped_column(
        ForeignKey("secret_scopes.folded", ondelete="CASCADE"), primary_key=True
    )
    folded: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    value: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[int] = mapped_column(default=now_ms)


class SecretAcl(Base):
    """What a principal may do with a scope: READ, WRITE or MANAGE."""

    __tablename__ = "secret_acls"

    scope: Mapped[str] = mapped_column(
        ForeignKey("secret_scopes.folded", ondelete="CASCADE"), primary_key=True
    )
    principal: Mapped[str] = mapped_column(primary_key=True)
    permission: Mapped[str] = mapped_column(String(8))
