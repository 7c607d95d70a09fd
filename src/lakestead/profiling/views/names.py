"""The names of the views of a group."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from lakestead.core.names import quote_name
from lakestead.profiling.findings import Relations
from lakestead.profiling.views.unions import Kind

_NOT_PLAIN = re.compile(r"[^a-z0-9_]+")
_LENGTH = 200  # a view's name has at most 255 characters


@dataclass(frozen=True)
class GroupViews:
    """The views of one monitor group: `unified_drift_metrics_GROUP` and so on.

    Attributes:
        catalog: the catalog they are in.
        schema: the schema they are in.
        group: the group.
        kinds: which of the views there are.
    """

    catalog: str
    schema: str
    group: str
    kinds: frozenset[Kind] = frozenset(Kind)

    def name(self, kind: Kind) -> str:
        """Return the view's own name."""
        return f"unified_{kind.value}_metrics_{self.slug}"

    def part(self, kind: Kind, number: int) -> str:
        """Return the own name of a view that the view is made of."""
        return f"unified_{kind.value}_part_{number}_{self.slug}"

    def full_name(self, kind: Kind) -> str:
        """Return catalog.schema.view."""
        return f"{self.catalog}.{self.schema}.{self.name(kind)}"

    def quoted(self, kind: Kind) -> str:
        """Return the full name for a statement."""
        return quote_name(self.catalog, self.schema, self.name(kind))

    @property
    def relations(self) -> Relations:
        """The views, as findings are looked for in them."""
        drift, performance = (
            self.quoted(kind) if kind in self.kinds else None for kind in (Kind.DRIFT, Kind.PERFORMANCE)
        )
        return Relations(self.quoted(Kind.PROFILE), drift, performance)

    @property
    def label(self) -> str:
        """The group's name as a part of names of files, such as those of alerts and dashboards."""
        return self.group if self.group.isprintable() and "/" not in self.group else self.slug

    @cached_property
    def slug(self) -> str:
        """The group's name as an identifier; if it is none, with letters that tell it from similar ones."""
        plain = _NOT_PLAIN.sub("_", self.group.lower())[:_LENGTH]
        if plain == self.group:
            return plain
        return f"{plain}_{hashlib.sha256(self.group.encode()).hexdigest()[:6]}"
