"""What a lakehouse cost in a period, told apart by team, warehouse or statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from lakestead.client import Warehouse
from lakestead.client.workspaces import named_workspaces
from lakestead.core.errors import ConfigError
from lakestead.costs.declared import Attribution, Prices
from lakestead.costs.dimensions import By, Dimension, dimension, untagged
from lakestead.costs.labels import read_labels
from lakestead.costs.lines import Line, currency_of, list_money, money, rate_sql, total
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
        label: what people call it, if that is known.
    """

    name: str | None
    cost: Decimal
    list_cost: Decimal
    idle: Decimal
    dbus: Decimal
    label: str | None = None


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
        return total(share.cost for share in self.shares if share.name is not None) / self.cost


@dataclass
class _Parts:
    """The lines of one name."""

    all: list[Line] = field(default_factory=list)
    idle: list[Line] = field(default_factory=list)

    def add(self, line: Line, *, idle: bool = False) -> None:
        self.all.append(line)
        if idle:
            self.idle.append(line)


def read_report(
    warehouses: Sequence[Warehouse] | None,
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
        warehouses: one of each workspace; they may be of one account or of several. None for those of the
            workspaces that `configure_unity_catalog_governance(enable_unified_cost_reporting=True)` named.
        period: what counts.
        by: what is told apart.
        attribution: which tags say whose a cost is.
        prices: what the lists of prices do not have.
        catalog: of the system tables.
        statements: the most that are told apart, if `by` is that; the others are one share.

    Raises:
        ConfigError: when prices are in several currencies and no rates are declared, or nobody named a
            workspace.
        databricks.sql.Error: when a table cannot be read.
    """
    declared = prices or Prices()
    books = ledgers(_named() if warehouses is None else warehouses, period, catalog, declared)
    told = dimension(by, attribution or Attribution())
    report = _read(books, period, by, told, statements, declared)
    labels = read_labels(books, by, [share.name for share in report.shares if share.name])
    labelled = [replace(share, label=labels.get(share.name or "")) for share in report.shares]
    return replace(report, shares=labelled)


def _named() -> list[Warehouse]:
    known = named_workspaces().for_costs()
    if not known:
        raise ConfigError(
            "no workspace is named for the account of costs: configure one, or give its warehouse"
        )
    return [Warehouse(one.profile) for one in known]


def read_untagged(
    warehouses: Sequence[Warehouse],
    period: Period,
    by: By = By.TEAM,
    *,
    attribution: Attribution | None = None,
    prices: Prices | None = None,
    catalog: str = "system",
) -> Report:
    """Return what is nobody's, by product and resource; one share, named `TAGGED`, is all the rest.

    Of a SQL warehouse without tags, what its statements' own tags claim is not nobody's.

    Args:
        warehouses: and the others: as in `read_report`.
        by: the team, project, cost center or environment that is missing.

    Raises:
        ConfigError: when `by` is nothing that tags say; and as `read_report`.
        databricks.sql.Error: when a table cannot be read.
    """
    if not by.owner:
        raise ConfigError(f"no tags say the {by.value}: ask for team, project, cost_center or environment")
    declared = prices or Prices()
    books = ledgers(warehouses, period, catalog, declared)
    return _read(books, period, by, untagged(by, attribution or Attribution()), 0, declared)


def _read(
    books: Sequence[Ledger], period: Period, by: By, told: Dimension, statements: int, declared: Prices
) -> Report:
    found: dict[str | None, _Parts] = defaultdict(_Parts)
    everything: list[Line] = []
    split = False
    for ledger in books:
        works = _works(ledger, period, told, by, statements)
        split |= works is not None
        for pooled, line in _usage(ledger, period, told):
            everything.append(line)
            found[line.name].add(line, idle=pooled and works is not None)
        for pool, line in works or ():
            found[pool].add(_negative(line), idle=True)
            found[line.name].add(line)
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
        total(share.idle for share in shares) if split else None,
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
    given: dict[str, Any] = {**told.parameters, **parameters}
    named = None
    if by is By.STATEMENT:
        given["shown"] = _costliest(ledger, period, parts(ledger, told, rate), most, given)
        named = f"CASE WHEN array_contains(:shown, statement_id) THEN statement_id ELSE '{OTHERS}' END"
    rows = ledger.query(f"{parts(ledger, told, rate, named)} SELECT * FROM split", period, **given)
    return [(row["pool"], Line.of(row)) for row in rows]


def _costliest(ledger: Ledger, period: Period, split: str, most: int, given: dict[str, Any]) -> list[str]:
    """Return the statements that cost most; a first pass, so that the others never leave the warehouse."""
    money = "sum(CAST(quantity AS DOUBLE) * CAST(coalesce(price, 0) AS DOUBLE))"
    sums = f"SELECT name, {money} AS money FROM split GROUP BY name"
    query = f"{split} SELECT name FROM ({sums}) ORDER BY money DESC, name LIMIT {int(most)}"
    return [row["name"] for row in ledger.query(query, period, **given)] or [""]


def _negative(line: Line) -> Line:
    return replace(line, quantity=-line.quantity)


def _dbus(lines: Iterable[Line]) -> Decimal:
    return total(line.quantity for line in lines if line.unit == "DBU")


def _unpriced(lines: Iterable[Line]) -> list[Unpriced]:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.why_unpriced is not None:
            sums[line.sku, line.unit, line.why_unpriced] += line.quantity
    return [Unpriced(sku, unit, quantity, why) for (sku, unit, why), quantity in sorted(sums.items())]


def _rank(share: Share) -> tuple[Decimal, str]:
    return -share.cost, share.name or ""
