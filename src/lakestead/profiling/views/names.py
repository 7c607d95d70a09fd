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

    @cached_property
    def slug(self) -> str:
        """The group's name as an identifier; if it is none, with letters that tell it from similar ones."""
        plain = _NOT_PLAIN.sub("_", self.group.lower())
        if plain == self.group:
            return plain
        return f"{plain}_{hashlib.sha256(self.group.encode()).hexdigest()[:6]}"
