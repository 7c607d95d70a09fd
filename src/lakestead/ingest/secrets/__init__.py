"""Secrets: from where, in which order, and never shown."""

from __future__ import annotations

from .naming import variable
from .redaction import RedactingFilter, Redactor
from .resolve import resolve
from .secrets import Origin, Resolved, Secrets, Section
from .stores import refusals

__all__ = [
    "Origin",
    "RedactingFilter",
    "Redactor",
    "Resolved",
    "Secrets",
    "Section",
    "refusals",
    "resolve",
    "variable",
]
