"""What could be saved: recommendations with their money and what shows it.

No two recommendations count the same money. Of what a SQL warehouse costs, the time in which nothing ran
and the time in which statements ran are apart; each statement is of one kind of waste; and a smaller size
saves of what is left then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from lakestead.client import Warehouse
from lakestead.costs.declared import Prices
from lakestead.costs.exchange import needed_rate, one_currency
from lakestead.costs.savings import idle, jobs, sizing, storage, waste
from lakestead.costs.savings.failures import FAILED
from lakestead.costs.savings.finding import Basis, Recommendation, Recommendations
from lakestead.costs.savings.repeats import REPEATED
from lakestead.costs.savings.scans import FULL_SCANS
from lakestead.costs.savings.small_files import SMALL_FILES
from lakestead.costs.savings.spill import SPILLED
from lakestead.costs.savings.survey import NEEDED, Use, survey
from lakestead.costs.usage import Ledger, Period, ledgers

__all__ = ["Basis", "Recommendation", "Recommendations", "recommend"]

_JOBS = "lakeflow.job_run_timeline"
_LINEAGE = "access.table_lineage"
WASTES = (FAILED, REPEATED, SPILLED, SMALL_FILES, FULL_SCANS)
"""In this order: what is certain goes before what is modelled, and that before upper limits."""


def recommend(
    warehouses: Sequence[Warehouse], period: Period, catalog: str = "system", prices: Prices | None = None
) -> Recommendations:
    """Return what could have been saved in a period.

    Args:
        warehouses: one of each workspace that counts.
        period: the days.
        catalog: of the system tables.
        prices: what price lists do not say, and exchange rates.

    Raises:
        ConfigError: when costs are in several currencies, and no rates between them are declared.
        databricks.sql.Error: when a table cannot be read.
    """
    declared = prices or Prices()
    books = [
        (ledger, _currencies(ledger, period)) for ledger in ledgers(warehouses, period, catalog, declared)
    ]
    currency = one_currency((one for _, names in books for one in names), declared)
    found: list[Recommendation] = []
    unknown: list[str] = []
    cost = Decimal(0)
    for ledger, names in books:
        rates = {name: needed_rate(declared, name, currency or name, period.since) for name in names}
        uses = _uses(ledger, period, rates, unknown)
        cost += sum((use.money for use in uses), Decimal(0))
        found += _of_warehouses(ledger, period, uses)
        found += _of_others(ledger, period, rates, unknown)
    found.sort(key=lambda one: one.savings, reverse=True)
    return Recommendations(period, currency, cost, found, unknown)


def _currencies(ledger: Ledger, period: Period) -> list[str]:
    rows = ledger.query("SELECT DISTINCT currency FROM priced WHERE currency IS NOT NULL", period)
    return [row["currency"] for row in rows]


def _uses(ledger: Ledger, period: Period, rates: Mapping[str, Decimal], unknown: list[str]) -> list[Use]:
    """Return how warehouses were used; what cannot be told is added to `unknown`."""
    missing = [table for table in NEEDED if table not in ledger.tables]
    if missing:
        unknown.append(f"SQL warehouses: there is no {ledger.catalog}.{missing[0]}")
        return []
    uses = survey(ledger, period, rates)
    unknown += [
        f"warehouse '{use.name}': {use.untimed:,} of {use.statements:,} statements have no task time"
        for use in uses
        if use.untimed
    ]
    return uses


def _of_warehouses(ledger: Ledger, period: Period, uses: Sequence[Use]) -> Iterator[Recommendation]:
    """Yield what warehouses and their statements could save, sizes last: they save of what is left."""
    parts = list(waste.find(ledger, period, uses, WASTES)) if uses else []
    for use in uses:
        parts += idle.find(use)
    yield from parts
    for use in uses:
        saved = sum((one.savings for one in parts if one.resource == use.warehouse), Decimal(0))
        yield from sizing.find(use, use.money - saved)


def _of_others(
    ledger: Ledger, period: Period, rates: Mapping[str, Decimal], unknown: list[str]
) -> Iterator[Recommendation]:
    if _JOBS in ledger.tables:
        yield from jobs.find(ledger, period, rates)
    else:
        unknown.append(f"jobs: there is no {ledger.catalog}.{_JOBS}")
    if _LINEAGE not in ledger.tables:
        unknown.append(f"unused tables: there is no {ledger.catalog}.{_LINEAGE}")
    elif (period.until - period.since).days < storage.LEAST_DAYS:
        unknown.append(f"unused tables: ask for {storage.LEAST_DAYS} days at least")
    else:
        yield from storage.find(ledger, period, rates)
