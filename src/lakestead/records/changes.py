"""How many rows a call changed."""

from __future__ import annotations

from typing import Any


class Changes(int):
    """How many rows a call changed in all, and in which way.

    Args:
        inserted: rows that are new.
        updated: rows that were changed in place.
        deleted: rows that are gone.
    """

    inserted: int
    updated: int
    deleted: int

    def __new__(cls, inserted: int = 0, updated: int = 0, deleted: int = 0) -> Changes:
        changes = super().__new__(cls, inserted + updated + deleted)
        changes.inserted, changes.updated, changes.deleted = inserted, updated, deleted
        return changes

    def __reduce__(self) -> tuple[type[Changes], tuple[int, int, int]]:
        return Changes, (self.inserted, self.updated, self.deleted)

    def __repr__(self) -> str:
        return f"Changes(inserted={self.inserted}, updated={self.updated}, deleted={self.deleted})"


def changes(answer: dict[str, Any], *, inserted: int = 0, deleted: int = 0) -> Changes:
    """Return what the service says that a statement changed.

    Args:
        answer: the only row that a statement of DML answers.
        inserted: what to take where the answer does not say.
        deleted: what to take where the answer does not say.
    """
    return Changes(
        _count(answer, "num_inserted_rows", inserted),
        _count(answer, "num_updated_rows", 0),
        _count(answer, "num_deleted_rows", deleted),
    )


def _count(answer: dict[str, Any], name: str, otherwise: int) -> int:
    return int(answer[name]) if answer.get(name) is not None else otherwise
