"""The section `policies` of governance.yaml, and the others that policies go by.

policies:
  personal-data-is-masked:
    rule: masked
    scope: main.*
    mode: block
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from lakestead.core.governance import section
from lakestead.govern.classification import Classification
from lakestead.govern.compliance.settings import ComplianceSettings
from lakestead.govern.policies.rules.access import Clearance, Grants
from lakestead.govern.policies.rules.kept import Retained
from lakestead.govern.policies.rules.masks import Masked
from lakestead.govern.policies.rules.names import Documented, Naming
from lakestead.govern.policies.rules.owners import Owned
from lakestead.govern.policies.rules.places import Regions
from lakestead.govern.policies.rules.rows import RowFilter
from lakestead.govern.policies.rules.tags import RequiredTags
from lakestead.govern.retention.declared import Retention

AnyRule = Annotated[
    RequiredTags | Clearance | Masked | RowFilter | Retained | Regions | Naming | Owned | Grants | Documented,
    Field(discriminator="rule"),
]


class Policies(RootModel[dict[str, AnyRule]]):
    """The section `policies` of governance.yaml: rules by their names."""

    root: dict[str, AnyRule] = Field(default_factory=dict)


@dataclass(frozen=True)
class Governance:
    """What governance.yaml says of tables.

    Args:
        policies: the rules.
        classification: the levels, and who is cleared for which.
        retention: what is kept how long.
        compliance: the frameworks.
    """

    policies: Policies
    classification: Classification
    retention: Retention
    compliance: ComplianceSettings

    @classmethod
    def load(cls, path: Path) -> Governance:
        """Read a governance file.

        Raises:
            ConfigError: when it is wrong; says where.
        """
        return cls(
            section(path, "policies", Policies),
            section(path, "classification", Classification),
            section(path, "retention", Retention),
            section(path, "compliance", ComplianceSettings),
        )
