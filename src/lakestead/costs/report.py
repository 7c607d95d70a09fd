"""What a lakehouse cost in a period, told apart by team, warehouse or statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lakestead.client import Warehouse
from lakestead.costs.declared import Attribution, Prices
from lakestead.costs.dimensions import By, Dimension, dimension
from lakestead.costs.lines import Line, currency_of, list_money, money, rate_sql
from lakestead.costs.split import parts
from lakestead.costs.usage import Ledger, Period, ledgers

MOST_STATEMENTS = 100
OTHERS = "other statements"


@dataclass(frozen=True, slots=True)
class Share:
    """What one team, warehouse, statement, … cost.

    Args:
        name: whose it is; None for nobody's.
        cost: what it cost, idle time included.
        list_cost: what it would have cost by Databricks' list prices.
        idle: what of the cost is SQL warehouses' time without statements.
        dbus: the DBUs in it.
    """

    name: str | None
    cost: Decimal
    list_cost: Decimal
    idle: Decimal
    dbus: Decimal


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Usage for which there is no money: it is in no sum.

    Args:
        sku: what it is billed as.
        unit: what is counted.
        quantity: how much.
        reason: what is missing.
    """

    sku: str
    unit: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a period cost.

    Args:
        period: what counts.
        by: what is told apart.
        currency: of all money.
        shares: the costliest first; they sum up to `cost` exactly.
        cost: of everything with a price.
        list_cost: the same by Databricks' list prices.
        idle: what of the cost is SQL warehouses' time without statements; None if no query history is there.
        unpriced: what has no price.
    """

    period: Period
    by: By
    currency: str
    shares: Sequence[Share]
    cost: Decimal
    list_cost: Decimal
    idle: Decimal | None
    unpriced: Sequence[Unpriced]

    @property
    def coverage(self) -> Decimal | None:
        """The share of the cost that is somebody's, from 0 to 1; None if nothing cost anything."""
        if not self.cost:
            return None
        return sum((share.cost for share in self.shares if share.name is not None), Decimal(0)) / self.cost


@dataclass
class _Parts:
    """The lines of one name."""

    all: list[Line]
    idle: list[Line]


def read_report(
    warehouses: Sequence[Warehouse],
    period: Period,
    by: By = By.TEAM,
    *,
    attribution: Attribution | None = None,
    prices: Prices | None = None,
    catalog: str = "system",
    statements: int = MOST_STATEMENTS,
) -> Report:
    """Return what the period cost. The warehouses compute it; only the sums come back.

    Args:
        warehouses: one of each workspace; they may be of one account or of several.
        period: what counts.
        by: what is told apart.
        attribution: which tags say whose a cost is.
        prices: what the lists of prices do not have.
        catalog: of the system tables.
        statements: the most that are told apart, if `by` is that; the others are one share.

    Raises:
        ConfigError: when prices are in several currencies and no rates are declared.
        databricks.sql.Error: when a table cannot be read.
    """
    declared = prices or Prices()
    told = dimension(by, attribution or Attribution())
    found: dict[str | None, _Parts] = defaultdict(lambda: _Parts([], []))
    everything: list[Line] = []
    split = False
    for ledger in ledgers(warehouses, period, catalog, declared):
        lines = list(_usage(ledger, period, told))
        everything += [line for _, line in lines]
        works = _works(ledger, period, told, by, statements)
        split |= works is not None
        for pooled, line in lines:
            found[line.name].all.append(line)
            if pooled and works is not None:
                found[line.name].idle.append(line)
        for pool, line in works or ():
            found[pool].all.append(_negative(line))
            found[pool].idle.append(_negative(line))
            found[line.name].all.append(line)
    shares = [
        Share(name, money(its.all), list_money(its.all), money(its.idle), _dbus(its.all))
        for name, its in found.items()
    ]
    return Report(
        period,
        by,
        currency_of(everything, declared),
        sorted((share for share in shares if share.cost or share.dbus), key=_rank),
        money(everything),
        list_money(everything),
        sum((share.idle for share in shares), Decimal(0)) if split else None,
        _unpriced(everything),
    )


def _usage(ledger: Ledger, period: Period, told: Dimension) -> Iterable[tuple[bool, Line]]:
    """Yield the usage by name, and whether it is a SQL warehouse's."""
    rate, parameters = rate_sql(ledger.prices)
    rows = ledger.query(
        f"""SELECT pooled, name, sku_name, usage_unit, list_price, price, currency, rate,
            sum(usage_quantity) AS quantity
        FROM (SELECT *, warehouse_id IS NOT NULL AS pooled, {rate} AS rate,
                CASE WHEN warehouse_id IS NOT NULL THEN {told.warehouse} ELSE {told.usage} END AS name
            FROM priced)
        GROUP BY pooled, name, sku_name, usage_unit, list_price, price, currency, rate""",
        period,
        **told.parameters,
        **parameters,
    )
    return ((row["pooled"], Line.of(row)) for row in rows)


def _works(
    ledger: Ledger, period: Period, told: Dimension, by: By, most: int
) -> list[tuple[str | None, Line]] | None:
    """Return what statements used, by their warehouses' name and theirs; None if there is no history."""
    if "query.history" not in ledger.tables:
        return None
    rate, parameters = rate_sql(ledger.prices)
    given = {**told.parameters, **parameters}

    def read(text: str) -> list[tuple[str | None, Line]]:
        return [(row["pool"], Line.of(row)) for row in ledger.query(text, period, **given)]

    if by is not By.STATEMENT:
        return read(parts(ledger, told, rate))
    costliest = "ORDER BY CAST(quantity AS DOUBLE) * CAST(coalesce(price, 0) AS DOUBLE) DESC, name"
    shown = read(f"{parts(ledger, told, rate)} {costliest} LIMIT {int(most)}")
    others = read(parts(ledger, told, rate, f"'{OTHERS}'"))
    return [*shown, *others, *((pool, _negative(line, OTHERS)) for pool, line in shown)]


def _negative(line: Line, name: str | None = None) -> Line:
    return replace(line, name=name or line.name, quantity=-line.quantity)


def _dbus(lines: Iterable[Line]) -> Decimal:
    return sum((line.quantity for line in lines if line.unit == "DBU"), Decimal(0))


def _unpriced(lines: Iterable[Line]) -> list[Unpriced]:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.why_unpriced is not None:
            sums[line.sku, line.unit, line.why_unpriced] += line.quantity
    return [Unpriced(sku, unit, quantity, why) for (sku, unit, why), quantity in sorted(sums.items())]


def _rank(share: Share) -> tuple[Decimal, str]:
    return -share.cost, share.name or ""
