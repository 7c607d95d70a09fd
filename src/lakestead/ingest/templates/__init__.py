"""Templates of the jobs and the secrets, to fill in; made from the fields' own descriptions."""

from __future__ import annotations

from .write import write_templates

__all__ = ["write_templates"]
