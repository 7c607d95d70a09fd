"""What a governed run ends with: where data came from, what is personal, what is not allowed, the costs."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from lakestead.client import Profile, Warehouse
from lakestead.core.errors import MissingExtra
from lakestead.core.governance import section
from lakestead.run.project import Project

if TYPE_CHECKING:
    from lakestead.govern.lineage.graph import LineageGraph


@dataclass(frozen=True)
class Personal:
    """A column with personal data.

    Args:
        column: its full name.
        kind: what it holds.
        confidence: how sure that is, 0 to 1.
    """

    column: str
    kind: str
    confidence: float


@dataclass(frozen=True)
class Violation:
    """Something that a policy does not allow.

    Args:
        resource: the full name of the thing.
        policy: the policy's name.
        what: what is wrong.
        remedy: what to do.
    """

    resource: str
    policy: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Cost:
    """What the workspace's usage records of today say.

    Args:
        team: whose it is; None for nobody's.
        amount: as a decimal number.
        currency: of the amount.
        idle: the part of it that is warehouses' time without statements.
    """

    team: str | None
    amount: str
    currency: str
    idle: str


@dataclass(frozen=True)
class Governed:
    """What a governed run ends with.

    Args:
        lineage: each table or file of the project that was made of others, with these.
        personal: columns with personal data.
        policies: how many policies there are.
        violations: what they do not allow.
        costs: of today, by team.
        unpriced: usage without a price, in words.
    """

    lineage: dict[str, tuple[str, ...]]
    personal: tuple[Personal, ...]
    policies: int
    violations: tuple[Violation, ...]
    costs: tuple[Cost, ...]
    unpriced: tuple[str, ...]


def govern(project: Project, folder: Path, profile: Profile, *, own: bool) -> Governed | None:
    """Look at what a run left; None if the project declares no governance.

    Args:
        project: what is declared.
        folder: the project's.
        profile: the workspace.
        own: the workspace is the run's alone: its warehouse is stopped before, so that all it did is billed.

    Raises:
        ConfigError: when the governance file is wrong.
        MissingExtra: without `lakestead[govern,costs]`.
        DatabricksError, databricks.sql.Error: when the workspace refuses something.
    """
    if project.governance is None:
        return None
    try:
        from lakestead.govern.pii import PiiSettings, Scanner
        from lakestead.govern.policies import Governance, evaluate
    except ImportError as error:
        raise MissingExtra("governance of a project", "govern") from error

    file = folder / project.governance
    governance, settings = Governance.load(file), section(file, "pii", PiiSettings)
    place = f"{project.catalog}.{project.schema_}"
    with closing(Warehouse(profile, {"lakestead": "govern"})) as warehouse:
        if own:
            _stop(warehouse)
        costs, unpriced = _costs(warehouse, file)
        scans = Scanner(warehouse, settings).scan((project.catalog, project.schema_))
        found = [one for one in evaluate(warehouse, governance) if one.resource.startswith(place)]
        lineage = _lineage(warehouse, place)
    return Governed(
        lineage=_sources(lineage, place),
        personal=tuple(
            Personal(one.full_name, one.kind, one.confidence) for scan in scans for one in scan.findings
        ),
        policies=len(governance.policies.root),
        violations=tuple(Violation(one.resource, one.policy, one.what, one.remedy) for one in found),
        costs=costs,
        unpriced=unpriced,
    )


def _stop(warehouse: Warehouse) -> None:
    """Stop the warehouse, whose usage is recorded then; the next statement starts it again."""
    name = warehouse.profile.http_path.rpartition("/")[2]
    warehouse.client.warehouses.stop(name).result()


def _lineage(warehouse: Warehouse, place: str) -> LineageGraph:
    from lakestead.govern.lineage.edges import Direction
    from lakestead.govern.lineage.edges import root as parse_root
    from lakestead.govern.lineage.reading import read
    from lakestead.govern.lineage.system import SystemLineage

    return read([SystemLineage(warehouse, "system")], parse_root(place), direction=Direction.UPSTREAM, hops=1)


def _sources(graph: LineageGraph, place: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for edge in graph.edges:
        # Not a load's own tables, of which nothing is left, nor what a table is merged with.
        inner = "._lakestead" in edge.target.table or edge.source == edge.target
        if edge.target.table.startswith(place) and not inner:
            found.setdefault(edge.target.table, set()).add(_named(edge.source.table))
    return {target: tuple(sorted(sources)) for target, sources in sorted(found.items())}


def _named(source: str) -> str:
    """Return a source in words, if it is a folder in which files were staged."""
    return "files that lakestead staged" if "/_lakestead" in source or "._lakestead" in source else source


def _costs(warehouse: Warehouse, file: Path) -> tuple[tuple[Cost, ...], tuple[str, ...]]:
    from lakestead.costs import By, Period, read_report
    from lakestead.costs.declared import read_attribution, read_prices

    today = dt.datetime.now(dt.UTC).date()
    report = read_report(
        [warehouse],
        Period(today, today + dt.timedelta(days=1)),
        By.TEAM,
        attribution=read_attribution(file),
        prices=read_prices(file),
    )
    costs = tuple(
        Cost(share.name, _plain(share.cost), report.currency, _plain(share.idle)) for share in report.shares
    )
    return costs, tuple(f"{one.quantity:f} {one.unit} of {one.sku}: {one.reason}" for one in report.unpriced)


def _plain(amount: Decimal) -> str:
    return f"{amount:.6f}"
