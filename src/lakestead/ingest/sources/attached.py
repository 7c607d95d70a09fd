"""A database that DuckDB reads."""

from __future__ import annotations

from abc import abstractmethod

from .database import Database
from .duck import Duck, module


class Attached(Database):
    """A database that DuckDB reads, attached when it is first needed."""

    _opened: Duck | None = None

    @abstractmethod
    def _new(self) -> Duck:
        """Return a DuckDB that is not yet attached to anything."""

    @abstractmethod
    def _attach(self, duck: Duck) -> None:
        """Attach the database."""

    @property
    def _duck(self) -> Duck:
        if self._opened is None:
            duck = self._new()
            try:
                self._attach(duck)
            except duck.error:
                duck.close()
                raise
            self._opened = duck
        return self._opened

    def _connect(self) -> None:
        self._rows("SELECT 1 AS one")

    def _errors(self) -> tuple[type[Exception], ...]:
        return (module().Error,)

    def close(self) -> None:
        """Let go of connections."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
